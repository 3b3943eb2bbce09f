/* Included at the end of QuickJS, once the code of a project is loaded and before the image is taken. An attempt writes
   to as few pages of that image as can be: each page that it writes to is its own from then on, and has to be made as it
   was before the next attempt. */

/* Built-in functions are made when they are first looked up, which every attempt would do again. */
static void isolet_make_functions(JSContext *ctx)
{
    struct list_head *el;
    JSObject *object;
    JSShapeProperty *property;
    int i;

    list_for_each(el, &ctx->rt->gc_obj_list) {
        object = list_entry(el, JSObject, header.link);
        if (JS_GC_TYPE(object) != JS_GC_OBJ_TYPE_JS_OBJECT)
            continue;
        for (i = 0; i < object->shape->prop_count; i++) {
            property = get_shape_prop(object->shape) + i;
            if ((property->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT &&
                js_autoinit_get_id(&object->prop[i]) == JS_AUTOINIT_ID_PROP)
                JS_AutoInitProperty(ctx, object, property->atom, &object->prop[i], property);
        }
    }
}

/* The engine forbids them in its own code, which has allocators for it. */
#undef malloc
#undef free

static void isolet_keep_string(JSValueConst value)
{
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING)
        js_rc(JS_VALUE_GET_STRING(value))->ref_count = ISOLET_FOR_GOOD;
}

/* The strings that an object refers to: the collector does not know of them. */
static void isolet_keep_strings(JSGCObjectHeader *p)
{
    JSObject *object;
    JSFunctionBytecode *function;
    JSShapeProperty *property;
    int i;

    switch (JS_GC_TYPE(p)) {
    case JS_GC_OBJ_TYPE_JS_OBJECT:
        object = (JSObject *)p;
        property = get_shape_prop(object->shape);
        for (i = 0; i < object->shape->prop_count; i++, property++) {
            if ((property->flags & JS_PROP_TMASK) == JS_PROP_NORMAL)
                isolet_keep_string(object->prop[i].u.value);
        }
        break;
    case JS_GC_OBJ_TYPE_FUNCTION_BYTECODE:
        function = (JSFunctionBytecode *)p;
        for (i = 0; i < function->cpool_count; i++)
            isolet_keep_string(function->cpool[i]);
        break;
    default:
        break;
    }
}

/* Whether an object may stay for good. A shape that no table knows belongs to one object, which changes it in place, and
   what a function waits in is changed and given back when it goes on. */
static bool isolet_may_stay(const JSGCObjectHeader *p)
{
    switch (JS_GC_TYPE(p)) {
    case JS_GC_OBJ_TYPE_SHAPE:
        return ((const JSShape *)p)->is_hashed;
    case JS_GC_OBJ_TYPE_VAR_REF:
        return ((const JSVarRef *)p)->is_detached;
    case JS_GC_OBJ_TYPE_ASYNC_FUNCTION:
        return false;
    default:
        return true;
    }
}

/* What is there now stays for good. The collector does not see it any more, which takes nothing else away: what only
   such an object refers to has a reference that the collector can't account for. */
static void isolet_keep_objects(JSRuntime *rt)
{
    struct list_head *el, *el1;
    JSGCObjectHeader *p;
    int i;

    list_for_each_safe(el, el1, &rt->gc_obj_list) {
        p = list_entry(el, JSGCObjectHeader, link);
        if (isolet_may_stay(p)) {
            isolet_keep_strings(p);
            js_rc(p)->ref_count = ISOLET_FOR_GOOD;
            list_del(&p->link);
            init_list_head(&p->link);
        }
    }
    for (i = 1; i < rt->atom_size; i++) {
        if (!atom_is_free(rt->atom_array[i]))
            js_rc(rt->atom_array[i])->ref_count = ISOLET_FOR_GOOD;
    }
}

/* A hole of less would scatter what an attempt allocates; from so much on it is as good as what lies behind everything. */
#define ISOLET_LARGE_HOLE ((size_t)1 << 16)

/* The small holes between what is allocated are given up. */
static void isolet_give_up_holes(void)
{
    void *hidden = NULL, *behind = NULL, *hole, *next;
    size_t size = (size_t)1 << 20, pages;

    /* Large holes are hidden meanwhile, each of which begins with the address of the one before. The first that takes
       more memory than there is lies behind everything; attempts have it, which spares them from asking for memory. */
    while (behind == NULL) {
        pages = __builtin_wasm_memory_size(0);
        hole = malloc(size);
        if (hole == NULL)
            break;
        if (__builtin_wasm_memory_size(0) > pages) {
            behind = hole;
            isolet_free(hole);
        } else {
            *(void **)hole = hidden;
            hidden = hole;
        }
    }
    /* The smallest are of 16 bytes, with what the allocator writes beside. */
    for (size /= 2; size >= 8; size /= 2) {
        while ((hole = malloc(size)) != NULL && hole < behind) {
            if (size >= ISOLET_LARGE_HOLE) {
                *(void **)hole = hidden;
                hidden = hole;
            }
        }
        isolet_free(hole);
    }
    for (; hidden != NULL; hidden = next) {
        next = *(void **)hidden;
        isolet_free(hidden);
    }
}

/* The holes of the arenas, too. Each size begins a new one, side by side with those of the others, and keeps it. */
static void isolet_begin_arenas(JSRuntime *rt)
{
    struct list_head *el, *el1;
    int i;

    for (i = 0; i < JS_ARENA_BLOCK_SIZE_COUNT; i++) {
        list_for_each_safe(el, el1, &rt->arena_state.free_arena_list[i]) {
            list_del(el);
            /* Out of the list it may be taken once more, when its last block is given back. */
            init_list_head(el);
        }
        js_arena_malloc(rt, arena_block_sizes[i] - sizeof(JSMallocBlockHeader));
    }
}

/* See src/image.rs. */
void isolet_settle(JSContext *ctx)
{
    isolet_make_functions(ctx);
    JS_RunGC(ctx->rt);
    isolet_keep_objects(ctx->rt);
    isolet_give_up_holes();
    isolet_begin_arenas(ctx->rt);
}
