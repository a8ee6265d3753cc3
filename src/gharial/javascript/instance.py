"""A script in JavaScript as one virtual user has it."""

import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gharial.engine.port import JsContext
from gharial.errors import ConfigurationError
from gharial.javascript.cookie_jars import CookieJars
from gharial.javascript.host_functions import HostFunctions
from gharial.javascript.secrets import secret
from gharial.javascript.shared_arrays import SharedArrays
from gharial.javascript.sockets import SocketBridge
from gharial.timing import format_duration
from gharial.virtual_user.script import (
    ScriptError,
    ScriptInterruptedError,
    ScriptLimitError,
    TestAbortedError,
)
from gharial.virtual_user.timers import TooManyTimersError
from gharial.virtual_user.virtual_user import VirtualUser

if TYPE_CHECKING:
    from gharial.javascript.host import JavaScriptHost

# What the engine throws at the limit of its heap.
OUT_OF_MEMORY = "InternalError: out of memory"
# What it throws where it was told to stop.
INTERRUPTED = "InternalError: interrupted"
# Frames of our own runtime and of the engine tell a user nothing.
_OUR_FRAME = re.compile(r"\(?gharial:|\(native\)|^\s*at [^(:]*$")
# Loaded into every global object, in this order; the rest is loaded when it is touched.
_RUNTIME = ("bootstrap", "lazy", "web_idl", "expose", "events", "websocket")
_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "log": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


