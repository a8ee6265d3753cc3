"""
Messages between the wire and QuickJS, without a detour by way of Python's objects.

The binding converts each argument to a Python object and back. On the path of a message
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

from cpython.unicode cimport PyUnicode_AsUTF8String
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcpy
from picows.picows cimport WSFrame, WSMsgType

from gharial.websocket.scalar_text import to_utf8

from gharial.websocket.messages cimport MessageReceiver
from gharial.websocket.wire.sender cimport Sender


cdef extern from *:
    """
    #include <stdint.h>
    /* JSValue on 64-bit machines. */
    typedef struct {
        union { int32_t integer; double number; void *pointer; uint64_t bits; } u;
        int64_t tag;
    } GharialJsValue;
    typedef GharialJsValue (*GharialJsFunction)(
        void *, GharialJsValue, int, GharialJsValue *, int, GharialJsValue *);
    static GharialJsValue (*js_call)(
        void *, GharialJsValue, GharialJsValue, int, GharialJsValue *);
    static GharialJsValue (*js_new_string)(void *, const char *, size_t);
    static uint8_t *(*js_get_buffer)(void *, size_t *, GharialJsValue);
    static const char *(*js_to_text)(void *, size_t *, GharialJsValue, int);
    static void (*js_free_text)(void *, const char *);
    static GharialJsValue (*js_new_function)(
        void *, GharialJsFunction, int, int, int, GharialJsValue *);
    static int (*js_set_item)(void *, GharialJsValue, uint32_t, GharialJsValue);
    static int (*js_has_jobs)(void *);
    static void (*js_free_last)(void *, GharialJsValue);
    static GharialJsValue (*js_exception)(void *);
    static GharialJsValue (*js_get)(void *, GharialJsValue, const char *);
    static GharialJsValue (*js_throw)(void *, const char *, ...);
    static GharialJsValue (*js_read)(void *, const uint8_t *, size_t, int);
    static GharialJsValue (*js_get_item)(void *, GharialJsValue, uint32_t);
    static GharialJsValue (*js_new_array)(void *);
    static GharialJsValue (*js_new_object)(void *, GharialJsValue, uint32_t);
    static uint32_t (*js_new_class_id)(uint32_t *);
    static int (*js_is_class)(void *, uint32_t);
    static int (*js_new_class)(void *, uint32_t, const void *);
    static void (*js_set_opaque)(GharialJsValue, void *);
    static void *(*js_get_opaque)(GharialJsValue, uint32_t);
    static void (*js_mark)(void *, GharialJsValue, void *);
    static void (*js_free_last_of)(void *, GharialJsValue);
    static uint32_t (*js_class_of)(GharialJsValue);
    static void *(*js_malloc)(void *, size_t);
    static void (*js_free)(void *, void *);
    static GharialJsValue (*js_wrap_buffer)(
        void *, uint8_t *, size_t, void (*)(void *, void *, void *), void *, int);
    typedef struct {
        const char *name;
        void (*finalize)(void *, GharialJsValue);
        void (*mark)(void *, GharialJsValue, void *);
        void *call;
        void *exotic;
    } GharialJsClass;

    /* Loops that compilers make use of vectors for. */
    static int js_is_ascii(const char *text, size_t size) {
        unsigned char all = 0;
        for (size_t i = 0; i < size; i++) all |= (unsigned char)text[i];
        return all < 0x80;
    }
    static int js_copy_ascii(char *restrict copy, const char *restrict text, size_t size) {
        unsigned char all = 0;
        for (size_t i = 0; i < size; i++) {
            all |= (unsigned char)text[i];
            copy[i] = text[i];
        }
        return all < 0x80;
    }
    """
    ctypedef union _Payload:
        int32_t integer
        double number
        void* pointer
    ctypedef struct JsValue "GharialJsValue":
        _Payload u
        int64_t tag
    ctypedef JsValue (*JsFunction "GharialJsFunction")(
        void*, JsValue, int, JsValue*, int, JsValue*) noexcept
    JsValue js_call(void*, JsValue, JsValue, int, JsValue*) noexcept
    JsValue js_new_string(void*, const char*, size_t) noexcept
    uint8_t* js_get_buffer(void*, size_t*, JsValue) noexcept
    const char* js_to_text(void*, size_t*, JsValue, int) noexcept
    void js_free_text(void*, const char*) noexcept
    JsValue js_new_function(void*, JsFunction, int, int, int, JsValue*) noexcept
    int js_set_item(void*, JsValue, uint32_t, JsValue) noexcept
    int js_has_jobs(void*) noexcept
    void js_free_last(void*, JsValue) noexcept
    JsValue js_exception(void*) noexcept
    JsValue js_get(void*, JsValue, const char*) noexcept
    JsValue js_throw(void*, const char*, ...) noexcept
    JsValue js_read(void*, const uint8_t*, size_t, int) noexcept
    JsValue js_get_item(void*, JsValue, uint32_t) noexcept
    JsValue js_new_array(void*) noexcept
    JsValue js_new_object(void*, JsValue, uint32_t) noexcept
    uint32_t js_new_class_id(uint32_t*) noexcept
    int js_is_class(void*, uint32_t) noexcept
    int js_new_class(void*, uint32_t, const void*) noexcept
    void js_set_opaque(JsValue, void*) noexcept
    void* js_get_opaque(JsValue, uint32_t) noexcept
    void js_mark(void*, JsValue, void*) noexcept
    void js_free_last_of(void*, JsValue) noexcept
    uint32_t js_class_of(JsValue) noexcept
    void* js_malloc(void*, size_t) noexcept
    void js_free(void*, void*) noexcept
    JsValue js_wrap_buffer(
        void*, uint8_t*, size_t, void (*)(void*, void*, void*) noexcept, void*, int) noexcept
    ctypedef struct JsClass "GharialJsClass":
        const char* name
        void (*finalize)(void*, JsValue) noexcept
        void (*mark)(void*, JsValue, void*) noexcept
        void* call
        void* exotic
    bint js_is_ascii(const char*, size_t) noexcept
    bint js_copy_ascii(char*, const char*, size_t) noexcept


# The engine's tags that the binding does not name all of.
cdef enum:
    _INT = 0
    _BOOLEAN = 1
    _NULL = 2
    _UNDEFINED = 3
    _EXCEPTION = 6
    _FLOAT = 8
    _OBJECT = -1
    _JOINED = -6
    _STRING = -7
    # Tags from here to -1 are of values that are counted.
    _FIRST_COUNTED = -9

# What follows the header of a Python object: the binding's Context and Value begin with
# the engine's own.
cdef Py_ssize_t _BEHIND_HEADER = object.__basicsize__

cdef enum:
    # From this length on a text is read as serialised data is, which looks at none of its
    # characters: the usual way looks at each, one by one, to see whether all are ASCII.
    _LONG = 256
    # A buffer for reading long texts is kept up to this size.
    _KEPT = 1 << 20

cdef unsigned char _SERIALISED[3]
_SERIALISED[:] = [5, 0, 7]
cdef bint _can_read = False
# Where the characters of a string begin in it; 0 if that could not be found out.
cdef Py_ssize_t _characters_at = 0
cdef uint32_t _buffer_class = 0
cdef unsigned char* _scratch = NULL
cdef size_t _scratch_size = 0

_NAMES = {
    "JS_Call", "JS_NewStringLen", "JS_GetArrayBuffer",
    "JS_ToCStringLen2", "JS_FreeCString", "JS_NewCFunctionData", "JS_SetPropertyUint32",
    "JS_IsJobPending", "__JS_FreeValue", "JS_GetException", "JS_GetPropertyStr",
    "JS_ThrowInternalError", "JS_ReadObject", "JS_GetPropertyUint32", "JS_NewArray",
    "JS_NewObjectProtoClass", "JS_NewClassID", "JS_IsRegisteredClass", "JS_NewClass",
    "JS_SetOpaque", "JS_GetOpaque", "JS_MarkValue", "__JS_FreeValueRT", "JS_GetClassID",
    "JS_NewArrayBuffer", "js_malloc", "js_free_rt",
}


cdef inline void _release(void* context, JsValue value) noexcept:
    cdef int* references
    if value.tag < 0 and value.tag >= _FIRST_COUNTED:
        references = <int*>value.u.pointer
        references[0] -= 1
        if references[0] <= 0:
            js_free_last(context, value)


cdef inline JsValue _another(JsValue value) noexcept:
    """Return a value with one reference more."""
    if value.tag < 0 and value.tag >= _FIRST_COUNTED:
        (<int*>value.u.pointer)[0] += 1
    return value


cdef inline JsValue _nothing() noexcept:
    cdef JsValue value
    value.u.integer = 0
    value.tag = _UNDEFINED
    return value


cdef inline JsValue _integer(int number) noexcept:
    cdef JsValue value
    value.u.integer = number
    value.tag = _INT
    return value


cdef inline JsValue _number(double number) noexcept:
    cdef JsValue value
    value.u.number = number
    value.tag = _FLOAT
    return value


cdef inline void* _pointer_in(owner) noexcept:
    return (<void**>(<char*><void*>owner + _BEHIND_HEADER))[0]


cdef inline JsValue _value_in(owner) noexcept:
    return (<JsValue*>(<char*><void*>owner + _BEHIND_HEADER))[0]


def find_functions(library, context):
    """
    Take the engine's functions from its library.

    Args:
        library: The binding's, as :class:`ctypes.CDLL`.
        context: Of the binding, to try them.

    Returns:
        Whether all are there and do what is expected; else nothing here can be used.

    """
    addresses = {}
    for name in _NAMES:
        try:
            function = getattr(library, name)
        except AttributeError:
            return False
        addresses[name] = ctypes.cast(function, ctypes.c_void_p).value
    (<void**>&js_call)[0] = <void*><uintptr_t>addresses["JS_Call"]
    (<void**>&js_new_string)[0] = <void*><uintptr_t>addresses["JS_NewStringLen"]
    (<void**>&js_get_buffer)[0] = <void*><uintptr_t>addresses["JS_GetArrayBuffer"]
    (<void**>&js_to_text)[0] = <void*><uintptr_t>addresses["JS_ToCStringLen2"]
    (<void**>&js_free_text)[0] = <void*><uintptr_t>addresses["JS_FreeCString"]
    (<void**>&js_new_function)[0] = <void*><uintptr_t>addresses["JS_NewCFunctionData"]
    (<void**>&js_set_item)[0] = <void*><uintptr_t>addresses["JS_SetPropertyUint32"]
    (<void**>&js_has_jobs)[0] = <void*><uintptr_t>addresses["JS_IsJobPending"]
    (<void**>&js_free_last)[0] = <void*><uintptr_t>addresses["__JS_FreeValue"]
    (<void**>&js_exception)[0] = <void*><uintptr_t>addresses["JS_GetException"]
    (<void**>&js_get)[0] = <void*><uintptr_t>addresses["JS_GetPropertyStr"]
    (<void**>&js_throw)[0] = <void*><uintptr_t>addresses["JS_ThrowInternalError"]
    (<void**>&js_read)[0] = <void*><uintptr_t>addresses["JS_ReadObject"]
    (<void**>&js_get_item)[0] = <void*><uintptr_t>addresses["JS_GetPropertyUint32"]
    (<void**>&js_new_array)[0] = <void*><uintptr_t>addresses["JS_NewArray"]
    (<void**>&js_new_object)[0] = <void*><uintptr_t>addresses["JS_NewObjectProtoClass"]
    (<void**>&js_new_class_id)[0] = <void*><uintptr_t>addresses["JS_NewClassID"]
    (<void**>&js_is_class)[0] = <void*><uintptr_t>addresses["JS_IsRegisteredClass"]
    (<void**>&js_new_class)[0] = <void*><uintptr_t>addresses["JS_NewClass"]
    (<void**>&js_set_opaque)[0] = <void*><uintptr_t>addresses["JS_SetOpaque"]
    (<void**>&js_get_opaque)[0] = <void*><uintptr_t>addresses["JS_GetOpaque"]
    (<void**>&js_mark)[0] = <void*><uintptr_t>addresses["JS_MarkValue"]
    (<void**>&js_free_last_of)[0] = <void*><uintptr_t>addresses["__JS_FreeValueRT"]
    (<void**>&js_class_of)[0] = <void*><uintptr_t>addresses["JS_GetClassID"]
    (<void**>&js_malloc)[0] = <void*><uintptr_t>addresses["js_malloc"]
    (<void**>&js_free)[0] = <void*><uintptr_t>addresses["js_free_rt"]
    (<void**>&js_wrap_buffer)[0] = <void*><uintptr_t>addresses["JS_NewArrayBuffer"]
    return _do_as_expected(context)


def _do_as_expected(context):
    """Try what is relied on: how values look, and how a text is serialised."""
    global _can_read, _characters_at, _buffer_class
    cdef void* engine = _pointer_in(context)
    parts = context.eval("(['text', 'a'.repeat(600) + 'b'.repeat(600), 1.5, [], null])")
    expected = [_STRING, _JOINED, _FLOAT, _OBJECT]
    holder = context.new_object()
    cdef JsValue value
    cdef int index
    for index in range(len(expected)):
        value = js_get(engine, _value_in(parts), str(index).encode())
        tag = value.tag
        _release(engine, value)
        if tag != expected[index]:
            return False
    value = js_new_string(engine, b"\xc3\xa9", 2)
    js_set_item(engine, _value_in(holder), 0, value)
    if holder.get(0) != "\xe9":
        return False
    _characters_at = _find_characters(engine)
    buffer = context.eval("new ArrayBuffer(1)")
    _buffer_class = js_class_of(_value_in(buffer))
    try:
        _can_read = str(context.read_object(bytes(_SERIALISED[:3]) + b"\x06abc")) == "abc"
    except Exception:
        _can_read = False
    return True


cdef Py_ssize_t _find_characters(void* context) noexcept:
    """Return where the characters of a string begin in it, as the engine shows by itself."""
    # What it gives as the UTF-8 of an ASCII string is that string, with a reference more.
    cdef size_t size = 0
    cdef Py_ssize_t found
    cdef JsValue narrow = js_new_string(context, b"0123456789", 10)
    cdef JsValue wide = js_new_string(context, b"\xe2\x82\xac", 3)
    cdef uint32_t* narrow_head = <uint32_t*>narrow.u.pointer
    cdef uint32_t* wide_head = <uint32_t*>wide.u.pointer
    cdef const char* text = js_to_text(context, &size, narrow, 0)
    found = text - <const char*>narrow.u.pointer
    if not (
        0 < found <= 64
        and narrow_head[0] == 2
        and narrow_head[1] == 10
        and wide_head[1] == 0x80000001U
    ):
        found = 0
    js_free_text(context, text)
    _release(context, narrow)
    _release(context, wide)
    return found


cdef unsigned char* _scratch_of(size_t size) noexcept:
    """Return room for so many bytes, or NULL; it is good until the next call."""
    global _scratch, _scratch_size
    cdef unsigned char* grown
    if size > _scratch_size:
        grown = <unsigned char*>realloc(_scratch, size)
        if grown is NULL:
            return NULL
        _scratch, _scratch_size = grown, size
    return _scratch


cdef bint _read_ascii(
    void* context, const char* text, size_t size, JsValue* made
) noexcept:
    """Make a string of the engine; return whether the text is ASCII, else do nothing."""
    global _scratch, _scratch_size
    cdef unsigned char* begin
    cdef unsigned char* at
    cdef size_t rest = size << 1
    if size < _LONG or not _can_read or size >= 1 << 30:
        if not js_is_ascii(text, size):
            return False
        made[0] = js_new_string(context, text, size)
        return True
    begin = at = _scratch_of(size + 16)
    if begin is NULL:
        return False
    memcpy(at, _SERIALISED, 3)
    at += 3
    # LEB128, the engine's form of numbers.
    while rest >= 0x80:
        at[0] = <unsigned char>(rest | 0x80)
        at += 1
        rest >>= 7
    at[0] = <unsigned char>rest
    at += 1
    if not js_copy_ascii(<char*>at, text, size):
        return False
    made[0] = js_read(context, begin, <size_t>(at - begin) + size, 0)
    if _scratch_size > _KEPT:
        free(_scratch)
        _scratch, _scratch_size = NULL, 0
    return True


# -- Events ------------------------------------------------------------------------------


cdef enum:
    # Places in the array of a socket that websocket.js keeps for the path of a message.
    _TARGET = 0
    _STATE = 1
    _ONLY = 2
    _ORIGIN = 3
    _MAKES_BLOBS = 5
    # The same in the array that events.js keeps of an event, and values in it.
    _KIND_MESSAGE = 1
    _FLAGS = 3
    _CURRENT_TARGET = 5
    _DATA = 6
    _BY_PLATFORM = 64
    _DISPATCHING = 32
    _WHILE_DISPATCHED = 35
    # What a getter of an event is to return.
    _OF_DATA = 0
    _OF_TIMESTAMP = 1
    _OF_STATE = 2


cdef struct Event:
    # What came, and the array of the socket to which it came.
    JsValue data
    JsValue socket
    # The array that the runtime keeps of other events; undefined until somebody asks.
    JsValue state
    double at_ms
    bint is_dispatching


cdef uint32_t _event_class = 0


cdef inline void _release_of(void* runtime, JsValue value) noexcept:
    cdef int* references
    if value.tag < 0 and value.tag >= _FIRST_COUNTED:
        references = <int*>value.u.pointer
        references[0] -= 1
        if references[0] <= 0:
            js_free_last_of(runtime, value)


cdef void _finalize_event(void* runtime, JsValue value) noexcept:
    cdef Event* event = <Event*>js_get_opaque(value, _event_class)
    if event is not NULL:
        _release_of(runtime, event.data)
        _release_of(runtime, event.socket)
        _release_of(runtime, event.state)
        free(event)


cdef void _mark_event(void* runtime, JsValue value, void* mark) noexcept:
    cdef Event* event = <Event*>js_get_opaque(value, _event_class)
    if event is not NULL:
        js_mark(runtime, event.data, mark)
        js_mark(runtime, event.socket, mark)
        js_mark(runtime, event.state, mark)


cdef bint _has_event_class(void* runtime) noexcept:
    """Return whether the class of events is there, made if need be."""
    cdef JsClass description
    if _event_class == 0:
        js_new_class_id(&_event_class)
    if js_is_class(runtime, _event_class):
        return True
    description.name = b"MessageEvent"
    description.finalize = _finalize_event
    description.mark = _mark_event
    description.call = description.exotic = NULL
    return js_new_class(runtime, _event_class, &description) == 0


cdef JsValue _state_of(void* context, Event* event) noexcept:
    """Return the array that the runtime keeps of an event; made when first asked for."""
    cdef JsValue state
    cdef JsValue target
    cdef int flags = _BY_PLATFORM
    if event.state.tag != _UNDEFINED:
        return _another(event.state)
    state = js_new_array(context)
    if state.tag == _EXCEPTION:
        return state
    if event.is_dispatching:
        flags |= _DISPATCHING
    target = js_get_item(context, event.socket, _TARGET)
    js_set_item(context, state, 0, _integer(_KIND_MESSAGE))
    js_set_item(context, state, 1, js_new_string(context, b"message", 7))
    js_set_item(context, state, 2, _number(event.at_ms))
    js_set_item(context, state, _FLAGS, _integer(flags))
    js_set_item(context, state, 4, _another(target))
    if not event.is_dispatching:
        _release(context, target)
        target = _nothing()
        target.tag = _NULL
    js_set_item(context, state, _CURRENT_TARGET, target)
    js_set_item(context, state, _DATA, _another(event.data))
    js_set_item(context, state, 7, js_get_item(context, event.socket, _ORIGIN))
    event.state = _another(state)
    return state


cdef JsValue _get(
    void* context, JsValue this, int count, JsValue* arguments, int which, JsValue* data
) noexcept:
    """Return an attribute of an event; of others than ours, what a function reads."""
    cdef Event* event = NULL
    if this.tag == _OBJECT:
        event = <Event*>js_get_opaque(this, _event_class)
    if event is NULL:
        if data[0].tag != _OBJECT:
            return _nothing()
        return js_call(context, data[0], this, 0, NULL)
    if which == _OF_STATE:
        return _state_of(context, event)
    if event.state.tag != _UNDEFINED:
        return js_get_item(context, event.state, _DATA if which == _OF_DATA else 2)
    if which == _OF_DATA:
        return _another(event.data)
    return _number(event.at_ms)


cdef JsValue _make_getter(
    void* context, JsValue this, int count, JsValue* arguments, int magic, JsValue* data
) noexcept:
    return js_new_function(context, _get, 0, arguments[1].u.integer, 1, arguments)


def event_getters(context):
    """
    Return, as the only item of an array, what makes getters of events.

    It is a function for the runtime. It takes a function that reads the attribute of any
    other event, undefined for none, and what to read of ours: 0 data, 1 the timestamp, 2 the
    array that the runtime keeps of other events.
    """
    cdef JsValue nothing[1]
    holder = context.eval("[]")
    nothing[0] = _nothing()
    cdef JsValue function = js_new_function(
        _pointer_in(context), _make_getter, 2, 0, 0, nothing
    )
    if function.tag == _EXCEPTION:
        raise MemoryError
    js_set_item(_pointer_in(context), _value_in(holder), 0, function)
    return holder


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
        made.tag = _EXCEPTION
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

    """

    cdef object _kept, _binding_context, _error_class
    cdef dict _rejections
    cdef void* _context
    cdef void* _runtime
    cdef JsValue _dispatch
    cdef JsValue _prototype
    cdef JsValue _report

    def __init__(self, context, runtime, internal, dict rejections, error_class):
        dispatch = internal.get("dispatch").get("message")
        prototype = internal.get("messagePrototype")
        report = internal.get("reportException")
        self._binding_context = context
        self._kept = (runtime, dispatch, prototype, report)
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
        data[1].tag = _FLOAT
        holder = self._binding_context.eval("[]")
        cdef JsValue function = js_new_function(self._context, _send, 1, 0, 2, data)
        if function.tag == _EXCEPTION:
            raise MemoryError
        js_set_item(self._context, _value_in(holder), 0, function)
        return holder

    cdef _raise(self, JsValue thrown):
        """Raise what was thrown."""
        cdef JsValue stack
        error = self._error_class(_text_of(self._context, thrown) or "<unknown JS error>")
        if thrown.tag == _OBJECT:
            stack = js_get(self._context, thrown, b"stack")
            if stack.tag == _STRING or stack.tag == _JOINED:
                error.js_stack = _text_of(self._context, stack)
            elif stack.tag == _EXCEPTION:
                _release(self._context, js_exception(self._context))
            _release(self._context, stack)
        _release(self._context, thrown)
        raise error

    cdef _tell(self, JsValue thrown):
        """Tell the runtime of what a listener threw; raise what nothing may catch."""
        cdef JsValue result
        if _text_of(self._context, thrown) == _INTERRUPTED:
            self._raise(thrown)
        result = js_call(self._context, self._report, _nothing(), 1, &thrown)
        _release(self._context, thrown)
        if result.tag == _EXCEPTION:
            self._raise(js_exception(self._context))
        _release(self._context, result)


