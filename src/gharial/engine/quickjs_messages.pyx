"""
Messages between the wire and QuickJS, without a detour through Python objects.

The binding converts each argument to a Python object and back. On the hot path
that is most of what crossing costs, for long ones several copies. Here a payload becomes
a string or an ArrayBuffer of the engine right from the frame engine's buffer, and what a
script sends is framed from the engine's own memory. The event of a message is an object of
a class of ours: what it knows is made into the array that the runtime keeps of other
events (see ``events.js``) only if somebody asks for more than a few attributes.

It calls the engine's public functions, which the binding's library exports, by their
addresses; ``find_functions`` tells whether all are there and do what is expected. Where
this file could not be compiled, or they are not, ``quickjs.py`` does the same by way of
the binding.
"""

import ctypes
from contextlib import suppress

from cpython.unicode cimport PyUnicode_AsUTF8String
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcpy
from picows.picows cimport WSFrame, WSMsgType

from gharial.engine.quickjs_errors import INTERRUPTED
from gharial.websocket.scalar_text import to_utf8

from gharial.websocket.messages cimport MessageReceiver
from gharial.websocket.wire.sender_in_c cimport Sender

include "shared_numbers.pxi"
include "quickjs_engine.pxi"
include "quickjs_events.pxi"

# -- From the wire -----------------------------------------------------------------------


cdef void _free_buffer(void* runtime, void* opaque, void* data) noexcept:
    js_free(runtime, data)


cdef JsValue _new_buffer(void* context, const char* data, size_t size) noexcept:
    """Return an ArrayBuffer with a copy; unlike the engine's own, never filled with zeros."""
    cdef JsValue made
    # Of the engine's memory, so that it counts for its limit.
    cdef uint8_t* copy = <uint8_t*>js_malloc(context, size if size else 1)
    if copy is NULL:
        made.u.integer = 0
        made.tag = TAG_EXCEPTION
        return made
    memcpy(copy, data, size)
    return js_wrap_buffer(context, copy, size, _free_buffer, NULL, 0)


cdef class EngineMessages:
    """
    What the messages of all sockets in one context share.

    Args:
        context: Of the binding.
        runtime: Of the binding.
        internal: What the runtime shares with the host: ``dispatch``,
            ``messagePrototype`` and ``reportException``.
        rejections: The live table of promises that nobody handles.
        error_class: What an error of the engine is raised as, with ``js_stack``.
        heap: The heap, which says above what size each task's end is to be looked at.

    """

    cdef object _kept, _binding_context, _error_class
    cdef uint64_t* _size
    cdef uint64_t* _looked_at_above
    cdef dict _rejections
    cdef void* _context
    cdef void* _runtime
    cdef JsValue _dispatch
    cdef JsValue _prototype
    cdef JsValue _report

    def __init__(
        self, context, runtime, internal, dict rejections, error_class, heap
    ):
        dispatch = internal.get("dispatch").get("message")
        prototype = internal.get("messagePrototype")
        report = internal.get("reportException")
        self._binding_context = context
        self._kept = (runtime, dispatch, prototype, report, heap)
        # Of a heap whose size is not known nothing is wanted: it is never above itself.
        self._looked_at_above = <uint64_t*><uintptr_t>ctypes.addressof(heap.looked_at_above)
        self._size = self._looked_at_above
        if heap.size is not None:
            self._size = <uint64_t*><uintptr_t>ctypes.addressof(heap.size)
        self._context = _pointer_in(context)
        self._runtime = _pointer_in(runtime)
        self._dispatch = _value_in(dispatch)
        self._prototype = _value_in(prototype)
        self._report = _value_in(report)
        self._rejections = rejections
        self._error_class = error_class
        if not _has_event_class(self._runtime):
            raise MemoryError

    def receiver(self, socket):
        """Return what hands messages to the listeners of a socket, given its array."""
        return EngineReceiver(self, socket)

    def send_function(self, sender, embedded):
        """
        Return, as the only item of an array, a function for scripts that sends.

        Args:
            sender: A :class:`Sender`.
            embedded: The same, as an object of the engine's that holds on to it.

        """
        cdef JsValue data[2]
        assert isinstance(sender, Sender)
        data[0] = _value_in(embedded)
        # A number to the engine, which only copies it.
        data[1].u.pointer = <void*>sender
        data[1].tag = TAG_FLOAT
        holder = self._binding_context.eval("[]")
        cdef JsValue function = js_new_function(self._context, _send, 1, 0, 2, data)
        if function.tag == TAG_EXCEPTION:
            raise MemoryError
        js_set_item(self._context, _value_in(holder), 0, function)
        return holder

    cdef _failure_of_jobs(self):
        """Run all promise jobs; return what the engine raised."""
        context = self._binding_context
        try:
            while context.has_pending_job:
                context.execute_pending_job()
        except BaseException as error:
            return error

    cdef _raise(self, JsValue thrown):
        """Raise what was thrown."""
        cdef JsValue stack
        error = self._error_class(_text_of(self._context, thrown) or "<unknown JS error>")
        if thrown.tag == TAG_OBJECT:
            stack = js_get(self._context, thrown, b"stack")
            if stack.tag == TAG_STRING or stack.tag == TAG_JOINED:
                error.js_stack = _text_of(self._context, stack)
            elif stack.tag == TAG_EXCEPTION:
                _release(self._context, js_exception(self._context))
            _release(self._context, stack)
        _release(self._context, thrown)
        raise error

    cdef _tell(self, JsValue thrown):
        """Tell the runtime of what a listener threw; raise what nothing may catch."""
        cdef JsValue result
        if _text_of(self._context, thrown) == INTERRUPTED:
            self._raise(thrown)
        result = js_call(self._context, self._report, _nothing(), 1, &thrown)
        _release(self._context, thrown)
        if result.tag == TAG_EXCEPTION:
            self._raise(js_exception(self._context))
        _release(self._context, result)


