"""One virtual user's instance of a JavaScript script."""

import json
import logging
import math
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from gharial.engine.port import ErrorKind
from gharial.errors import ConfigurationError, GharialError
from gharial.javascript.global_names import LAZY_GLOBALS
from gharial.javascript.heaps import SharedHeap
from gharial.javascript.host_functions import Functions, FunctionTable, HostFunctions
from gharial.javascript.k6_modules import k6_functions
from gharial.javascript.script_state import ScriptState
from gharial.javascript.secrets import secret
from gharial.javascript.shared_script import SharedScript
from gharial.virtual_user.script import (
    ScriptError,
    ScriptInterruptedError,
    TestAbortedError,
)
from gharial.virtual_user.timers import TooManyTimersError
from gharial.virtual_user.virtual_user import VirtualUser

# What a script does not use is not loaded; what it does use was loaded when it was read
# (`used_parts.py`).
if TYPE_CHECKING:
    from gharial.javascript.cookie_jars import CookieJars
    from gharial.javascript.sockets import SocketBridge

# In the names of our runtime's files, whose frames tell a user nothing.
_OURS = "gharial:"
# In each line of a stack.
_FRAME = "    at "
# Loaded into every global object, in this order; the rest is loaded when it is touched.
_RUNTIME = ("bootstrap", "lazy", "web_idl", "expose", "events", "websocket")
_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "log": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


