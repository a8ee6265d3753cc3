"""The files for containers, as far as they can be checked without any."""

import re
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[3]
# The fields of a RayCluster that KubeRay knows: `ray-operator/apis/ray/v1/
# raycluster_types.go`, of which no package has a schema.
CLUSTER_FIELDS = {"autoscalerOptions", "enableInTreeAutoscaling", "suspend"} | {
    "headGroupSpec",
    "headServiceAnnotations",
    "rayVersion",
    "workerGroupSpecs",
}
HEAD_FIELDS = {"enableIngress", "headService", "serviceType"} | {
    "rayStartParams",
    "template",
}
WORKER_FIELDS = {"numOfHosts", "replicas", "scaleStrategy"} | {
    "groupName",
    "maxReplicas",
    "minReplicas",
    "rayStartParams",
    "template",
}
WORKER_NEEDS = {
    "groupName",
    "maxReplicas",
    "minReplicas",
    "rayStartParams",
    "template",
}


def ray_cluster() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        (ROOT / "deploy/kuberay.yaml").read_text("utf-8")
    )
    return found


def test_the_cluster_has_the_fields_that_the_operator_knows_and_needs() -> None:
    spec = ray_cluster()["spec"]
    assert {"headGroupSpec"} <= set(spec) <= CLUSTER_FIELDS
    assert {"rayStartParams", "template"} <= set(spec["headGroupSpec"]) <= HEAD_FIELDS
    for group in spec["workerGroupSpecs"]:
        assert WORKER_NEEDS <= set(group) <= WORKER_FIELDS
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        for value in group["rayStartParams"].values():
            assert isinstance(value, str)


def test_its_pods_are_as_the_schema_of_kubernetes_has_them() -> None:
    validate = pytest.importorskip("kubernetes_validate").validate
    spec = ray_cluster()["spec"]
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ray"}}
        assert validate(pod | group["template"], "1.34", strict=True) == "1.34"


def test_the_cluster_of_pods_runs_the_version_of_ray_that_we_need():
    cluster = yaml.safe_load((ROOT / "deploy/kuberay.yaml").read_text("utf-8"))
    assert (cluster["apiVersion"], cluster["kind"]) == ("ray.io/v1", "RayCluster")
    needed = re.search(
        r'ray = \["ray>=(\d+\.\d+),', (ROOT / "pyproject.toml").read_text()
    )
    assert needed is not None
    assert cluster["spec"]["rayVersion"].startswith(f"{needed[1]}.")
    pods = [
        cluster["spec"]["headGroupSpec"]["template"],
        *(group["template"] for group in cluster["spec"]["workerGroupSpecs"]),
    ]
    images = {c["image"] for pod in pods for c in pod["spec"]["containers"]}
    assert len(images) == 1


def test_pods_are_probed_where_ray_without_its_dashboard_listens():
    spec = yaml.safe_load((ROOT / "deploy/kuberay.yaml").read_text("utf-8"))["spec"]
    for group in [spec["headGroupSpec"], *spec["workerGroupSpecs"]]:
        ports = {6379} if group is spec["headGroupSpec"] else set()
        ports.add(int(group["rayStartParams"]["node-manager-port"]))
        for container in group["template"]["spec"]["containers"]:
            for probe in ("readinessProbe", "livenessProbe"):
                assert container[probe]["tcpSocket"]["port"] in ports


def test_the_image_is_run_by_a_user_without_rights_and_can_have_ray():
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    # By its number: Kubernetes cannot tell who a name is.
    assert [line for line in lines if line.startswith("USER ")] == ["USER 1000"]
    assert any("${EXTRAS:+[$EXTRAS]}" in line for line in lines)