cdef class EngineReceiver(MessageReceiver):
    """Hands the messages of one socket to its listeners in the engine."""

    cdef EngineMessages _messages
    cdef object _owner
    cdef JsValue _socket

    def __init__(self, EngineMessages messages, socket):
        self._messages = messages
        self._owner = socket
        self._socket = _value_in(socket)

    cpdef receive(self, data, double at_ms):
        """Hand on a text or bytes."""
        cdef bytes encoded
        cdef void* context = self._messages._context
        if type(data) is str:
            encoded = PyUnicode_AsUTF8String(data)
            self._deliver(js_new_string(context, encoded, len(encoded)), at_ms)
        else:
            encoded = data
            self._deliver(_new_buffer(context, encoded, len(encoded)), at_ms)

    cpdef bint receive_frame(self, WSFrame frame, double at_ms) except -1:
        """Hand on what is still in the frame engine's buffer."""
        cdef JsValue text
        cdef void* context = self._messages._context
        if frame.msg_type == WSMsgType.BINARY:
            self._deliver(
                _new_buffer(context, frame.payload_ptr, frame.payload_size), at_ms
            )
        elif _read_ascii(context, frame.payload_ptr, frame.payload_size, &text):
            self._deliver(text, at_ms)
        else:
            try:
                data = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError:
                return False
            self.receive(data, at_ms)
        return True

    cpdef bint has_jobs(self):
        """Return whether promises wait, to be run or to be told of, or the heap does."""
        cdef EngineMessages messages = self._messages
        return (
            js_has_jobs(messages._runtime) > 0
            or len(messages._rejections) > 0
            or messages._size[0] > messages._looked_at_above[0]
        )

    cdef _deliver(self, JsValue data, double at_ms):
        """Call the one listener with an event, or let the runtime dispatch it."""
        cdef EngineMessages messages = self._messages
        cdef void* context = messages._context
        cdef JsValue listener
        cdef JsValue state
        if data.tag == TAG_EXCEPTION:
            messages._raise(js_exception(context))
        state = js_get_item(context, self._socket, SOCKET_STATE)
        listener = js_get_item(context, self._socket, SOCKET_ONLY)
        try:
            if state.u.integer != READY_OPEN or listener.tag == TAG_UNDEFINED:
                # Not open, or nobody listens.
                _release(context, data)
            elif listener.tag != TAG_OBJECT or (
                data.tag == TAG_OBJECT and self._makes_blobs()
            ):
                self._dispatch(data, at_ms)
            else:
                self._call(listener, data, at_ms)
        finally:
            _release(context, listener)

    cdef bint _makes_blobs(self):
        cdef JsValue makes = js_get_item(
            self._messages._context, self._socket, SOCKET_MAKES_BLOBS
        )
        return makes.u.integer != 0

    cdef _dispatch(self, JsValue data, double at_ms):
        cdef EngineMessages messages = self._messages
        cdef void* context = messages._context
        cdef JsValue arguments[3]
        cdef JsValue result
        arguments[0] = self._socket
        arguments[1] = data
        arguments[2] = _number(at_ms)
        result = js_call(context, messages._dispatch, _nothing(), 3, arguments)
        _release(context, data)
        if result.tag == TAG_EXCEPTION:
            messages._raise(js_exception(context))
        _release(context, result)

    cdef _call(self, JsValue listener, JsValue data, double at_ms):
        cdef EngineMessages messages = self._messages
        cdef void* context = messages._context
        cdef JsValue target
        cdef JsValue result
        cdef object failure = None
        cdef JsValue object_ = js_new_object(context, messages._prototype, _event_class)
        cdef Event* event = <Event*>malloc(sizeof(Event))
        if object_.tag == TAG_EXCEPTION or event is NULL:
            free(event)
            _release(context, object_)
            _release(context, data)
            messages._raise(js_exception(context))
        event.data = data
        event.socket = _another(self._socket)
        event.state = _nothing()
        event.at_ms = at_ms
        event.is_dispatching = True
        js_set_opaque(object_, event)
        target = js_get_item(context, self._socket, SOCKET_TARGET)
        result = js_call(context, listener, target, 1, &object_)
        _release(context, target)
        if result.tag != TAG_EXCEPTION and js_has_jobs(messages._runtime) > 0:
            # While the event is still being dispatched, as in a browser.
            failure = messages._failure_of_jobs()
        event.is_dispatching = False
        if event.state.tag != TAG_UNDEFINED:
            _end_dispatch(context, event.state)
        _release(context, object_)
        if result.tag == TAG_EXCEPTION:
            messages._tell(js_exception(context))
        else:
            _release(context, result)
        if failure is not None:
            raise failure


