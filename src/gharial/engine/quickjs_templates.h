/*
 * Compiled code that many global objects use.
 *
 * A heap reads a script's or module's bytecode once, into a template that no global object
 * owns. Each global object gets a copy of its functions' heads and constants, since a
 * function belongs to its realm; instructions, names of variables, lines and source text
 * stay with the template. Lines and text are even shared by all heaps of the process.
 */

/* Malloc gives addresses that are multiples of 16. Blocks of which several heaps have a
   share begin in between, and no heap frees them. */
#define SHARED_SHIFT 8

static void gharial_free(JSMallocState *state, void *block)
{
    if ((uintptr_t)block & (SHARED_SHIFT))
        return;
    js_def_free(state, block);
}

/* -- Bytecode of the process ------------------------------------------------------------ */

/* A Python object: bytecode, with the blocks that heaps share of it, in the order in which
   its functions are visited. */
typedef struct {
    PyObject_HEAD
    PyObject *bytes;
    char **blocks;
    int block_count;
    int block_capacity;
} BytecodeObject;

static void Bytecode_dealloc(BytecodeObject *self)
{
    for (int i = 0; i < self->block_count; i++)
        free(self->blocks[i]);
    free(self->blocks);
    Py_XDECREF(self->bytes);
    PyObject_Free(self);
}

static PyTypeObject Bytecode_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "gharial.engine.quickjs_in_c.Bytecode",
    .tp_basicsize = sizeof(BytecodeObject),
    .tp_dealloc = (destructor)Bytecode_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "A compiled script or module, for any heap of this process.",
};

/* Return a block that has the same content as one of the heap's, which it takes the place
   of; the same one if there is no memory. */
static void *shared_block(JSRuntime *rt, BytecodeObject *code, int place, void *block,
                          size_t size)
{
    if (place == code->block_count) {
        if (place == code->block_capacity) {
            int capacity = place ? 2 * place : 32;
            char **grown = realloc(code->blocks, capacity * sizeof(*grown));
            if (!grown)
                return block;
            code->blocks = grown;
            code->block_capacity = capacity;
        }
        char *made = malloc(size + SHARED_SHIFT);
        if (!made)
            return block;
        memcpy(made + SHARED_SHIFT, block, size);
        code->blocks[code->block_count++] = made;
    } else if (place > code->block_count) {
        return block;
    }
    js_free_rt(rt, block);
    return code->blocks[place] + SHARED_SHIFT;
}

/* -- Templates of a heap ----------------------------------------------------------------- */

typedef struct {
    BytecodeObject *code;
    /* A function's bytecode, or a module. */
    JSValue value;
    /* Of all functions together, one for each time that one of them names an atom. */
    JSAtom *atoms;
    int atom_count;
    int atom_capacity;
    BOOL has_regexp;
    /* It holds what belongs to a realm, so it is read for each anew. */
    BOOL is_to_be_read;
} Template;

typedef struct {
    Template *all;
    int count;
    int capacity;
    /* Whether memory was refused since somebody asked. */
    BOOL has_refused;
} Templates;

static Templates *templates_of(JSRuntime *rt)
{
    return rt->malloc_state.opaque;
}

static void *gharial_malloc(JSMallocState *state, size_t size)
{
    void *block = js_def_malloc(state, size);
    if (unlikely(!block))
        ((Templates *)state->opaque)->has_refused = TRUE;
    return block;
}

static void *gharial_realloc(JSMallocState *state, void *block, size_t size)
{
    void *grown = js_def_realloc(state, block, size);
    if (unlikely(!grown && size))
        ((Templates *)state->opaque)->has_refused = TRUE;
    return grown;
}

static const JSMallocFunctions gharial_malloc_functions = {
    gharial_malloc, gharial_free, gharial_realloc, js_def_malloc_usable_size,
};

static JSRuntime *gharial_new_runtime(void)
{
    Templates *templates = calloc(1, sizeof(Templates));
    JSRuntime *rt = templates ? JS_NewRuntime2(&gharial_malloc_functions, templates) : NULL;
    if (!rt)
        free(templates);
    return rt;
}

