from gharial.cluster.environment import prepare_environment
from gharial.options.cluster_address import parse_cluster


def prepared(text, **given):
    prepare_environment(parse_cluster(text), given)
    return given


def test_a_local_cluster_has_a_secret_of_its_own():
    first, second = prepared("local"), prepared("local", RAY_AUTH_TOKEN="theirs")
    assert first["RAY_AUTH_MODE"] == "token"
    assert len(first["RAY_AUTH_TOKEN"]) == 64
    assert second["RAY_AUTH_TOKEN"] not in ("theirs", first["RAY_AUTH_TOKEN"])


def test_a_token_is_of_use_only_with_the_mode():
    assert prepared("auto", RAY_AUTH_TOKEN="x")["RAY_AUTH_MODE"] == "token"
    assert prepared("auto", RAY_AUTH_TOKEN_PATH="x")["RAY_AUTH_MODE"] == "token"
    own = prepared("auto", RAY_AUTH_TOKEN="x", RAY_AUTH_MODE="disabled")
    assert own["RAY_AUTH_MODE"] == "disabled"


def test_nothing_is_reported_to_anybody_unless_the_user_wants_it():
    assert prepared("auto")["RAY_USAGE_STATS_ENABLED"] == "0"
    assert (
        prepared("auto", RAY_USAGE_STATS_ENABLED="1")["RAY_USAGE_STATS_ENABLED"] == "1"
    )


def test_workers_of_a_local_cluster_have_the_priority_of_any_program():
    assert prepared("local")["RAY_worker_niceness"] == "0"
    assert prepared("local", RAY_worker_niceness="5")["RAY_worker_niceness"] == "5"
