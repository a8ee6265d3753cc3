from typing import Any

import pytest

import gharial
from gharial.python.current import OutsideScriptError
from gharial.virtual_user.context import ScenarioContext
from gharial.virtual_user.iteration import IterationOutcome
from gharial.virtual_user.virtual_user import VirtualUser


def test_vu_tells_which_one_runs(world: Any) -> None:
    world.iterate(
        """
        from gharial import execution, log, vu
        def default():
            log(vu.id, vu.iteration, vu.iteration_in_scenario, vu, execution.vu is vu)
        """,
        users=2,
        times=2,
    )
    assert world.texts() == [
        "1 0 0 <virtual user 1> True",
        "2 0 0 <virtual user 2> True",
        "1 1 1 <virtual user 1> True",
        "2 1 1 <virtual user 2> True",
    ]


def test_vu_is_the_api_also_where_the_room_of_that_name_is_loaded() -> None:
    import gharial.virtual_user.loop
    from gharial.python.execution import vu

    assert gharial.vu is vu


def test_tags_behave_as_a_mapping_and_stay_with_the_scenario(world: Any) -> None:
    world.iterate(
        """
        from gharial import log, vu
        def default():
            log(dict(vu.tags))
            vu.tags["room"] = 5
            vu.tags.update(new=True)
            log(len(vu.tags), "room" in vu.tags, vu.tags.get("x"))
            del vu.tags["room"]
            log(vu.tags)
        """,
        times=2,
    )
    system = {"group": "", "scenario": "default"}
    present = {"group": "", "new": "true", "scenario": "default"}
    assert world.texts() == [
        *(str(system), "4 True None", str(present)),
        *(str(present), "4 True None", str(present)),
    ]


def test_metadata_behaves_as_a_mapping_and_stays_with_the_scenario(world: Any) -> None:
    world.iterate(
        """
        from gharial import log, vu
        def default():
            log(vu.metadata)
            vu.metadata["trace"] = 5
            vu.metadata.update(new=True)
            log(vu.metadata["trace"], len(vu.metadata), "x" in vu.metadata)
            del vu.metadata["trace"]
            try:
                del vu.metadata["trace"]
            except KeyError as error:
                log(error)
        """,
        times=2,
    )
    assert world.texts() == [
        *("{}", "5 2 False", "'trace'"),
        *("{'new': 'true'}", "5 2 False", "'trace'"),
    ]


def test_a_missing_tag_is_a_key_error(world: Any) -> None:
    world.iterate("from gharial import vu\ndef default(): vu.tags['x']")
    assert world.texts()[0].startswith("KeyError: 'x'")


def test_execution_tells_of_the_scenario_the_instance_and_the_test(world: Any) -> None:
    world.scenario = ScenarioContext(
        "chatting", "shared-iterations", 5.0, progress=lambda: 0.25
    )
    world.run_context.options = {"vus": 3}
    world.run_context.iterations_completed = 7
    world.run_context.vus_active = 2
    world.iterate(
        """
        from gharial import execution as e, log
        def default():
            s, i = e.scenario, e.instance
            log(s.name, s.executor, s.start_time, s.progress, s.iteration_in_test)
            log(s.iteration_in_instance, i.iterations_completed)
            log(i.iterations_interrupted, i.vus_active, i.vus_initialized)
            log(e.test.options["vus"], i.current_test_run_duration_ms >= 0)
        """
    )
    assert world.texts() == [
        "chatting shared-iterations 1000005.0 0.25 0",
        "0 7",
        "0 2 0",
        "3 True",
    ]


def test_options_cannot_be_changed(world: Any) -> None:
    world.iterate(
        "from gharial import execution\n"
        "def default(): execution.test.options['vus'] = 1"
    )
    assert world.texts()[0].startswith("TypeError: 'mappingproxy' object does not")


def test_abort_ends_the_test_and_this_code_at_once(world: Any) -> None:
    aborted: list[str] = []
    world.run_context.abort = aborted.append
    outcomes = world.iterate(
        """
        from gharial import execution, log
        def default():
            try:
                execution.test.abort("enough")
            except Exception:
                log("caught")
            log("after")
        """
    )
    assert outcomes == [IterationOutcome.INTERRUPTED]
    assert (aborted, world.texts()) == (["enough"], [])


def test_fail_marks_the_test_and_goes_on(world: Any) -> None:
    marked: list[str] = []
    world.run_context.mark_failed = marked.append
    outcomes = world.iterate(
        """
        from gharial import execution, log
        def default():
            execution.test.fail("bad")
            log("after")
        """
    )
    assert outcomes == [IterationOutcome.COMPLETED]
    assert (marked, world.texts()) == (["bad"], ["bad", "after"])


def test_without_a_scenario_there_is_none_to_ask_for(world: Any) -> None:
    host = world.host(
        "from gharial import execution\ndef setup(): execution.scenario.name"
    )

    async def main() -> str:
        user = VirtualUser(0, host, world.services())
        await user.start()
        with pytest.raises(Exception, match="no scenario is running") as caught:
            await user.call("setup")
        user.close()
        return str(caught.value)

    assert world.run(main).startswith("NoScenarioError: there is no execution.scenario")


def test_env_is_a_mapping_that_each_vu_may_change_for_an_iteration(world: Any) -> None:
    world.environment["ROOM"] = "lobby"
    world.scenario = ScenarioContext("s", "e", 0.0, environment={"NAME": "bob"})
    world.iterate(
        """
        from gharial import env, log
        def default():
            log(env["ROOM"], env.get("NAME"), env.get("NOTHING"), sorted(env), len(env))
            env["ROOM"] = "changed"
            del env["NAME"]
            log(env["ROOM"], "NAME" in env, env)
        """,
        times=2,
    )
    assert (
        world.texts()
        == [
            "lobby bob None ['NAME', 'ROOM'] 2",
            "changed False gharial.env",
        ]
        * 2
    )


def test_outside_of_a_run_there_is_nothing_to_tell() -> None:
    for ask in (lambda: gharial.vu.id, lambda: gharial.env["X"]):
        with pytest.raises(OutsideScriptError, match="works only in a script"):
            ask()