static void gharial_free_runtime(JSRuntime *rt)
{
    Templates *templates = templates_of(rt);
    struct list_head *each, *next;

    /* All that may use a template goes first, in the order of JS_FreeRuntime. */
    JS_FreeValueRT(rt, rt->current_exception);
    rt->current_exception = JS_UNINITIALIZED;
    list_for_each_safe(each, next, &rt->job_list) {
        JSJobEntry *job = list_entry(each, JSJobEntry, link);
        for (int i = 0; i < job->argc; i++)
            JS_FreeValueRT(rt, job->argv[i]);
        JS_FreeContext(job->realm);
        js_free_rt(rt, job);
    }
    init_list_head(&rt->job_list);
    /* Copies use a template's instructions until they are freed, and what one collection
       frees can be what kept a copy. */
    size_t blocks;
    do {
        blocks = rt->malloc_state.malloc_count;
        JS_RunGCInternal(rt, FALSE);
    } while (rt->malloc_state.malloc_count < blocks);
    for (int i = 0; i < templates->count; i++) {
        JS_FreeValueRT(rt, templates->all[i].value);
        free(templates->all[i].atoms);
    }
    JS_FreeRuntime(rt);
    for (int i = 0; i < templates->count; i++)
        Py_DECREF(templates->all[i].code);
    free(templates->all);
    free(templates);
}

static int note_atom(Template *template, JSAtom atom)
{
    if (__JS_AtomIsConst(atom) || __JS_AtomIsTaggedInt(atom))
        return 0;
    if (template->atom_count == template->atom_capacity) {
        int capacity = template->atom_capacity ? 2 * template->atom_capacity : 256;
        JSAtom *grown = realloc(template->atoms, capacity * sizeof(*grown));
        if (!grown)
            return -1;
        template->atoms = grown;
        template->atom_capacity = capacity;
    }
    template->atoms[template->atom_count++] = atom;
    return 0;
}

/* Note what a function's instructions name, and whether there is a regular expression. */
static int note_instructions(Template *template, JSFunctionBytecode *b)
{
    int place = 0;
    while (place < b->byte_code_len) {
        int operation = b->byte_code_buf[place];
        switch (short_opcode_info(operation).fmt) {
        case OP_FMT_atom:
        case OP_FMT_atom_u8:
        case OP_FMT_atom_u16:
        case OP_FMT_atom_label_u8:
        case OP_FMT_atom_label_u16:
            if (note_atom(template, get_u32(b->byte_code_buf + place + 1)))
                return -1;
            break;
        default:
            break;
        }
        template->has_regexp |= operation == OP_regexp;
        place += short_opcode_info(operation).size;
    }
    return 0;
}

/* Make a function that was just read a template, with those inside of it. */
static int note_function(JSContext *ctx, Template *template, JSFunctionBytecode *b,
                         int *block)
{
    if (b->realm) {
        JS_FreeContext(b->realm);
        b->realm = NULL;
    }
    int failed = note_instructions(template, b) || note_atom(template, b->func_name);
    for (int i = 0; i < b->arg_count + b->var_count && b->vardefs && !failed; i++)
        failed = note_atom(template, b->vardefs[i].var_name);
    for (int i = 0; i < b->closure_var_count && !failed; i++)
        failed = note_atom(template, b->closure_var[i].var_name);
    if (failed)
        return -1;
    if (b->has_debug) {
        if (note_atom(template, b->debug.filename))
            return -1;
        if (b->debug.pc2line_buf)
            b->debug.pc2line_buf = shared_block(ctx->rt, template->code, (*block)++,
                                                b->debug.pc2line_buf, b->debug.pc2line_len);
        if (b->debug.source)
            b->debug.source = shared_block(ctx->rt, template->code, (*block)++,
                                           b->debug.source, b->debug.source_len);
        /* What has remained the heap's own would be freed twice. */
        if ((b->debug.pc2line_buf && !((uintptr_t)b->debug.pc2line_buf & SHARED_SHIFT))
            || (b->debug.source && !((uintptr_t)b->debug.source & SHARED_SHIFT)))
            template->is_to_be_read = TRUE;
    }
    for (int i = 0; i < b->cpool_count; i++) {
        int tag = JS_VALUE_GET_TAG(b->cpool[i]);
        if (tag == JS_TAG_FUNCTION_BYTECODE) {
            if (note_function(ctx, template, JS_VALUE_GET_PTR(b->cpool[i]), block))
                return -1;
        } else if (tag == JS_TAG_OBJECT) {
            template->is_to_be_read = TRUE;
        }
    }
    return 0;
}

