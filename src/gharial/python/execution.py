"""What a script can read and change of its run: ``vu``, ``execution``, ``env``."""

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from gharial.errors import GharialError
from gharial.python.checks import TagValue, tag_texts
from gharial.python.current import (
    IterationInterrupted,
    running_instance,
    running_user,
)
from gharial.virtual_user.script import TestAbortedError

if TYPE_CHECKING:
    from gharial.virtual_user.context import RunContext, ScenarioContext


class NoScenarioError(GharialError):
    """
    A script asked for its scenario where there is none: in setup or teardown.

    Attributes:
        what: What was asked for, as the script writes it.

    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"there is no {self.what} here: no scenario is running"


class Environment(MutableMapping[str, str]):
    """
    The environment variables of the test, as a mapping of strings.

    They come from ``-e NAME=value``, from the process and, for the scenario that runs,
    from its ``env``. Changes are seen by this virtual user only, until its iteration
    ends.

    Example::

        from gharial import env

        url = env.get("URL", "ws://localhost:8080")
    """

    __slots__ = ()

    def __getitem__(self, name: str) -> str:
        return _environment()[name]

    def __setitem__(self, name: str, value: str) -> None:
        _environment()[name] = value

    def __delitem__(self, name: str) -> None:
        del _environment()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_environment())

    def __len__(self) -> int:
        return len(_environment())

    def __repr__(self) -> str:
        # Not its contents: they may hold secrets.
        return "gharial.env"


class Tags(MutableMapping[str, str]):
    """
    The tags of everything that this virtual user measures from now on.

    Those of run, scenario and group are among them. They last as long as it works for
    its scenario, over all its iterations. Numbers and booleans are taken as text.
    Sockets keep the tags that were set when they were made.

    Example::

        from gharial import vu

        vu.tags["room"] = "lobby"
    """

    __slots__ = ()

    def __getitem__(self, name: str) -> str:
        value = running_user("vu.tags").tags.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: TagValue) -> None:
        running_user("vu.tags").own_tags.set(name, tag_texts({name: value})[name])

    def __delitem__(self, name: str) -> None:
        user = running_user("vu.tags")
        if user.tags.get(name) is None:
            raise KeyError(name)
        user.own_tags.set(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(running_user("vu.tags").tags.items))

    def __len__(self) -> int:
        return len(running_user("vu.tags").tags)

    def __repr__(self) -> str:
        return repr(dict(running_user("vu.tags").tags.items))


class Metadata(MutableMapping[str, str]):
    """
    What ``--out json`` and ``--out csv`` write in addition to the tags of each value.

    It may be different for each value, such as the number of a trace: no series is made
    of it, and no threshold can ask for it. It lasts as long as tags do.

    Example::

        from gharial import vu

        vu.metadata["trace_id"] = trace_id
    """

    __slots__ = ()

    def __getitem__(self, name: str) -> str:
        return running_user("vu.metadata").own_tags.metadata[name]

    def __setitem__(self, name: str, value: TagValue) -> None:
        text = tag_texts({name: value})[name]
        running_user("vu.metadata").own_tags.set_metadata(name, text)

    def __delitem__(self, name: str) -> None:
        own_tags = running_user("vu.metadata").own_tags
        if name not in own_tags.metadata:
            raise KeyError(name)
        own_tags.set_metadata(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(running_user("vu.metadata").own_tags.metadata))

    def __len__(self) -> int:
        return len(running_user("vu.metadata").own_tags.metadata)

    def __repr__(self) -> str:
        return repr(dict(running_user("vu.metadata").own_tags.metadata))


class Vu:
    """
    The virtual user that runs this code.

    Attributes:
        tags: Tags for all that it measures; a mapping that can be changed.
        metadata: What goes with each single value to outputs; a mapping that can be
            changed.

    """

    __slots__ = ("metadata", "tags")

    def __init__(self) -> None:
        self.tags = Tags()
        self.metadata = Metadata()

    @property
    def id(self) -> int:
        """Its number, from 1; 0 at the top level, in set-up and in tear-down."""
        return running_instance("vu.id").user.id

    @property
    def iteration(self) -> int:
        """How many iterations it began before this one, in all scenarios."""
        return running_user("vu.iteration").numbers.of_user

    @property
    def iteration_in_scenario(self) -> int:
        """How many iterations it began before this one, in this scenario."""
        user = running_user("vu.iteration_in_scenario")
        return user.numbers.of_user_in_scenario

    @property
    def random(self) -> Random:
        """
        Its own generator of random numbers.

        With the option ``randomSeed``, or after :func:`random_seed`, it gives the same
        numbers in each run. The functions of the module ``random`` share one generator
        among all virtual users.
        """
        return running_instance("vu.random").random

    def __repr__(self) -> str:
        return f"<virtual user {self.id}>"


class Scenario:
    """The scenario that this virtual user works for."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name."""
        return _scenario("name").name

    @property
    def executor(self) -> str:
        """The name of its executor, such as ``constant-vus``."""
        return _scenario("executor").executor

    @property
    def start_time(self) -> float:
        """When it began, in seconds since the Unix epoch, as ``time.time()`` has it."""
        started_at_s = _scenario("start_time").started_at_s
        clock = running_user("execution.scenario.start_time").services.clock
        return clock.epoch_ms(started_at_s) / 1000.0

    @property
    def progress(self) -> float:
        """How much of it is done, from 0 to 1."""
        return _scenario("progress").progress()

    @property
    def iteration_in_test(self) -> int:
        """The number of this iteration among all of the scenario, from 0."""
        user = running_user("execution.scenario.iteration_in_test")
        return user.numbers.in_test

    @property
    def iteration_in_instance(self) -> int:
        """The same, among those of this process."""
        user = running_user("execution.scenario.iteration_in_instance")
        return user.numbers.in_instance


