# The events of messages, for quickjs_messages.pyx.

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
    if value.tag < 0 and value.tag >= TAG_FIRST_COUNTED:
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
    cdef int flags = BY_PLATFORM
    if event.state.tag != TAG_UNDEFINED:
        return _another(event.state)
    state = js_new_array(context)
    if state.tag == TAG_EXCEPTION:
        return state
    if event.is_dispatching:
        flags |= DISPATCHING
    target = js_get_item(context, event.socket, SOCKET_TARGET)
    js_set_item(context, state, EVENT_KIND, _integer(KIND_MESSAGE))
    js_set_item(context, state, EVENT_TYPE, js_new_string(context, b"message", 7))
    js_set_item(context, state, EVENT_TIMESTAMP_MS, _number(event.at_ms))
    js_set_item(context, state, EVENT_FLAGS, _integer(flags))
    js_set_item(context, state, EVENT_TARGET, _another(target))
    if not event.is_dispatching:
        _release(context, target)
        target = _nothing()
        target.tag = TAG_NULL
    js_set_item(context, state, EVENT_CURRENT_TARGET, target)
    js_set_item(context, state, MESSAGE_DATA, _another(event.data))
    js_set_item(
        context, state, MESSAGE_ORIGIN, js_get_item(context, event.socket, SOCKET_ORIGIN)
    )
    event.state = _another(state)
    return state


cdef JsValue _get(
    void* context, JsValue this, int count, JsValue* arguments, int which, JsValue* data
) noexcept:
    """Return an attribute of an event; of others than ours, what a function reads."""
    cdef Event* event = NULL
    if this.tag == TAG_OBJECT:
        event = <Event*>js_get_opaque(this, _event_class)
    if event is NULL:
        if data[0].tag != TAG_OBJECT:
            return _nothing()
        return js_call(context, data[0], this, 0, NULL)
    if which == GETS_STATE:
        return _state_of(context, event)
    if event.state.tag != TAG_UNDEFINED:
        return js_get_item(
            context,
            event.state,
            MESSAGE_DATA if which == GETS_DATA else EVENT_TIMESTAMP_MS,
        )
    if which == GETS_DATA:
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
    other event, undefined for none, and what to read of ours, one of the
    numbers that begin with GETS.
    """
    cdef JsValue nothing[1]
    holder = context.eval("[]")
    nothing[0] = _nothing()
    cdef JsValue function = js_new_function(
        _pointer_in(context), _make_getter, 2, 0, 0, nothing
    )
    if function.tag == TAG_EXCEPTION:
        raise MemoryError
    js_set_item(_pointer_in(context), _value_in(holder), 0, function)
    return holder
