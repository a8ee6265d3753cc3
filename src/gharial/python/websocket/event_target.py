"""
Listeners and their order, in Python.

Source:
    DOM, sections 2.7 and 2.9; HTML, section 8.1.8 for the ``on_…`` handlers: a handler is
    called at the place at which it was first set.
"""

from collections.abc import Callable
from typing import Any, Protocol

from gharial.python.websocket.environment import current_environment
from gharial.python.websocket.events import (
    IN_PASSIVE_LISTENER,
    STOPPED,
    STOPPED_NOW,
    Event,
)
from gharial.websocket.errors import WebSocketError

Listener = Callable[[Any], object]


class HandlesEvents(Protocol):
    """An object that listens: its method is looked up for each event."""

    def handle_event(self, event: Any) -> object:
        """Take an event."""
        ...


class AbortSignal:
    """
    Signals that something is aborted.

    Attributes:
        aborted: Whether it was aborted.

    """

    def __init__(self) -> None:
        self.aborted = False
        self._callbacks: dict[object, Callable[[], None]] = {}

    def when_aborted(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` when it is aborted; return a function that removes it."""
        key = object()
        self._callbacks[key] = callback

        def forget() -> None:
            self._callbacks.pop(key, None)

        return forget

    def abort(self) -> None:
        """Tell, once."""
        if not self.aborted:
            self.aborted = True
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
            for callback in callbacks:
                callback()


class AbortController:
    """
    Holds a signal that its owner can give.

    Attributes:
        signal: The signal.

    """

    def __init__(self) -> None:
        self.signal = AbortSignal()

    def abort(self) -> None:
        """Give the signal."""
        self.signal.abort()


class _Registration:
    """
    One listener of one type.

    Attributes:
        is_special: Whether there is more to do than to call it.
        forget: Lets its signal forget it; None without a signal.

    """

    __slots__ = (
        "callback",
        "capture",
        "forget",
        "is_handler",
        "is_removed",
        "is_special",
        "once",
        "passive",
    )

    def __init__(
        self,
        callback: Any,
        *,
        capture: bool = False,
        once: bool = False,
        passive: bool = False,
        is_handler: bool = False,
    ) -> None:
        self.callback = callback
        self.capture = capture
        self.once = once
        self.passive = passive
        self.is_handler = is_handler
        self.is_removed = False
        self.forget: Callable[[], None] | None = None
        self.is_special = once or not callable(callback)

    def is_of(self, listener: object, *, capture: bool) -> bool:
        """Whether it is what a script knows by this listener and this phase."""
        return (
            not self.is_handler
            and self.capture == capture
            and bool(self.callback == listener)
        )


class EventTarget:
    """Something that events happen to."""

    # Lists are replaced, never changed, so that one that is being gone through stays.
    __slots__ = ("_registrations",)

    def __init__(self) -> None:
        self._registrations: dict[str, tuple[_Registration, ...]] = {}

    def add_event_listener(
        self,
        type: str,  # noqa: A002 - the standard's word
        listener: Listener | HandlesEvents | None,
        *,
        capture: bool = False,
        once: bool = False,
        passive: bool = False,
        signal: AbortSignal | None = None,
    ) -> None:
        """
        Call ``listener`` with each event of this type from now on.

        Added twice, it is called once. An ``async`` listener runs as a task.

        Args:
            type: ``open``, ``message``, ``error``, ``close``, ``ping`` or ``pong``.
            listener: A function, or an object with ``handle_event``; None adds nothing.
            capture: Whether it is called before those that do not capture; once for each.
            once: Whether it is removed when it is called.
            passive: Whether its ``prevent_default()`` has no effect.
            signal: Removes the listener when it is given.

        Raises:
            TypeError: If the listener is neither, or the type or the signal is not one.

        """
        if not isinstance(type, str):
            raise TypeError(f"the type of an event must be a string, not {type!r}")
        if signal is not None and not isinstance(signal, AbortSignal):
            raise TypeError(f"signal must be an AbortSignal, not {signal!r}")
        if listener is None or (signal is not None and signal.aborted):
            return
        if not callable(listener) and not hasattr(listener, "handle_event"):
            raise TypeError(
                f"a listener must be a function or have handle_event(), not {listener!r}"
            )
        present = self._registrations.get(type, ())
        if any(one.is_of(listener, capture=capture) for one in present):
            return
        registration = _Registration(
            listener, capture=capture, once=once, passive=passive
        )
        # At the target itself, capturing listeners are called before the others.
        place = sum(one.capture for one in present) if capture else len(present)
        self._registrations[type] = (*present[:place], registration, *present[place:])
        self._changed(type)
        if signal is not None:
            registration.forget = signal.when_aborted(
                lambda: self._remove(type, registration)
            )

    def remove_event_listener(
        self,
        type: str,  # noqa: A002 - the standard's word
        listener: Listener | HandlesEvents | None,
        *,
        capture: bool = False,
    ) -> None:
        """
        Call ``listener`` no more for this type, from the present event on.

        Raises:
            TypeError: If the type is not a string.

        """
        if not isinstance(type, str):
            raise TypeError(f"the type of an event must be a string, not {type!r}")
        for registration in self._registrations.get(type, ()):
            if registration.is_of(listener, capture=capture):
                self._remove(type, registration)
                return

    def on(self, type: str) -> Callable[[Listener], Listener]:  # noqa: A002 - as above
        """Return a decorator that adds a function as a listener for this type."""

        def add(listener: Listener) -> Listener:
            self.add_event_listener(type, listener)
            return listener

        return add

    def dispatch_event(self, event: Event) -> bool:
        """
        Call all listeners for the event's type with it.

        Returns:
            Whether none of them cancelled it.

        Raises:
            TypeError: If it is not an event.
            WebSocketError: ``InvalidStateError`` if it is being dispatched already.

        """
        if not isinstance(event, Event):
            raise TypeError(f"dispatch_event() takes an Event, not {event!r}")
        if event.current_target is not None:
            raise WebSocketError(
                "InvalidStateError", "the event is being dispatched already"
            )
        event.is_trusted = False
        self._fire(event)
        return not event.default_prevented

    def _changed(self, type: str) -> None:  # noqa: A002 - as above
        """Take note that the listeners of a type have changed."""

    def _fire(self, event: Event) -> None:
        event.target = event.current_target = self
        if not event._flags & STOPPED:
            is_capturing = True
            for registration in self._registrations.get(event.type, ()):
                if registration.is_removed:
                    continue
                if is_capturing and not registration.capture:
                    if event._flags & STOPPED:
                        break
                    is_capturing = False
                if registration.once:
                    self._remove(event.type, registration)
                self._call(registration, event)
                if event._flags & STOPPED_NOW:
                    break
        event.current_target = None
        event._flags &= ~(STOPPED | STOPPED_NOW)

    def _call(self, registration: _Registration, event: Event) -> None:
        callback = registration.callback
        if registration.passive:
            event._flags |= IN_PASSIVE_LISTENER
        try:
            called = callback if callable(callback) else callback.handle_event
            result = called(event)
        except BaseException as error:
            # The DOM's "report the exception": the other listeners still run.
            self._report(error)
        else:
            if result is False and registration.is_handler:
                # As HTML's handlers say it.
                event.prevent_default()
            elif result is not None:
                self._returned(result)
        event._flags &= ~IN_PASSIVE_LISTENER

    def _handler(self, type: str) -> Listener | None:  # noqa: A002 - as above
        for registration in self._registrations.get(type, ()):
            if registration.is_handler:
                handler: Listener = registration.callback
                return handler
        return None

    def _set_handler(self, type: str, handler: Listener | None) -> None:  # noqa: A002 - as above
        present = self._registrations.get(type, ())
        found = next((one for one in present if one.is_handler), None)
        if handler is not None and not callable(handler):
            raise TypeError(f"on_{type} takes a function or None, not {handler!r}")
        if found is None:
            if handler is not None:
                registration = _Registration(handler, is_handler=True)
                self._registrations[type] = (*present, registration)
        elif handler is None:
            self._remove(type, found)
        else:
            found.callback = handler
        self._changed(type)

    def _remove(self, type: str, registration: _Registration) -> None:  # noqa: A002 - as above
        registration.is_removed = True
        if registration.forget is not None:
            registration.forget()
        rest = tuple(
            one for one in self._registrations.get(type, ()) if one is not registration
        )
        if rest:
            self._registrations[type] = rest
        else:
            self._registrations.pop(type, None)
        self._changed(type)

    def _report(self, error: BaseException) -> None:
        """Take note of what a listener raised."""
        current_environment().report(error)

    def _returned(self, result: object) -> None:
        """Take what a listener returned, if it was not None."""
        current_environment().returned(result)


def handler_property(kind: str) -> Any:
    """Return an attribute of an event target that is its handler for one type."""

    def read(target: EventTarget) -> Listener | None:
        return target._handler(kind)

    def write(target: EventTarget, handler: Listener | None) -> None:
        target._set_handler(kind, handler)

    return property(read, write, doc=f"The handler of ``{kind}`` events, or None.")
