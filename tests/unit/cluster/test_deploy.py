"""The files for containers, as far as they can be checked without any."""

import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[3]


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


def test_the_image_is_run_by_a_user_without_rights_and_has_ray():
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert any(line.startswith("USER gharial") for line in lines)
    assert any('".[ray]"' in line for line in lines)
