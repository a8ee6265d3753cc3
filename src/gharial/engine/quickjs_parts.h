/*
 * Global objects whose larger parts are made when they are first touched.
 *
 * Typed arrays, regular expressions, dates, collections and weak references take 26 of the
 * 57 KB of a global object, and half of the time that making one takes. The engine has
 * properties that make their value when they are looked at in any way, which scripts cannot
 * tell from others; it uses them for functions and for `Math`. Here they make those parts.
 */

enum { PART_DATE, PART_REGEXP, PART_COLLECTIONS, PART_BUFFERS, PART_WEAK, PART_COUNT };

typedef struct {
    int (*add)(JSContext *ctx);
    /* A class whose prototype is there once the part is. */
    int class_id;
    /* The globals that it defines, in the order in which it does. */
    const char *names[16];
} Part;

static const Part parts[PART_COUNT] = {
    [PART_DATE] = { JS_AddIntrinsicDate, JS_CLASS_DATE, { "Date" } },
    [PART_REGEXP] = { JS_AddIntrinsicRegExp, JS_CLASS_REGEXP, { "RegExp" } },
    [PART_COLLECTIONS] = {
        JS_AddIntrinsicMapSet, JS_CLASS_MAP, { "Map", "Set", "WeakMap", "WeakSet" } },
    [PART_BUFFERS] = {
        JS_AddIntrinsicTypedArrays, JS_CLASS_ARRAY_BUFFER,
        { "ArrayBuffer", "SharedArrayBuffer", "Uint8ClampedArray", "Int8Array", "Uint8Array",
          "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "BigInt64Array",
          "BigUint64Array", "Float16Array", "Float32Array", "Float64Array", "DataView",
          "Atomics" } },
    [PART_WEAK] = {
        JS_AddIntrinsicWeakRef, JS_CLASS_WEAK_REF, { "WeakRef", "FinalizationRegistry" } },
};

#define NAMES_MAXIMUM ((int)countof(parts[0].names))

/* The part whose properties are being made, and the object that has their values. */
static const Part *part_in_work = NULL;
static JSValue values_in_work;

static JSAutoInitFunc *instantiate_own;

static int has_part(JSContext *ctx, const Part *part)
{
    return part->class_id < ctx->rt->class_count
        && JS_IsObject(ctx->class_proto[part->class_id]);
}