cdef void _end_dispatch(void* context, JsValue state) noexcept:
    cdef JsValue value = js_get_item(context, state, EVENT_FLAGS)
    js_set_item(
        context, state, EVENT_FLAGS, _integer(value.u.integer & ~FLAGS_WHILE_DISPATCHED)
    )
    value.u.integer = 0
    value.tag = TAG_NULL
    js_set_item(context, state, EVENT_CURRENT_TARGET, value)


cdef _text_of(void* context, JsValue value):
    cdef size_t size = 0
    cdef const char* text = js_to_text(context, &size, value, 0)
    if text is NULL:
        _release(context, js_exception(context))
        return None
    decoded = text[:size].decode("utf-8", "surrogatepass")
    js_free_text(context, text)
    return decoded


# -- To the wire -------------------------------------------------------------------------


cdef JsValue _send(
    void* context, JsValue this, int count, JsValue* arguments, int magic, JsValue* data
) noexcept:
    """Send a text or an ArrayBuffer; return whether it is one of them, and was sent."""
    cdef Sender sender = <Sender>data[1].u.pointer
    cdef JsValue given = arguments[0]
    cdef JsValue answer = _integer(1)
    cdef WSMsgType kind = WSMsgType.TEXT
    cdef size_t size = 0
    cdef const char* text = NULL
    cdef bint is_copy = False
    answer.tag = TAG_BOOLEAN
    if given.tag == TAG_STRING or given.tag == TAG_JOINED:
        text = _ascii_in(given, &size)
        if text is NULL:
            text = js_to_text(context, &size, given, 0)
            is_copy = True
    elif (
        given.tag == TAG_OBJECT
        and js_class_of(given) == _buffer_class
        and not _is_resizable(context, given)
    ):
        kind = WSMsgType.BINARY
        text = <const char*>js_get_buffer(context, &size, given)
        if text is NULL:
            # Without content: it was detached, or never had any.
            _release(context, js_exception(context))
    else:
        kind = WSMsgType.CONTINUATION
    if text is NULL:
        if kind == WSMsgType.TEXT:
            answer.tag = TAG_EXCEPTION
        answer.u.integer = 0
        return answer
    try:
        if is_copy:
            _send_scalar(sender, text, size)
        else:
            sender.send(kind, text, size)
    except BaseException as error:
        message = str(error).encode("utf-8", "replace")
        answer = js_throw(context, b"%s", <const char*>message)
    if is_copy:
        js_free_text(context, text)
    return answer


cdef bint _is_resizable(void* context, JsValue buffer) noexcept:
    """Return whether an ArrayBuffer may grow or shrink, which Web IDL refuses."""
    cdef JsValue answer = js_get(context, buffer, b"resizable")
    return answer.tag == TAG_BOOLEAN and answer.u.integer != 0


cdef int _send_scalar(Sender sender, const char* text, size_t size) except -1:
    """Send UTF-8; surrogates without a partner are replaced by U+FFFD."""
    cdef const char* at = text
    cdef const char* end = text + size
    cdef bytes replaced
    # Their first byte; with a second one below 0xA0 it is of another character.
    while True:
        at = <const char*>memchr(at, 0xED, end - at)
        if at is NULL:
            return sender.send(WSMsgType.TEXT, text, size)
        if at + 2 < end and <unsigned char>at[1] >= 0xA0:
            replaced = to_utf8(text[:size].decode("utf-8", "surrogatepass"))
            return sender.send(WSMsgType.TEXT, replaced, len(replaced))
        at += 1


cdef const char* _ascii_in(JsValue value, size_t* size) noexcept:
    """Return the characters of a string of the engine where they are ASCII, or NULL."""
    cdef const char* text
    cdef uint32_t* head
    if value.tag != TAG_STRING or _characters_at == 0:
        return NULL
    # References, then the length with a bit for wide characters.
    head = <uint32_t*>value.u.pointer
    if head[1] & 0x80000000U:
        return NULL
    size[0] = head[1]
    text = <const char*>value.u.pointer + _characters_at
    return text if js_is_ascii(text, size[0]) else NULL