_INTERRUPTED = "InternalError: interrupted"


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
        """Return whether promises wait, to be run or to be told of."""
        return js_has_jobs(self._messages._runtime) > 0 or len(self._messages._rejections) > 0

    cdef _deliver(self, JsValue data, double at_ms):
        """Call the one listener with an event, or let the runtime dispatch it."""
        cdef EngineMessages messages = self._messages
        cdef void* context = messages._context
        cdef JsValue listener
        cdef JsValue state
        if data.tag == _EXCEPTION:
            messages._raise(js_exception(context))
        state = js_get_item(context, self._socket, _STATE)
        listener = js_get_item(context, self._socket, _ONLY)
        try:
            if state.u.integer != 1 or listener.tag == _UNDEFINED:
                # Not open, or nobody listens.
                _release(context, data)
            elif listener.tag != _OBJECT or (
                data.tag == _OBJECT and self._makes_blobs()
            ):
                self._dispatch(data, at_ms)
            else:
                self._call(listener, data, at_ms)
        finally:
            _release(context, listener)

    cdef bint _makes_blobs(self):
        cdef JsValue makes = js_get_item(self._messages._context, self._socket, _MAKES_BLOBS)
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
        if result.tag == _EXCEPTION:
            messages._raise(js_exception(context))
        _release(context, result)

    cdef _call(self, JsValue listener, JsValue data, double at_ms):
        cdef EngineMessages messages = self._messages
        cdef void* context = messages._context
        cdef JsValue target
        cdef JsValue result
        cdef JsValue object_ = js_new_object(context, messages._prototype, _event_class)
        cdef Event* event = <Event*>malloc(sizeof(Event))
        if object_.tag == _EXCEPTION or event is NULL:
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
        target = js_get_item(context, self._socket, _TARGET)
        result = js_call(context, listener, target, 1, &object_)
        _release(context, target)
        event.is_dispatching = False
        if event.state.tag != _UNDEFINED:
            _end_dispatch(context, event.state)
        _release(context, object_)
        if result.tag == _EXCEPTION:
            messages._tell(js_exception(context))
        else:
            _release(context, result)