class JavaScriptInstance(ScriptState):
    """
    One VU's global object, and the bridge between it and the VU.

    Args:
        shared: What all instances of the script share.
        heap: Where its objects are to be.
        user: The virtual user.

    """

    def __init__(
        self, shared: SharedScript, heap: SharedHeap[Any], user: VirtualUser
    ) -> None:
        super().__init__(shared.engine, heap, user)
        self.shared = shared
        self._start_error: Exception | None = None
        self._arguments_key: tuple[Any, ...] | None = None
        self._on_settled: Callable[[], None] = _nothing
        context = self.context
        context.set_module_loader(shared.module)
        context.on_rejected = self._rejected
        context.on_over_limit = self._took_too_much
        self._functions = HostFunctions(_FUNCTIONS, self, context)
        self.internal.set("hostFunction", self._functions.find)
        has_window = user.services.settings.browser_globals
        # Through it a script may reach any of them.
        self.internal.set(
            "lazyGlobals", LAZY_GLOBALS if has_window else shared.lazy_globals
        )
        for name in _RUNTIME:
            self.load_runtime(name)
        if shared.has_locale_methods:
            self.load_runtime("locale_methods")
        if has_window:
            self.load_runtime("browser_globals")
        if shared.calls_classes:
            self.load_runtime("callable")
        self._set_iteration = self.internal.get("setIteration")
        self._run_timer = self.internal.get("runTimer")
        self._call = self.internal.get("call")
        environment = user.services.run.environment
        self.internal.get("setUser")(user.id, shared.environment_text(environment))
        if user.services.settings.random_seed is not None:
            # Spread the seeds: neighbours must not draw neighbouring numbers.
            self._of_part("seeded_random", "seedRandom")(
                (user.services.settings.random_seed + user.id * 0x9E3779B1) & 0x7FFFFFFF
            )

    @cached_property
    def jars(self) -> "CookieJars":
        """The cookie jars of the script."""
        from gharial.javascript.cookie_jars import CookieJars

        return CookieJars(self.user, self.context)

    @cached_property
    def sockets(self) -> "SocketBridge":
        """All sockets of the script."""
        from gharial.javascript.sockets import SocketBridge

        return SocketBridge(self.user, self.internal, self.jars, self.context)

    # -- What the virtual user does with its script --------------------------------

    def start(self) -> None:
        """Begin to run the module's top level."""
        self.internal.get("start")(self.shared.sources.first_module)

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
                "the script's top-level await waits for a promise that is never settled",
                f"    at {self.shared.sources.entry_name}",
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
        # Undefined unless somebody listens.
        tell = self.internal.get("tellOfRejection")
        for reason, promise in self.context.take_rejections():
            if callable(tell) and tell(reason, promise):
                self.context.run_pending_jobs()
                continue
            message, stack = self.internal.get("describe")(reason).to_python()
            message, stack = self._told(message, stack)
            broken = self.broken_limit(message, stack)
            if broken is not None:
                raise broken
            raise ScriptError(f"Uncaught (in promise) {message}", stack)

    def _took_too_much(self, exceeded_bytes: int) -> None:
        self.exceeded_bytes = exceeded_bytes
        raise self.too_large("")

    def begin_iteration(self, iteration: int, environment: Mapping[str, str]) -> None:
        """Set ``__ITER`` and ``__ENV``."""
        self._set_iteration(
            iteration,
            (
                None
                if environment is self.shared.environment
                else self.shared.environment_text(environment)
            ),
        )

    def translate(self, error: BaseException) -> BaseException:
        """Return an error of the engine's as a ``GharialError``."""
        translated = self.engine.translate(error)
        if translated is None:
            return error
        if translated.kind is ErrorKind.INTERRUPTED or self.is_interrupted:
            if self.abort_message is not None:
                return TestAbortedError(self.abort_message)
            if self.ran_too_long:
                self.ran_too_long = False
                return self.too_long()
            if self.exceeded_bytes:
                return self.too_large("")
            return ScriptInterruptedError()
        message, stack = self._told(translated.message, translated.stack)
        broken = self.broken_limit(message, stack)
        if broken is not None:
            return broken
        return ScriptError(message, stack)

    def place_of(self, callback: Any) -> str:
        """Return the name of a function of the script's, and where it was written."""
        try:
            place: str = self._of_part("places", "placeOf")(callback)
        except Exception:
            # A proxy, or a script that has replaced what functions inherit.
            return ""
        return self._with_original_places(place)

    def interrupt(self) -> None:
        """Let the engine's watchdog stop what runs or is resumed now."""
        self.is_interrupted = True

    def recover(self) -> None:
        """Let script code run again, after an interruption."""
        self.is_interrupted = False

    def close(self) -> None:
        """Free the global object."""
        self.heap.leave(self)
        if "sockets" in vars(self):
            self.sockets.close()
        self.context.close()
        # The global object holds our functions and they hold it, through the engine,
        # where Python's collector cannot see the cycle.
        self._functions.clear()
        del self.internal, self._set_iteration, self._call, self._run_timer
        del self.context
        if self.has_broken_limit and self.heap.members:
            # Its neighbours go on there, without what it has left.
            self.heap.group.collect()
        del self.heap

    # -- What the script does with its virtual user --------------------------------

    def load_runtime(self, name: str) -> None:
        """Run a part of the runtime in this global object."""
        self.context.run_bytecode(self.shared.runtime_bytecode(name))(self.internal)

    def _of_part(self, part: str, name: str) -> Any:
        """Return a function of a part of the runtime that few virtual users need."""
        self.internal.get("load")(part)
        return self.internal.get(name)

    def _own_stack(self, stack: str) -> str:
        """Return a stack with the script's frames only, in their original places."""
        frames = (each for each in self.engine.frames_of(stack) if _OURS not in each)
        return self._with_original_places("\n".join(frames))

    def _told(self, message: str, stack: str) -> tuple[str, str]:
        """Return an error's message and stack as a user is told them."""
        own = self._own_stack(stack)
        thrown_at = stack.lstrip().partition("\n")[0]
        if _OURS in thrown_at or "(native)" in thrown_at:
            return message, own
        return self.shared.sources.with_callee(message, own), own

    def _with_original_places(self, text: str) -> str:
        sources = self.shared.sources
        shown = sources.with_original_places(text)
        for problem in sources.take_problems():
            fields = {"source": "sourcemap"}
            self.user.services.log(logging.WARNING, problem, fields)
        return shown

    def read_file(self, path: str, stack: str) -> bytes:
        """Return a file's bytes for a script that asks for them at a place of a stack."""
        sources = self.shared.sources
        data = sources.read_file(path, stack)
        for problem in sources.take_file_problems():
            self.user.log(logging.WARNING, problem, "script")
        return data

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the runtime's core calls, by name."""
        user = self.user
        return {
            "loadRuntime": self.load_runtime,
            "userAgent": lambda: user.services.network.settings.user_agent,
            "commonJsFile": self._commonjs_file,
            "commonJsRan": self._commonjs_ran,
            "jsonFile": self.shared.sources.json_file,
            "requiredModule": self._required_module,
            "resolvedAddress": self._resolved_address,
            "runJobs": self.context.run_pending_jobs,
            "log": self._log,
            "reportException": self._report,
            "started": self._started,
            "settled": lambda: self._on_settled(),
            "nowMs": lambda: user.services.clock.epoch_ms(user.now_s),
            "setTimer": self._set_timer,
            "clearTimer": user.timers.clear,
            "restTimer": lambda timer_id, is_idle: user.timers.rest(
                timer_id, is_idle=bool(is_idle)
            ),
            "secret": lambda source, name: secret(user, source, name),
        }

    def _commonjs_file(self, name: str) -> Any:
        return self.shared.run_commonjs_file(self.context, name)

    def _commonjs_ran(self, name: str, keys: str) -> None:
        self.shared.sources.export_names.ran(name, json.loads(keys))

    def _required_module(self, name: str, importer: str) -> tuple[str, str]:
        """Return a module's kind and name, or ``problem`` and what is wrong."""
        try:
            return self.shared.sources.required_module(name, importer)
        except GharialError as error:
            return "problem", str(error)

    def _resolved_address(self, name: str, importer: str) -> list[str]:
        """Return a URL, or nothing and what is wrong."""
        try:
            return [self.shared.sources.resolved_address(name, importer)]
        except GharialError as error:
            return ["", str(error)]

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
        if _FRAME in text:
            message, _, stack = self._with_original_places(text).partition("\n")
            text = f"{self.shared.sources.with_callee(message, stack)}\n{stack}"
        self.user.log(_LEVELS.get(level, logging.INFO), text)

    def _report(self, message: str, stack: str) -> None:
        message, cleaned = self._told(message, stack)
        broken = self.broken_limit(message, cleaned)
        self.user.report(broken or ScriptError(message, cleaned))

    def _started(self, message: str | None, stack: str) -> None:
        self.has_started = True
        if message is not None:
            message, stack = self._told(message, stack)
            broken = self.broken_limit(message, stack)
            if broken is not None:
                message = broken.message
            self._start_error = self.shared.sources.start_error(message, stack)


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