class JavaScriptInstance:
    """
    One VU's global object, and the bridge between it and the VU.

    Attributes:
        user: The virtual user.
        context: The global object.
        internal: The object that our runtime keeps its own things in.
        is_interrupted: Whether script code is to end as soon as possible.
        ran_too_long: Whether the watchdog stopped a task that did not end.
        exceeded_bytes: The limit of memory for which it stopped one, else 0.
        may_block: Whether script code may suspend this VU.
        has_started: Whether the top level came to its end.

    """

    def __init__(
        self, host: "JavaScriptHost", user: VirtualUser, context: JsContext
    ) -> None:
        self._host = host
        self.user: VirtualUser = user
        self.may_block: bool = True
        self.context: JsContext = context
        self.is_interrupted: bool = False
        self.ran_too_long = False
        self.exceeded_bytes = 0
        self.has_started = False
        self._has_broken_limit = False
        self._start_error: Exception | None = None
        self._arguments_key: tuple[Any, ...] | None = None
        self._abort_message: str | None = None
        self._on_settled: Callable[[], None] = _nothing
        context.set_module_loader(host.module_source)
        context.on_rejected = self._rejected
        context.on_over_limit = self._took_too_much
        self.internal = context.new_object()
        self.jars: CookieJars = CookieJars(user, context)
        self.sockets: SocketBridge = SocketBridge(
            user, self.internal, self.jars, self.context
        )
        self._functions = HostFunctions(self)
        self.internal.set("hostFunction", self._functions.find)
        self.internal.set("lazyGlobals", host.lazy_globals)
        self.internal.set("eventGetter", context.event_getters())
        for name in _RUNTIME:
            self.load_runtime(name)
        self.sockets.bind()
        self._set_iteration = self.internal.get("setIteration")
        self._run_timer = self.internal.get("runTimer")
        self._call = self.internal.get("call")
        environment = user.services.run.environment
        self.internal.get("setUser")(user.id, host.environment_text(environment))
        if user.services.settings.random_seed is not None:
            # Spread the seeds: neighbours must not draw neighbouring numbers.
            self._of_part("seeded_random", "seedRandom")(
                (user.services.settings.random_seed + user.id * 0x9E3779B1) & 0x7FFFFFFF
            )

    # -- What the virtual user does with its script --------------------------------

    def start(self) -> None:
        """Begin to run the module's top level."""
        self.internal.get("start")(self._host.entry_name)

    def finish_start(self) -> None:
        """
        Check that the top level came to its end.

        Raises:
            ScriptError: If it threw, or waits for what will not come.

        """
        if self._start_error is not None:
            raise self._start_error
        if not self.has_started:
            raise ScriptError(
                "the script's top-level await waits for a promise that nothing settles",
                f"    at {self._host.entry_name}",
            )

    def describe_exports(self) -> dict[str, Any]:
        """
        Return ``functions`` (names) and ``options`` (plain data) of the script.

        Raises:
            ConfigurationError: If its options are no object of data.

        """
        try:
            text = self._of_part("stages", "describeExports")()
        except Exception as error:
            translated = self.translate(error)
            if translated is error:
                raise
            raise ConfigurationError(
                f"the script's options cannot be read as data: {translated}"
            ) from None
        try:
            described: dict[str, Any] = json.loads(text)
        except RecursionError:
            raise ConfigurationError(
                "the script's options cannot be read as data: they are nested too deeply"
            ) from None
        kind = described["kindOfOptions"]
        if kind != "object":
            raise ConfigurationError(
                f"the script's options must be an object, such as {{ vus: 10 }}, not "
                f"{'an' if kind == 'array' else 'a'} {kind}"
            )
        return described

    def call(
        self,
        export: str,
        arguments: tuple[Any, ...],
        on_result: Callable[[Any], None] | None = None,
        on_settled: Callable[[], None] | None = None,
    ) -> None:
        """Call an exported function; its own copy of the arguments stays with the VU."""
        self.is_interrupted = False
        if arguments and arguments is not self._arguments_key:
            self._arguments_key = arguments
            self._of_part("stages", "setArguments")(json.dumps(list(arguments)))
        if on_settled is not None:
            self._on_settled = on_settled
            call = self._of_part("stages", "callUntilSettled")
            call(export, bool(arguments))
        elif on_result is None:
            self._call(export, bool(arguments))
        else:
            deliver = _from_json(on_result)
            call = self._of_part("stages", "callForResult")
            call(export, bool(arguments), deliver)

    @property
    def checkpoint(self) -> Callable[[], None]:
        """What runs promise jobs and raises for promises that were rejected unseen."""
        return self.context.run_jobs

    def _rejected(self) -> None:
        for reason in self.context.take_rejections():
            message, stack = self.internal.get("describe")(reason).to_python()
            broken = self._broken_limit(message, self._own_stack(stack))
            if broken is not None:
                raise broken
            raise ScriptError(
                f"Uncaught (in promise) {message}", self._own_stack(stack)
            )

    def _took_too_much(self, exceeded_bytes: int) -> None:
        self.exceeded_bytes = exceeded_bytes
        raise self._too_large("")

    def begin_iteration(self, iteration: int, environment: Mapping[str, str]) -> None:
        """Set ``__ITER`` and ``__ENV``."""
        self._set_iteration(
            iteration,
            (
                None
                if environment is self._host.environment
                else self._host.environment_text(environment)
            ),
        )

    def translate(self, error: BaseException) -> BaseException:
        """Return an error of the engine's as a ``GharialError``."""
        translated = self._host.engine.translate(error)
        if translated is None:
            return error
        if translated.is_interruption or self.is_interrupted:
            if self._abort_message is not None:
                return TestAbortedError(self._abort_message)
            if self.ran_too_long:
                self.ran_too_long = False
                return self._too_long()
            if self.exceeded_bytes:
                return self._too_large("")
            return ScriptInterruptedError()
        broken = self._broken_limit(
            translated.message, self._own_stack(translated.stack)
        )
        if broken is not None:
            return broken
        return ScriptError(translated.message, self._own_stack(translated.stack))

    def place_of(self, callback: Any) -> str:
        """Return the name of a function of the script's, and where it was written."""
        try:
            place: str = self._of_part("places", "placeOf")(callback)
        except Exception:
            # A proxy, or a script that has replaced what functions inherit.
            return ""
        return self._host.own_columns(place)

    def interrupt(self) -> None:
        """Let the engine's watchdog stop what runs or is resumed now."""
        self.is_interrupted = True

    def recover(self) -> None:
        """Let script code run again, after an interruption."""
        self.is_interrupted = False

    def tell_of_limit(self) -> None:
        """
        Report that script code ran too long, if no error of the engine's said so.

        Where the engine is stopped between two steps of an async function, it drops the
        exception and the function.
        """
        if self.ran_too_long:
            self.ran_too_long = False
            self.user.report(self._too_long())

    def close(self) -> None:
        """Free the global object."""
        group = self._host.release(self)
        self.sockets.close()
        self.context.close()
        # The global object holds our functions and they hold it, through the engine,
        # where Python's collector cannot see the cycle.
        self._functions.clear()
        del self.internal, self._set_iteration, self._call, self._run_timer
        del self.context
        if self._has_broken_limit and group is not None:
            # Its neighbours go on there, without what it has left.
            group.collect()

    # -- What the script does with its virtual user --------------------------------

    def load_runtime(self, name: str) -> None:
        """Run a part of the runtime in this global object."""
        self.context.run_bytecode(self._host.runtime_bytecode(name))(self.internal)

    def _of_part(self, part: str, name: str) -> Any:
        """Return a function of a part of the runtime that few virtual users need."""
        self.internal.get("load")(part)
        return self.internal.get(name)

    def read_file(self, path: str, stack: str) -> bytes:
        """Return a file's bytes; a relative path is looked up beside the script."""
        return self._host.read_file(path, stack)

    def abort_test(self, message: str) -> None:
        """End the whole test; the engine stops this script at once."""
        self._abort_message = message
        self.is_interrupted = True
        self.user.report(TestAbortedError(message))

    def _broken_limit(self, message: str, stack: str) -> ScriptLimitError | None:
        """Return the limit that an exception of the engine's stands for, if any."""
        if message == INTERRUPTED and self.ran_too_long:
            self.ran_too_long = False
            return self._too_long()
        if message == INTERRUPTED and self.exceeded_bytes:
            return self._too_large(stack)
        # Without memory for an error to throw, the engine throws null.
        if message == OUT_OF_MEMORY or (
            message == "null" and self._host.is_heap_full(self)
        ):
            return self._too_large(stack)
        return None

    def _own_stack(self, stack: str) -> str:
        """Return a stack with the script's frames only, and their own columns."""
        return self._host.own_columns(clean_stack(stack))

    def _too_long(self) -> ScriptLimitError:
        limit_s = self.user.services.settings.callback_timeout_s
        return ScriptLimitError(
            f"script code ran for more than {format_duration(limit_s)} without a pause and "
            "was stopped; is there an endless loop? (--callback-timeout allows more)"
        )

    def _too_large(self, stack: str) -> ScriptLimitError:
        self._has_broken_limit = True
        self._host.leave_heap(self)
        limit = self.user.services.settings.memory_limit_bytes
        exceeded, self.exceeded_bytes = self.exceeded_bytes, 0
        who = "the script"
        if exceeded > limit:
            # Whose it is cannot be said, but that it is more than all of them may take.
            who = f"{exceeded // limit} virtual users together"
        return ScriptLimitError(
            f"{who} took more than {(exceeded or limit) / 1024 / 1024:g} MiB of memory, "
            "and the script was stopped (--memory-limit allows more)",
            stack,
        )

    @property
    def shared_arrays(self) -> SharedArrays:
        """What all instances of the script share of ``k6/data``."""
        return self._host.shared_arrays

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the runtime's core calls, by name."""
        user = self.user
        return {
            "loadRuntime": self.load_runtime,
            "runJobs": self.context.run_pending_jobs,
            "log": self._log,
            "reportException": self._report,
            "started": self._started,
            "settled": lambda: self._on_settled(),
            "nowMs": lambda: user.services.clock.epoch_ms(user.now_s),
            "setTimer": self._set_timer,
            "clearTimer": user.timers.clear,
            "secret": lambda source, name: secret(user, source, name),
        }

    def _set_timer(
        self, callback: Any, delay_ms: float, repeat: object, rest: Any = None
    ) -> int | str:
        """Return the timer's number, or what is wrong."""
        run = partial(self._run_timer, callback, rest)
        try:
            return self.user.timers.set(run, _long(delay_ms), repeat=bool(repeat))
        except TooManyTimersError as error:
            return str(error)

    def _log(self, level: str, text: str) -> None:
        self.user.log(_LEVELS.get(level, logging.INFO), text)

    def _report(self, message: str, stack: str) -> None:
        cleaned = self._own_stack(stack)
        broken = self._broken_limit(message, cleaned)
        self.user.report(broken or ScriptError(message, cleaned))

    def _started(self, message: str | None, stack: str) -> None:
        self.has_started = True
        if message is not None:
            stack = self._own_stack(stack)
            broken = self._broken_limit(message, stack)
            if broken is not None:
                message = broken.message
            self._start_error = self._host.start_error(message, stack)


def _nothing() -> None:
    return None


def _from_json(on_result: Callable[[Any], None]) -> Callable[[str], None]:
    return lambda text: on_result(json.loads(text))


def _long(number: float) -> float:
    """
    Return a number as Web IDL's ``long``, which wraps around past 31 bits.

    Its fraction stays: a delay of half a millisecond is one, as in k6.
    """
    if 0 <= number < 2**31:
        return number
    if not math.isfinite(number):
        return 0
    whole = math.trunc(number)
    return (whole + 2**31) % 2**32 - 2**31 + (number - whole)


def clean_stack(stack: str) -> str:
    """Return a stack without the frames of our runtime."""
    lines = [line.rstrip() for line in (stack or "").splitlines()]
    return "\n".join(
        line for line in lines if line.strip() and not _OUR_FRAME.search(line)
    )
