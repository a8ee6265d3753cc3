# The engine's functions and values, for quickjs_messages.pyx.

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
    static int js_copy_ascii(char *__restrict copy, const char *__restrict text, size_t size) {
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
    if value.tag < 0 and value.tag >= TAG_FIRST_COUNTED:
        references = <int*>value.u.pointer
        references[0] -= 1
        if references[0] <= 0:
            js_free_last(context, value)


cdef inline JsValue _another(JsValue value) noexcept:
    """Return a value with one reference more."""
    if value.tag < 0 and value.tag >= TAG_FIRST_COUNTED:
        (<int*>value.u.pointer)[0] += 1
    return value


cdef inline JsValue _nothing() noexcept:
    cdef JsValue value
    value.u.integer = 0
    value.tag = TAG_UNDEFINED
    return value


cdef inline JsValue _integer(int number) noexcept:
    cdef JsValue value
    value.u.integer = number
    value.tag = TAG_INT
    return value


cdef inline JsValue _number(double number) noexcept:
    cdef JsValue value
    value.u.number = number
    value.tag = TAG_FLOAT
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
    # Ours, where there is one, has what belongs to buffers made first.
    with suppress(AttributeError):
        function = library.gharial_new_buffer
        addresses["JS_NewArrayBuffer"] = ctypes.cast(function, ctypes.c_void_p).value
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
    thing = context.new_object()
    # The engine's value is all that is before the last pointer of the binding's object.
    if type(thing).__basicsize__ != _BEHIND_HEADER + sizeof(JsValue) + sizeof(void*):
        return False
    if _value_in(thing).tag != TAG_OBJECT:
        return False
    parts = context.eval("(['text', 'a'.repeat(600) + 'b'.repeat(600), 1.5, [], null])")
    expected = [TAG_STRING, TAG_JOINED, TAG_FLOAT, TAG_OBJECT]
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
    cdef bint is_ascii
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
    is_ascii = js_copy_ascii(<char*>at, text, size)
    if is_ascii:
        made[0] = js_read(context, begin, <size_t>(at - begin) + size, 0)
    if _scratch_size > _KEPT:
        free(_scratch)
        _scratch, _scratch_size = NULL, 0
    return is_ascii
