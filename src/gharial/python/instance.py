"""The script as one virtual user has it."""

import asyncio
import contextvars
import copy
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, ClassVar

from gharial.errors import GharialError
from gharial.python.current import CURRENT, IterationInterrupted
from gharial.python.exports import ExportedFunctions
from gharial.python.failures import script_error
from gharial.python.sockets import VuSocketEnvironment
from gharial.python.sources import Sources
from gharial.python.tasks import OwnedTasks, own_tasks
from gharial.python.websocket.environment import ENVIRONMENT
from gharial.virtual_user.script import (
    ScriptError,
    ScriptInterruptedError,
    TestAbortedError,
)
from gharial.virtual_user.virtual_user import VirtualUser


class PythonInstance:
    """
    A Python script with modules, tasks and random numbers of its own.

    Attributes:
        user: Whose it is.
        modules: Its copies of the script's modules.
        context: What the API finds it by.
        tasks: Its ``asyncio`` tasks.
        environment: ``env`` of the present iteration.
        is_starting: Whether its top level, or what that started, is running.
        thread: The thread that it runs in.
        unfinished_line: What was printed since the last end of a line.

    """

    # Python has no jobs of its own between two tasks.
    checkpoint: ClassVar[None] = None

    __slots__ = (
        "_arguments",
        "_arguments_given",
        "_functions",
        "_random",
        "_sources",
        "context",
        "environment",
        "is_starting",
        "modules",
        "tasks",
        "thread",
        "unfinished_line",
        "user",
    )

    def __init__(
        self, sources: Sources, functions: ExportedFunctions, user: VirtualUser
    ) -> None:
        self._sources = sources
        self._functions = functions
        self.user = user
        self.is_starting = False
        self.unfinished_line = ""
        self.thread = threading.get_ident()
        self._random: Random | None = None
        self._arguments: tuple[Any, ...] = ()
        self._arguments_given: tuple[Any, ...] = ()
        self.context = contextvars.Context()
        self.context.run(CURRENT.set, self)
        self.tasks = OwnedTasks(user, self.context, sources.files, self.report)
        self.context.run(ENVIRONMENT.set, VuSocketEnvironment(self, self.tasks))
        self.modules = sources.modules(f"vu{user.id}")
        self.environment: dict[str, str] = dict(user.services.run.environment)
        user.loop.context = self.context
        own_tasks(user.services.event_loop)

    def start(self) -> None:
        """
        Run the module's top level.

        Raises:
            ScriptError: If it throws.
            TestAbortedError: If it asks for the end of the test.

        """
        self.is_starting = True
        try:
            self.modules.execute()
        except BaseException as error:
            raise self.failure(error) from error

    def finish_start(self) -> None:
        """From now on the virtual user is past its top level."""
        self.is_starting = False
        # Not before: what the top level imports is known only now.
        self.user.loop.may_block = self._sources.may_block()

    def call(
        self,
        export: str,
        arguments: tuple[Any, ...],
        on_result: Callable[[Any], None] | None = None,
        on_settled: Callable[[], None] | None = None,
    ) -> None:
        """
        Call a public function with as many of the arguments as it takes.

        A coroutine that it returns runs as a task of the virtual user.

        Raises:
            ScriptError: If it throws at once.
            ScriptInterruptedError: If the VU was interrupted meanwhile.

        """
        try:
            own = self._own_copy(arguments)
            result = self._functions.call(self.modules.main, export, own)
        except BaseException as error:
            raise self.failure(error) from error
        if on_settled is not None:
            if inspect.isawaitable(result):
                self.tasks.start(_settle(result, on_settled))
            else:
                on_settled()
        elif result is None:
            return
        elif on_result is None:
            self.run_if_awaitable(result)
        elif inspect.isawaitable(result):
            self.tasks.start(_deliver(result, on_result))
        else:
            on_result(result)

    def _own_copy(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return this VU's copy of the arguments, made once for the same ones."""
        if arguments is not self._arguments_given:
            self._arguments_given = arguments
            self._arguments = copy.deepcopy(arguments)
        return self._arguments

    def call_back(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Call a callback of the script's; what it raises is reported."""
        try:
            result = callback(*arguments)
        except BaseException as error:
            self.report(error)
        else:
            if result is not None:
                self.run_if_awaitable(result)

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Own a task that the script's code started."""
        self.tasks.adopt(task)

    def run_if_awaitable(self, result: object) -> None:
        """Run what an ``async`` function returned as a task of the virtual user."""
        if inspect.isawaitable(result):
            self.tasks.start(result)

    def begin_iteration(self, iteration: int, environment: Mapping[str, str]) -> None:
        """Set ``env``; nothing that earlier iterations left unfinished counts on."""
        self.environment = dict(environment)
        self.unfinished_line = ""
        self.tasks.forget_failures()

    def place_of(self, callback: Any) -> str:
        """Return the name of a function of the script's, and where it was written."""
        function = inspect.unwrap(getattr(callback, "__func__", callback))
        code = getattr(function, "__code__", None)
        if code is None:
            return getattr(function, "__qualname__", "")
        name = code.co_qualname.replace("<locals>.", "")
        return f"{name} ({code.co_filename}:{code.co_firstlineno})"

    def interrupt(self) -> None:
        """Do nothing: a blocking call raises, and tasks are cancelled like sockets."""

    def recover(self) -> None:
        """Do nothing: an interruption leaves no mark."""

    def close(self) -> None:
        """Let go of the modules."""
        self.modules.close()

    def log(self, level: int, text: str) -> None:
        """Log a line of the script's, from any thread."""
        if threading.get_ident() == self.thread:
            self.user.log(level, text)
        else:
            loop = self.user.services.event_loop
            loop.call_soon_threadsafe(self.user.log, level, text)

    def report(self, error: BaseException) -> None:
        """Let the present iteration fail because of what script code raised."""
        self.user.report(self.failure(error))

    def failure(self, error: BaseException) -> BaseException:
        """Return what script code raised in the terms of the ports."""
        if isinstance(error, IterationInterrupted):
            return ScriptInterruptedError()
        if isinstance(error, (ScriptError, ScriptInterruptedError, TestAbortedError)):
            return error
        return script_error(error, self._sources.files)

    def translate(self, error: BaseException) -> BaseException:
        """Return an error that a task raised; as it is, where no script code is in it."""
        failure = self.failure(error)
        if isinstance(failure, ScriptError) and not failure.stack:
            return failure if isinstance(error, GharialError) else error
        return failure

    @property
    def random(self) -> Random:
        """The virtual user's own generator of random numbers."""
        if self._random is None:
            self._random = Random()
            seed = self.user.services.settings.random_seed
            if seed is not None:
                # One seed for the run, and yet no two virtual users alike.
                self._random.seed(f"{seed}/{self.user.id}")
        return self._random


async def _deliver(result: Awaitable[object], on_result: Callable[[Any], None]) -> None:
    value = await result
    if value is not None:
        on_result(value)


async def _settle(result: Awaitable[object], on_settled: Callable[[], None]) -> None:
    try:
        await result
    finally:
        on_settled()