def _legacy_sockets(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.legacy_sockets import LegacySockets

    return LegacySockets(
        instance.user,
        instance.jars,
        may_block=lambda: instance.may_block,
        is_interrupted=lambda: instance.is_interrupted,
        set_interrupted=lambda value: setattr(instance, "is_interrupted", value),
        to_python=instance.context.to_python,
    ).functions()


def _http_requests(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.http_requests import HttpRequests

    return HttpRequests(instance).functions()


def _web_platform(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.web_platform import web_platform_functions

    return web_platform_functions()


def _digests(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.digests import Digests

    return Digests(instance.context).functions()


def _compression(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.compression import compression_functions

    return compression_functions(instance.context)


def _subtle(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.web_crypto.subtle import Subtle

    return {"subtleRun": Subtle(instance).run}


def _html_selections(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.html_selections import HtmlSelections

    return HtmlSelections(instance.context).functions()


def _time_zones(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.time_zones import time_zone_functions

    return time_zone_functions()


def _opened_files(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.opened_files import OpenedFiles

    shared = instance.shared
    return OpenedFiles(instance, shared.sources, shared.arrays).functions()


def _certificates(instance: JavaScriptInstance) -> Functions:
    from gharial.javascript.certificates import certificate_functions

    return certificate_functions()


# What the runtime calls in Python: parts, each made when one of its functions is needed.
# They are searched in this order, so those that most scripts use come first.
_FUNCTIONS: FunctionTable[JavaScriptInstance] = FunctionTable(
    lambda instance: instance.functions(),
    lambda instance: k6_functions(instance, instance.read_file),
    lambda instance: instance.shared.arrays.functions(),
    lambda instance: instance.jars.functions(),
    lambda instance: instance.sockets.functions(),
    _web_platform,
    _time_zones,
    _http_requests,
    _legacy_sockets,
    _digests,
    _compression,
    _html_selections,
    _opened_files,
    _certificates,
    _subtle,
)