class Instance:
    """The part of the run that this process has done."""

    __slots__ = ()

    @property
    def current_test_run_duration_ms(self) -> float:
        """How long the test has been running, in milliseconds."""
        user = running_user("execution.instance.current_test_run_duration_ms")
        return (user.now_s - user.services.run.started_at_s) * 1000.0

    @property
    def iterations_completed(self) -> int:
        """How many iterations have ended by themselves."""
        return _run("instance.iterations_completed").iterations_completed

    @property
    def iterations_interrupted(self) -> int:
        """How many iterations were cut off."""
        return _run("instance.iterations_interrupted").iterations_interrupted

    @property
    def vus_active(self) -> int:
        """How many virtual users work for a scenario now."""
        return _run("instance.vus_active").vus_active

    @property
    def vus_initialized(self) -> int:
        """How many virtual users there are."""
        return _run("instance.vus_initialized").vus_initialized


class Test:
    """The whole test."""

    __slots__ = ()
    __test__ = False

    @property
    def options(self) -> Mapping[str, Any]:
        """The options that hold in this run, under k6's names; read-only."""
        return MappingProxyType(dict(_run("test.options").options))

    def abort(self, message: str = "") -> NoReturn:
        """
        End the whole test at once, with a reason; the process exits with 108.

        Iterations are interrupted. Tear-down and the summary still happen.
        """
        user = running_instance("execution.test.abort()").user
        user.report(TestAbortedError(message))
        raise IterationInterrupted

    def fail(self, message: str = "") -> None:
        """
        Let the test count as failed, with a reason that is logged; it runs on.

        The process exits with 110.
        """
        user = running_user("execution.test.fail()")
        user.log(logging.ERROR, message or "the script marked the test as failed")
        user.services.run.mark_failed(message)


class Execution:
    """
    Information about the run; the same as ``k6/execution`` in JavaScript.

    Attributes:
        scenario: The scenario that this virtual user works for.
        instance: This process.
        test: The whole test, with ``abort()`` and ``fail()``.
        vu: The virtual user that runs this code.

    """

    __slots__ = ("instance", "scenario", "test", "vu")

    def __init__(self, vu: Vu) -> None:
        self.scenario = Scenario()
        self.instance = Instance()
        self.test = Test()
        self.vu = vu


env = Environment()
vu = Vu()
execution = Execution(vu)


def _environment() -> dict[str, str]:
    return running_instance("env").environment


def _run(what: str) -> "RunContext":
    return running_user(f"execution.{what}").services.run


def _scenario(what: str) -> "ScenarioContext":
    what = f"execution.scenario.{what}"
    scenario = running_user(what).scenario
    if scenario is None:
        raise NoScenarioError(what)
    return scenario