static JSValue read_bytecode(JSContext *ctx, BytecodeObject *code)
{
    return JS_ReadObject(ctx, (uint8_t *)PyBytes_AS_STRING(code->bytes),
                         PyBytes_GET_SIZE(code->bytes), JS_READ_OBJ_BYTECODE);
}

static int note_template(JSContext *ctx, Template *template)
{
    int block = 0;
    JSValue function = template->value;
    if (JS_VALUE_GET_TAG(function) == JS_TAG_MODULE) {
        JSModuleDef *m = JS_VALUE_GET_PTR(function);
        /* No global object has it: it gives its place in the list to the copies. */
        list_del(&m->link);
        init_list_head(&m->link);
        JS_FreeValue(ctx, function);
        for (int i = 0; i < m->req_module_entries_count; i++)
            if (JS_IsObject(m->req_module_entries[i].attributes))
                template->is_to_be_read = TRUE;
        function = m->func_obj;
    }
    if (JS_VALUE_GET_TAG(function) != JS_TAG_FUNCTION_BYTECODE)
        return -1;
    return note_function(ctx, template, JS_VALUE_GET_PTR(function), &block);
}

/* Return the template of a bytecode in the heap of a context; NULL with an exception of the
   engine's if it could not be made. */
static Template *template_of(JSContext *ctx, BytecodeObject *code)
{
    Templates *templates = templates_of(ctx->rt);
    for (int i = 0; i < templates->count; i++)
        if (templates->all[i].code == code)
            return &templates->all[i];
    if (templates->count == templates->capacity) {
        int capacity = templates->capacity ? 2 * templates->capacity : 16;
        Template *grown = realloc(templates->all, capacity * sizeof(*grown));
        if (!grown) {
            JS_ThrowOutOfMemory(ctx);
            return NULL;
        }
        templates->all = grown;
        templates->capacity = capacity;
    }
    Template *made = &templates->all[templates->count];
    memset(made, 0, sizeof(*made));
    made->code = code;
    made->value = read_bytecode(ctx, code);
    if (JS_IsException(made->value))
        return NULL;
    templates->count++;
    Py_INCREF(code);
    if (note_template(ctx, made))
        made->is_to_be_read = TRUE;
    if (made->is_to_be_read) {
        /* It would keep the global object that it was read for, with all of its copies. */
        JS_FreeValue(ctx, made->value);
        made->value = JS_UNDEFINED;
    }
    return made;
}

/* -- Copies for a global object ----------------------------------------------------------- */

static JSFunctionBytecode *copied_function(JSContext *ctx, JSFunctionBytecode *original)
{
    size_t head = original->has_debug ? sizeof(*original)
                                      : offsetof(JSFunctionBytecode, debug);
    JSFunctionBytecode *b = js_malloc(ctx, head + original->cpool_count * sizeof(JSValue));
    if (!b)
        return NULL;
    memcpy(b, original, head);
    b->header.ref_count = 1;
    b->read_only_bytecode = TRUE;
    b->realm = JS_DupContext(ctx);
    b->cpool = original->cpool_count ? (JSValue *)((char *)b + head) : NULL;
    b->cpool_count = 0;
    add_gc_object(ctx->rt, &b->header, JS_GC_OBJ_TYPE_FUNCTION_BYTECODE);
    for (int i = 0; i < original->cpool_count; i++) {
        JSValue value = original->cpool[i];
        if (JS_VALUE_GET_TAG(value) == JS_TAG_FUNCTION_BYTECODE) {
            JSFunctionBytecode *inner = copied_function(ctx, JS_VALUE_GET_PTR(value));
            if (!inner) {
                JS_FreeValue(ctx, JS_MKPTR(JS_TAG_FUNCTION_BYTECODE, b));
                return NULL;
            }
            b->cpool[i] = JS_MKPTR(JS_TAG_FUNCTION_BYTECODE, inner);
        } else {
            b->cpool[i] = JS_DupValue(ctx, value);
        }
        b->cpool_count = i + 1;
    }
    return b;
}

