"""
``setup``, ``teardown`` and ``handleSummary``: what a script does once, around all
scenarios.

Each runs in a virtual user of its own, with id 0, and within a limit of its own.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from gharial.errors import ExitCode, GharialError
from gharial.lifecycle.control import Control
from gharial.timing import format_duration
from gharial.virtual_user.context import VuServices
from gharial.virtual_user.script import ScriptError, ScriptInterruptedError
from gharial.virtual_user.virtual_user import ScriptHost, VirtualUser

# After an interruption, what is left to wait for are sockets that close.
WIND_DOWN_EXTRA_S = 1.0

_TIMEOUT_CODES = {
    "setup": ExitCode.SETUP_TIMEOUT,
    "teardown": ExitCode.TEARDOWN_TIMEOUT,
    "handleSummary": ExitCode.GENERIC_TIMEOUT,
}


class StageTimeoutError(GharialError):
    """
    A stage took longer than it may.

    Attributes:
        stage: ``setup``, ``teardown`` or ``handleSummary``.
        limit_s: The limit, in seconds.

    """

    def __init__(self, stage: str, limit_s: float) -> None:
        super().__init__(stage, limit_s)
        self.stage = stage
        self.limit_s = limit_s
        self.exit_code = _TIMEOUT_CODES[stage]

    def __str__(self) -> str:
        return (
            f"{self.stage}() took more than {format_duration(self.limit_s)}; give it "
            f"more time with the option {self.stage}Timeout"
        )


class Stages:
    """
    The stages of one run.

    Attributes:
        data: What ``setup`` returned, as the arguments of the functions after it:
            empty if it returned nothing.

    """

    def __init__(
        self,
        host: ScriptHost,
        services: VuServices,
        control: Control,
        *,
        setup_timeout_s: float | None,
        teardown_timeout_s: float | None,
        handle_summary_timeout_s: float,
    ) -> None:
        """Take limits in seconds; None leaves the stage out."""
        self._host = host
        self._services = services
        self._control = control
        self._limits = {
            "setup": setup_timeout_s,
            "teardown": teardown_timeout_s,
            "handleSummary": handle_summary_timeout_s,
        }
        self.data: tuple[Any, ...] = ()

    def has(self, stage: str) -> bool:
        """Return whether the script has the stage, and it is wanted."""
        return self._limits[stage] is not None and stage in self._host.exports

    async def setup(self) -> None:
        """
        Run ``setup`` and keep what it returned.

        Raises:
            ScriptError: If it threw, or returned what is no data.
            StageTimeoutError: If it took too long.
            ScriptInterruptedError: If the run was stopped meanwhile.
            TestAbortedError: If it asked for the end of the test.

        """
        returned = await self._run("setup", (), ends_with_run=True)
        try:
            self.data = tuple(json.loads(json.dumps(list(returned))))
        except (TypeError, ValueError, RecursionError) as error:
            raise ScriptError(
                f"setup() must return data that can be written as JSON: {error}",
                f"    at setup ({self._host.path})",
            ) from None

    async def teardown(self) -> None:
        """
        Run ``teardown`` with the data of ``setup``; also when the run was stopped.

        Raises:
            ScriptError: If it threw.
            StageTimeoutError: If it took too long.
            TestAbortedError: If it asked for the end of the test.

        """
        await self._run("teardown", self.data, ends_with_run=False)

    async def summarize(self, data: Mapping[str, Any]) -> dict[str, str | bytes] | None:
        """
        Run ``handleSummary`` with the summary's data.

        Returns:
            Texts, or bytes, by target: ``stdout``, ``stderr`` or a file's path. None if
            the script left it to us.

        Raises:
            ScriptError: If it threw, or returned something else.
            StageTimeoutError: If it took too long.

        """
        returned = await self._run("handleSummary", (data,), ends_with_run=False)
        # As in k6: nothing, null, "", 0 and false stand for the usual summary.
        if not returned or (
            not isinstance(returned[0], (dict, list)) and not returned[0]
        ):
            return None
        texts = returned[0]
        if isinstance(texts, Mapping):
            texts = {str(target): _as_text(text) for target, text in texts.items()}
        if not isinstance(texts, dict) or None in texts.values():
            raise ScriptError(
                "handleSummary() must return an object of strings or bytes by target, "
                "such as { 'summary.json': JSON.stringify(data) }",
                f"    at handleSummary ({self._host.path})",
            )
        return texts

    async def _run(
        self, stage: str, arguments: tuple[Any, ...], *, ends_with_run: bool
    ) -> tuple[Any, ...]:
        limit_s = self._limits[stage]
        assert limit_s is not None
        user = VirtualUser(0, self._host, self._services)
        user.groups.path = f"::{stage}"
        work = asyncio.ensure_future(_call(user, stage, arguments))
        stopped = asyncio.ensure_future(self._control.stopped.wait())
        try:
            waited = {work, stopped} if ends_with_run else {work}
            done, _ = await asyncio.wait(
                waited, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            if work in done:
                return work.result()
            user.interrupt()
            wind_down_s = self._services.settings.wind_down_s + WIND_DOWN_EXTRA_S
            await asyncio.wait({work}, timeout=wind_down_s)
            if stopped in done:
                raise ScriptInterruptedError()
            raise StageTimeoutError(stage, limit_s)
        finally:
            stopped.cancel()
            work.cancel()
            await asyncio.gather(work, stopped, return_exceptions=True)
            user.close()


def _as_text(value: Any) -> str | bytes | None:
    """Return what is to be written, None if a value is neither text nor bytes."""
    match value:
        case str():
            return value
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case {"bytes": str(text)}:
            return text.encode("latin-1", "replace")
        case _:
            return None


async def _call(
    user: VirtualUser, stage: str, arguments: tuple[Any, ...]
) -> tuple[Any, ...]:
    await user.start()
    return await user.call(stage, arguments)