/* Put what is now there into the properties that still wait for it. */
static int fill_properties(JSContext *ctx, const Part *part, JSAtom except)
{
    JSObject *global = JS_VALUE_GET_OBJ(ctx->global_obj);
    int failed = 0;
    for (int i = 0; i < NAMES_MAXIMUM && part->names[i] && !failed; i++) {
        JSAtom name = JS_NewAtom(ctx, part->names[i]);
        if (name == JS_ATOM_NULL)
            return -1;
        JSProperty *property;
        JSShapeProperty *described = find_own_property(&property, global, name);
        if (name != except && described
            && (described->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT
            && property->u.init.opaque == part)
            failed = JS_AutoInitProperty(ctx, global, name, property, described);
        JS_FreeAtom(ctx, name);
    }
    return failed;
}

/* Make a part; return an object with its values, or an exception. */
static JSValue made_part(JSContext *ctx, const Part *part, JSAtom except)
{
    JSValue values = JS_NewObjectProto(ctx, JS_NULL);
    if (JS_IsException(values))
        return values;
    JSValue global = ctx->global_obj;
    ctx->global_obj = values;
    int failed = part->add(ctx);
    ctx->global_obj = global;
    if (!failed) {
        const Part *before = part_in_work;
        JSValue values_before = values_in_work;
        part_in_work = part;
        values_in_work = values;
        failed = fill_properties(ctx, part, except);
        part_in_work = before;
        values_in_work = values_before;
    }
    if (failed) {
        JS_FreeValue(ctx, values);
        return JS_EXCEPTION;
    }
    return values;
}

/* Have a part there; return 0, or -1 with an exception. */
static int add_part(JSContext *ctx, int number)
{
    if (has_part(ctx, &parts[number]))
        return 0;
    JSValue values = made_part(ctx, &parts[number], JS_ATOM_NULL);
    if (JS_IsException(values))
        return -1;
    JS_FreeValue(ctx, values);
    return 0;
}

static JSValue instantiate(JSContext *ctx, JSObject *p, JSAtom atom, void *opaque)
{
    const Part *part = opaque;
    if (part < parts || part >= parts + PART_COUNT) {
        const JSCFunctionListEntry *entry = opaque;
        /* They make regular expressions without naming them. */
        if (entry->def_type == JS_DEF_CFUNC
            && entry->u.func.cfunc.generic_magic == js_string_match
            && add_part(ctx, PART_REGEXP))
            return JS_EXCEPTION;
        return instantiate_own(ctx, p, atom, opaque);
    }
    if (part == part_in_work)
        return JS_GetProperty(ctx, values_in_work, atom);
    JSValue values = made_part(ctx, part, atom);
    if (JS_IsException(values))
        return values;
    JSValue value = JS_GetProperty(ctx, values, atom);
    JS_FreeValue(ctx, values);
    return value;
}

/* A literal, or what eval() is given: the instructions need the part. */
static JSValue compile_regexp(JSContext *ctx, JSValueConst pattern, JSValueConst flags)
{
    if (add_part(ctx, PART_REGEXP))
        return JS_EXCEPTION;
    return js_compile_regexp(ctx, pattern, flags);
}

static int leave_out(JSContext *ctx, int number)
{
    const Part *part = &parts[number];
    for (int i = 0; i < NAMES_MAXIMUM && part->names[i]; i++) {
        JSAtom name = JS_NewAtom(ctx, part->names[i]);
        if (name == JS_ATOM_NULL)
            return -1;
        int failed = JS_DefineAutoInitProperty(
            ctx, ctx->global_obj, name, JS_AUTOINIT_ID_PROP, (void *)part,
            JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
        JS_FreeAtom(ctx, name);
        if (failed < 0)
            return -1;
    }
    return 0;
}

/* What JS_NewContext does, in the same order. */
static JSContext *gharial_new_context(JSRuntime *rt)
{
    JSContext *ctx = JS_NewContextRaw(rt);
    if (!ctx)
        return NULL;
    if (js_autoinit_func_table[JS_AUTOINIT_ID_PROP] != instantiate) {
        instantiate_own = js_autoinit_func_table[JS_AUTOINIT_ID_PROP];
        js_autoinit_func_table[JS_AUTOINIT_ID_PROP] = instantiate;
    }
    if (JS_AddIntrinsicBaseObjects(ctx) || leave_out(ctx, PART_DATE)
        || JS_AddIntrinsicEval(ctx) || JS_AddIntrinsicStringNormalize(ctx)
        || leave_out(ctx, PART_REGEXP) || JS_AddIntrinsicJSON(ctx)
        || JS_AddIntrinsicProxy(ctx) || leave_out(ctx, PART_COLLECTIONS)
        || leave_out(ctx, PART_BUFFERS) || JS_AddIntrinsicPromise(ctx)
        || leave_out(ctx, PART_WEAK)) {
        JS_FreeContext(ctx);
        return NULL;
    }
    ctx->compile_regexp = compile_regexp;
    return ctx;
}

/* What hosts make buffers with: their part is there first. */
JSValue gharial_new_buffer(JSContext *ctx, uint8_t *data, size_t size,
                           JSFreeArrayBufferDataFunc *release, void *opaque, int is_shared)
{
    if (add_part(ctx, PART_BUFFERS))
        return JS_EXCEPTION;
    return JS_NewArrayBuffer(ctx, data, size, release, opaque, is_shared);
}

static JSValue gharial_new_buffer_copy(JSContext *ctx, const uint8_t *data, size_t size)
{
    if (add_part(ctx, PART_BUFFERS))
        return JS_EXCEPTION;
    return JS_NewArrayBufferCopy(ctx, data, size);
}