cdef void _end_dispatch(void* context, JsValue state) noexcept:
    cdef JsValue value = js_get_item(context, state, _FLAGS)
    js_set_item(context, state, _FLAGS, _integer(value.u.integer & ~_WHILE_DISPATCHED))
    value.u.integer = 0
    value.tag = _NULL
    js_set_item(context, state, _CURRENT_TARGET, value)


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
    answer.tag = _BOOLEAN
    if given.tag == _STRING or given.tag == _JOINED:
        text = _ascii_in(given, &size)
        if text is NULL:
            text = js_to_text(context, &size, given, 0)
            is_copy = True
    elif given.tag == _OBJECT and js_class_of(given) == _buffer_class:
        kind = WSMsgType.BINARY
        text = <const char*>js_get_buffer(context, &size, given)
        if text is NULL:
            # Without content: it was detached, or never had any.
            _release(context, js_exception(context))
    else:
        kind = WSMsgType.CONTINUATION
    if text is NULL:
        if kind == WSMsgType.TEXT:
            answer.tag = _EXCEPTION
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
    if value.tag != _STRING or _characters_at == 0:
        return NULL
    # References, then the length with a bit for wide characters.
    head = <uint32_t*>value.u.pointer
    if head[1] & 0x80000000U:
        return NULL
    size[0] = head[1]
    text = <const char*>value.u.pointer + _characters_at
    return text if js_is_ascii(text, size[0]) else NULL