static void *copied(JSContext *ctx, const void *items, int count, size_t size)
{
    void *copy = js_malloc(ctx, count * size);
    if (copy)
        memcpy(copy, items, count * size);
    return copy;
}

/* A count is set once its items are all there, as freeing a module expects. */
#define COPY_ENTRIES(name)                                                               \
    if (original->name##_count) {                                                        \
        m->name = copied(ctx, original->name, original->name##_count, sizeof(*m->name)); \
        if (!m->name)                                                                    \
            return -1;                                                                   \
        m->name##_count = m->name##_size = original->name##_count;                       \
    }

static int copy_entries(JSContext *ctx, JSModuleDef *m, JSModuleDef *original)
{
    COPY_ENTRIES(req_module_entries)
    for (int i = 0; i < m->req_module_entries_count; i++) {
        m->req_module_entries[i].module = NULL;
        JS_DupAtom(ctx, m->req_module_entries[i].module_name);
    }
    COPY_ENTRIES(export_entries)
    for (int i = 0; i < m->export_entries_count; i++) {
        JSExportEntry *entry = &m->export_entries[i];
        JS_DupAtom(ctx, entry->export_name);
        if (entry->export_type != JS_EXPORT_TYPE_LOCAL)
            JS_DupAtom(ctx, entry->local_name);
    }
    COPY_ENTRIES(star_export_entries)
    COPY_ENTRIES(import_entries)
    for (int i = 0; i < m->import_entries_count; i++)
        JS_DupAtom(ctx, m->import_entries[i].import_name);
    m->has_tla = original->has_tla;
    return 0;
}

static JSValue copied_module(JSContext *ctx, JSModuleDef *original)
{
    JSModuleDef *m = js_new_module_def(ctx, JS_DupAtom(ctx, original->module_name));
    if (!m)
        return JS_EXCEPTION;
    JSFunctionBytecode *function = NULL;
    if (copy_entries(ctx, m, original) == 0)
        function = copied_function(ctx, JS_VALUE_GET_PTR(original->func_obj));
    if (!function) {
        JS_FreeValue(ctx, JS_MKPTR(JS_TAG_MODULE, m));
        return JS_EXCEPTION;
    }
    m->func_obj = JS_MKPTR(JS_TAG_FUNCTION_BYTECODE, function);
    return JS_NewModuleValue(ctx, m);
}

/* Return a script's function or a module for a global object, not run yet. */
static JSValue instantiated(JSContext *ctx, BytecodeObject *code)
{
    Template *template = template_of(ctx, code);
    if (!template)
        return JS_EXCEPTION;
    if (template->has_regexp && add_part(ctx, PART_REGEXP))
        return JS_EXCEPTION;
    if (template->is_to_be_read)
        return read_bytecode(ctx, code);
    JSAtomStruct **atoms = ctx->rt->atom_array;
    for (int i = 0; i < template->atom_count; i++)
        atoms[template->atoms[i]]->header.ref_count++;
    if (JS_VALUE_GET_TAG(template->value) == JS_TAG_MODULE)
        return copied_module(ctx, JS_VALUE_GET_PTR(template->value));
    JSFunctionBytecode *function = copied_function(ctx, JS_VALUE_GET_PTR(template->value));
    return function ? JS_MKPTR(JS_TAG_FUNCTION_BYTECODE, function) : JS_EXCEPTION;
}
