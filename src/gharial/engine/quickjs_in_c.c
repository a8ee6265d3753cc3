/*
 * QuickJS and its Python binding in one piece, with what we add to both.
 *
 * The sources are those of the package quickjs-bindings (see hatch_build.py), unchanged. They
 * are included, so that what is ours sees what they keep to themselves.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "quickjs.c"

/* The engine forbids itself these; what all heaps share is in none of them. */
#undef malloc
#undef free
#undef realloc

#include "quickjs_parts.h"
#include "quickjs_templates.h"

/* The binding, on what is ours. */
#define JS_NewRuntime gharial_new_runtime
#define JS_FreeRuntime gharial_free_runtime
#define JS_NewContext gharial_new_context
#define JS_NewArrayBuffer gharial_new_buffer
#define JS_NewArrayBufferCopy gharial_new_buffer_copy
#define PyInit__quickjs make_binding
#undef PyMODINIT_FUNC
#define PyMODINIT_FUNC static PyObject *
#include "_quickjs.c"
#undef JS_NewRuntime
#undef JS_FreeRuntime
#undef JS_NewContext
#undef JS_NewArrayBuffer
#undef JS_NewArrayBufferCopy

static int are_context_and_bytecode(PyObject *context, PyObject *code)
{
    if (PyObject_TypeCheck(context, &Context_Type) && Py_TYPE(code) == &Bytecode_Type)
        return 1;
    PyErr_SetString(PyExc_TypeError, "takes a Context and a Bytecode");
    return 0;
}

static PyObject *run_bytecode(PyObject *module, PyObject *args)
{
    PyObject *context, *code;
    if (!PyArg_ParseTuple(args, "OO:run_bytecode", &context, &code)
        || !are_context_and_bytecode(context, code))
        return NULL;
    ContextObject *self = (ContextObject *)context;
    JSValue made = instantiated(self->ctx, (BytecodeObject *)code);
    if (!JS_IsException(made))
        made = JS_EvalFunction(self->ctx, made);
    return JS_IsException(made) ? raise_js_exception(self) : js_to_py_consume(self, &made);
}

/* While a module is compiled, what it imports is not looked for. */
static JSModuleDef *no_module(JSContext *ctx, const char *name, void *opaque)
{
    return js_new_module_def(ctx, JS_NewAtom(ctx, name));
}

static PyObject *compiled_module(PyObject *module, PyObject *args)
{
    const char *source, *name;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "s#s:compiled_module", &source, &size, &name))
        return NULL;
    /* Gone with all that it knows once the module is written down. */
    JSRuntime *rt = JS_NewRuntime();
    JSContext *ctx = rt ? JS_NewContextRaw(rt) : NULL;
    PyObject *made = NULL;
    if (!ctx) {
        PyErr_NoMemory();
    } else {
        JS_AddIntrinsicEval(ctx);
        JS_AddIntrinsicRegExpCompiler(ctx);
        JS_SetModuleLoaderFunc(rt, NULL, no_module, NULL);
        JSValue function = JS_Eval(ctx, source, size, name,
                                   JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
        size_t length = 0;
        uint8_t *written = NULL;
        if (!JS_IsException(function))
            written = JS_WriteObject(ctx, &length, function, JS_WRITE_OBJ_BYTECODE);
        if (written)
            made = PyBytes_FromStringAndSize((char *)written, length);
        else
            made = Py_NewRef(Py_None);
        js_free(ctx, written);
        JS_FreeValue(ctx, function);
        JS_FreeContext(ctx);
    }
    if (rt)
        JS_FreeRuntime(rt);
    return made;
}

static PyObject *new_bytecode(PyObject *module, PyObject *bytes)
{
    if (!PyBytes_Check(bytes)) {
        PyErr_SetString(PyExc_TypeError, "takes bytes");
        return NULL;
    }
    BytecodeObject *made = PyObject_New(BytecodeObject, &Bytecode_Type);
    if (made) {
        made->bytes = Py_NewRef(bytes);
        made->blocks = NULL;
        made->block_count = made->block_capacity = 0;
    }
    return (PyObject *)made;
}

/* Throw what Python raised as a ReferenceError; the message says that it was a loader. */
static void throw_loader_error(JSContext *ctx, const char *name)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    const char *told = text ? PyUnicode_AsUTF8(text) : NULL;
    PyErr_Clear();
    JS_ThrowReferenceError(ctx, "module loader failed for '%s': %s", name,
                           told ? told : "error");
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

static JSValue module_of_text(JSContext *ctx, const char *name, PyObject *text)
{
    PyObject *encoded = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
    if (!encoded) {
        throw_loader_error(ctx, name);
        return JS_EXCEPTION;
    }
    JSValue made = JS_Eval(ctx, PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded), name,
                           JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    Py_DECREF(encoded);
    return made;
}

/* As the binding's loader, but what Python gives may be bytecode, too. */
static JSModuleDef *load_module(JSContext *ctx, const char *name, void *opaque)
{
    ContextObject *context = JS_GetContextOpaque(ctx);
    if (!context || !context->module_loader) {
        JS_ThrowReferenceError(ctx, "no module loader set for '%s'", name);
        return NULL;
    }
    PyObject *loaded = PyObject_CallFunction(context->module_loader, "s", name);
    if (loaded && Py_TYPE(loaded) != &Bytecode_Type && !PyUnicode_Check(loaded)) {
        Py_CLEAR(loaded);
        PyErr_SetString(PyExc_TypeError, "it returned neither text nor bytecode");
    }
    if (!loaded) {
        throw_loader_error(ctx, name);
        return NULL;
    }
    JSValue made = PyUnicode_Check(loaded)
        ? module_of_text(ctx, name, loaded)
        : instantiated(ctx, (BytecodeObject *)loaded);
    Py_DECREF(loaded);
    if (JS_IsException(made))
        return NULL;
    JSModuleDef *m = JS_VALUE_GET_PTR(made);
    JS_FreeValue(ctx, made);
    return m;
}

static PyObject *use_bytecode_of_modules(PyObject *module, PyObject *runtime)
{
    if (!PyObject_TypeCheck(runtime, &Runtime_Type)) {
        PyErr_SetString(PyExc_TypeError, "takes a Runtime");
        return NULL;
    }
    JS_SetModuleLoaderFunc(((RuntimeObject *)runtime)->rt, NULL, load_module, NULL);
    Py_RETURN_NONE;
}

static PyObject *has_refused_memory(PyObject *module, PyObject *runtime)
{
    if (!PyObject_TypeCheck(runtime, &Runtime_Type)) {
        PyErr_SetString(PyExc_TypeError, "takes a Runtime");
        return NULL;
    }
    Templates *templates = templates_of(((RuntimeObject *)runtime)->rt);
    int has_refused = templates->has_refused;
    templates->has_refused = FALSE;
    return PyBool_FromLong(has_refused);
}

static PyObject *offsets(PyObject *module, PyObject *none)
{
    return Py_BuildValue(
        "{snsn}",
        "heap_size", (Py_ssize_t)offsetof(JSRuntime, malloc_state.malloc_size),
        "step_counter", (Py_ssize_t)offsetof(JSContext, interrupt_counter));
}

static PyMethodDef functions[] = {
    {"run_bytecode", run_bytecode, METH_VARARGS,
     "run_bytecode(context, bytecode): run a compiled script; return its completion value."},
    {"compiled_module", compiled_module, METH_VARARGS,
     "compiled_module(source, name): return a module's bytecode; None if it is not valid."},
    {"new_bytecode", new_bytecode, METH_O,
     "new_bytecode(data): return what heaps share of it, for run_bytecode and loaders."},
    {"use_bytecode_of_modules", use_bytecode_of_modules, METH_O,
     "use_bytecode_of_modules(runtime): let module loaders return bytecode, too."},
    {"has_refused_memory", has_refused_memory, METH_O,
     "has_refused_memory(runtime): whether its heap was full since this was last asked."},
    {"offsets", offsets, METH_NOARGS,
     "offsets(): where a runtime has its heap's size, and a context its step counter."},
    {NULL}
};

__attribute__((visibility("default"))) PyObject *PyInit_quickjs_in_c(void)
{
    PyObject *module = make_binding();
    if (module && (PyType_Ready(&Bytecode_Type) < 0
                   || PyModule_AddFunctions(module, functions) < 0)) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
