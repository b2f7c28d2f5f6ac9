/* Memory for numpy's arrays that is used again.
 *
 * A large array that is fresh from the system costs more than the arithmetic that fills it: each of
 * its pages is handed out and cleared when it is first touched. Here a block that an array gave back
 * waits for the next array of its size class. While a `Recycled` is entered, numpy takes the memory
 * of new arrays from here; an array remembers where its memory is from, so that it may be freed at
 * any later time and in any thread.
 *
 * How it is plugged in: NEP 49 (https://numpy.org/neps/nep-0049-data-allocation-strategies.html). A
 * handler is a capsule "mem_handler" around the structure below. numpy's functions are reached
 * through the table in its capsule _ARRAY_API, so that no headers are needed; the places in the
 * table and the structure are part of numpy's stable ABI since 1.22
 * (numpy/_core/code_generators/numpy_api.py, numpy/_core/include/numpy/ndarraytypes.h). */

#include "_native.h"

#include <stdlib.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#ifndef _WIN32
#include <pthread.h>
#endif

#define SET_HANDLER 304 /* PyDataMem_SetHandler, in the table */
#define GET_HANDLER 305 /* PyDataMem_GetHandler */
#define HANDLER "mem_handler"
#define HANDLER_VERSION 1

typedef struct {
    char name[127];
    uint8_t version;
    void *context;
    void *(*malloc)(void *context, size_t size);
    void *(*calloc)(void *context, size_t count, size_t size);
    void *(*realloc)(void *context, void *data, size_t size);
    void (*free)(void *context, void *data, size_t size);
} Handler;

/* ---- size classes ---- */

#define LINE 64          /* bytes: the alignment of all data, and the step of the small classes */
#define SMALL_BITS 10    /* up to here, 1 KiB, a class each LINE bytes */
#define LARGEST_BITS 30  /* beyond, 1 GiB, nothing waits */
#define STEPS 8          /* classes between a power of two and the next: at most 1/8 is in vain */
#define SMALL ((size_t)1 << SMALL_BITS)
#define SMALL_CLASSES (SMALL / LINE)
#define CLASSES (int)(SMALL_CLASSES + (LARGEST_BITS - SMALL_BITS) * STEPS)

static int class_of(size_t size)
{
    int bits = SMALL_BITS;
    if (size <= SMALL)
        return size ? (int)((size - 1) / LINE) : 0;
    if (size > (size_t)1 << LARGEST_BITS)
        return CLASSES;
    while (size > (size_t)2 << bits)
        bits++;
    return (int)(SMALL_CLASSES + (size_t)(bits - SMALL_BITS) * STEPS +
                 (size - 1 - ((size_t)1 << bits)) / (((size_t)1 << bits) / STEPS));
}

/* The bytes that a block of the class has for data. */
static size_t class_size(int class)
{
    const size_t above = (size_t)class - SMALL_CLASSES;
    if (class < (int)SMALL_CLASSES)
        return ((size_t)class + 1) * LINE;
    return (SMALL << above / STEPS) / STEPS * (STEPS + 1 + above % STEPS);
}

/* ---- blocks ---- */

/* What lies in the LINE bytes before the data. */
typedef struct Block {
    struct Block *next; /* that waits in the same class */
    void *memory;       /* as malloc gave it */
    size_t size;        /* of the data */
    int class;
} Block;

static struct {
    Block *waiting[CLASSES];
    size_t idle, budget; /* bytes that wait, and that may */
    size_t lent;         /* bytes that arrays have */
    size_t reused, made; /* how often a block waited, and how often there was none */
} pool = {.budget = (size_t)128 << 20};

/* A lock that is held for a few instructions. Arrays can be freed without Python's own lock. */
#if defined(__GNUC__)
static char locked;
#define TRY_LOCK() (!__atomic_test_and_set(&locked, __ATOMIC_ACQUIRE))
#define UNLOCK() __atomic_clear(&locked, __ATOMIC_RELEASE)
#elif defined(_MSC_VER)
#include <intrin.h>
static volatile long locked;
#define TRY_LOCK() (!_InterlockedExchange(&locked, 1))
#define UNLOCK() ((void)_InterlockedExchange(&locked, 0))
#else
#error "the pool needs an atomic exchange"
#endif

static void lock(void)
{
    while (!TRY_LOCK())
        ;
}

static void unlock(void)
{
    UNLOCK();
}

static Block *block_of(void *data)
{
    return (Block *)((char *)data - LINE);
}

static void *data_of(Block *block)
{
    return (char *)block + LINE;
}

/* A new block from the system, with room for `size` bytes of data that are 0 if `zero`. */
static Block *make(size_t size, int class, int zero)
{
    const size_t whole = size + 2 * LINE;
    void *memory;
    Block *block;
    if (size > SIZE_MAX - 2 * LINE)
        return NULL;
    memory = zero ? calloc(whole, 1) : malloc(whole);
    if (!memory)
        return NULL;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (size >= (size_t)4 << 20) { /* as numpy does it: a large page is handed out at once */
        const uintptr_t page = 4096, first = ((uintptr_t)memory + page - 1) & ~(page - 1);
        (void)madvise((void *)first, (uintptr_t)memory + whole - first, MADV_HUGEPAGE);
    }
#endif
    block = block_of((void *)(((uintptr_t)memory + 2 * LINE - 1) & ~(uintptr_t)(LINE - 1)));
    block->memory = memory;
    block->size = size;
    block->class = class;
    return block;
}

/* All that waits, as one list; nothing waits afterwards. The lock is held. */
static Block *taken_out(void)
{
    Block *all = NULL;
    for (int class = 0; class < CLASSES; class++)
        while (pool.waiting[class]) {
            Block *block = pool.waiting[class];
            pool.waiting[class] = block->next;
            block->next = all;
            all = block;
        }
    pool.idle = 0;
    return all;
}

static void give_back(Block *blocks)
{
    while (blocks) {
        Block *next = blocks->next;
        free(blocks->memory);
        blocks = next;
    }
}

/* ---- what numpy calls ---- */

static void *lend(size_t size, int zero)
{
    const int class = class_of(size);
    Block *block = NULL;
    if (class < CLASSES)
        size = class_size(class);
    lock();
    if (class < CLASSES && (block = pool.waiting[class]) != NULL) {
        pool.waiting[class] = block->next;
        pool.idle -= size;
        pool.lent += size;
        pool.reused++;
    }
    unlock();
    if (block) {
        if (zero)
            memset(data_of(block), 0, size);
        return data_of(block);
    }
    block = make(size, class, zero);
    if (!block)
        return NULL;
    lock();
    pool.lent += size;
    pool.made++;
    unlock();
    return data_of(block);
}

static void *pool_malloc(void *context, size_t size)
{
    (void)context;
    return lend(size, 0);
}

static void *pool_calloc(void *context, size_t count, size_t size)
{
    (void)context;
    if (size && count > SIZE_MAX / size)
        return NULL;
    return lend(count * size, 1);
}

/* A block that is too much for the budget empties the pool before it waits itself: what had waited
 * longest is of sizes that nobody needs any more. One that is too much alone goes to the system. */
static void pool_free(void *context, void *data, size_t size)
{
    Block *block, *gone = NULL;
    (void)context;
    (void)size; /* numpy's own figure; the block knows better after a change of the shape */
    if (!data)
        return;
    block = block_of(data);
    lock();
    pool.lent -= block->size;
    if (block->class == CLASSES || block->size > pool.budget) {
        block->next = NULL;
        gone = block;
    } else {
        if (pool.idle + block->size > pool.budget)
            gone = taken_out();
        block->next = pool.waiting[block->class];
        pool.waiting[block->class] = block;
        pool.idle += block->size;
    }
    unlock();
    give_back(gone);
}

static void *pool_realloc(void *context, void *data, size_t size)
{
    void *moved;
    size_t known;
    if (!data)
        return pool_malloc(context, size);
    known = block_of(data)->size;
    if (class_of(size) == block_of(data)->class && size <= known)
        return data;
    moved = pool_malloc(context, size);
    if (moved) {
        memcpy(moved, data, known < size ? known : size);
        pool_free(context, data, known);
    }
    return moved;
}

static Handler handler = {
    .name = "graphscope",
    .version = HANDLER_VERSION,
    .malloc = pool_malloc,
    .calloc = pool_calloc,
    .realloc = pool_realloc,
    .free = pool_free,
};

/* ---- how numpy is told ---- */

static PyObject *capsule; /* around the handler; it lives as long as the process */
static PyObject *(*set_handler)(PyObject *capsule);

typedef struct {
    PyObject_HEAD
    PyObject *before; /* the handler that was in use, while this one is entered */
} Recycled;

static PyObject *recycled_enter(PyObject *object, PyObject *unused)
{
    Recycled *self = (Recycled *)object;
    (void)unused;
    if (self->before) {
        PyErr_SetString(PyExc_RuntimeError, "this Recycled is entered already");
        return NULL;
    }
    self->before = set_handler(capsule);
    return self->before ? Py_NewRef(object) : NULL;
}

static PyObject *recycled_exit(PyObject *object, PyObject *const *arguments, Py_ssize_t count)
{
    Recycled *self = (Recycled *)object;
    PyObject *ours;
    (void)arguments;
    (void)count;
    if (!self->before)
        Py_RETURN_NONE;
    ours = set_handler(self->before);
    if (!ours)
        return NULL;
    Py_DECREF(ours);
    Py_CLEAR(self->before);
    Py_RETURN_NONE;
}

static void recycled_dealloc(PyObject *object)
{
    Py_XDECREF(((Recycled *)object)->before);
    Py_TYPE(object)->tp_free(object);
}

static PyMethodDef recycled_methods[] = {
    {"__enter__", recycled_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))recycled_exit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject RecycledType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "graphscope.kernels._native.Recycled",
    .tp_doc = PyDoc_STR("Recycled()\n--\n\n"
                        "Within it, the memory of new arrays comes from the pool."),
    .tp_basicsize = sizeof(Recycled),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = recycled_dealloc,
    .tp_methods = recycled_methods,
};

static PyObject *pool_state(PyObject *module, PyObject *unused)
{
    size_t idle, lent, reused, made, budget;
    (void)module;
    (void)unused;
    lock();
    idle = pool.idle, lent = pool.lent, budget = pool.budget;
    reused = pool.reused, made = pool.made;
    unlock();
    return Py_BuildValue("{s:n,s:n,s:n,s:n,s:n}", "idle", (Py_ssize_t)idle, "lent",
                         (Py_ssize_t)lent, "budget", (Py_ssize_t)budget, "reused",
                         (Py_ssize_t)reused, "made", (Py_ssize_t)made);
}

static PyObject *pool_limit(PyObject *module, PyObject *budget)
{
    const Py_ssize_t bytes = PyNumber_AsSsize_t(budget, PyExc_OverflowError);
    Py_ssize_t before;
    Block *gone = NULL;
    (void)module;
    if (bytes == -1 && PyErr_Occurred())
        return NULL;
    if (bytes < 0) {
        PyErr_SetString(PyExc_ValueError, "a budget is a number of bytes, 0 or more");
        return NULL;
    }
    lock();
    before = (Py_ssize_t)pool.budget;
    pool.budget = (size_t)bytes;
    if (pool.idle > pool.budget)
        gone = taken_out();
    unlock();
    give_back(gone);
    return PyLong_FromSsize_t(before);
}

static PyMethodDef functions[] = {
    {"pool_state", pool_state, METH_NOARGS, PyDoc_STR("pool_state()\n--\n\nThe pool's figures.")},
    {"pool_limit", pool_limit, METH_O,
     PyDoc_STR("pool_limit(budget, /)\n--\n\n"
               "So many bytes may wait from now on; returns how many could before.")},
    {NULL, NULL, 0, NULL},
};

/* numpy's table of functions, or NULL if it cannot be had; no exception is set then. */
static void **table_of_numpy(void)
{
    const char *const places[] = {"numpy._core._multiarray_umath", "numpy.core._multiarray_umath"};
    void **table = NULL;
    for (int i = 0; i < 2 && !table; i++) {
        PyObject *module = PyImport_ImportModule(places[i]);
        PyObject *api = module ? PyObject_GetAttrString(module, "_ARRAY_API") : NULL;
        table = api ? (void **)PyCapsule_GetPointer(api, NULL) : NULL;
        Py_XDECREF(api);
        Py_XDECREF(module);
        PyErr_Clear();
    }
    return table;
}

/* Whether the handler in use has the version that is known here. */
static int is_known(void **table)
{
    PyObject *present = ((PyObject * (*)(void)) table[GET_HANDLER])();
    const Handler *own = present ? PyCapsule_GetPointer(present, HANDLER) : NULL;
    const int known = own && own->version == HANDLER_VERSION;
    PyErr_Clear();
    Py_XDECREF(present);
    return known;
}

/* Without a numpy that is known here the module has no Recycled, and works all the same. */
int add_pool(PyObject *module)
{
    if (!capsule) {
        void **table = table_of_numpy();
        if (!table || !is_known(table))
            return 0;
        set_handler = (PyObject * (*)(PyObject *)) table[SET_HANDLER];
        capsule = PyCapsule_New(&handler, HANDLER, NULL);
        if (!capsule)
            return -1;
#ifndef _WIN32
        if (pthread_atfork(lock, unlock, unlock) != 0) { /* no child inherits a lock that is held */
            Py_CLEAR(capsule);
            return 0;
        }
#endif
    }
    if (PyModule_AddFunctions(module, functions) < 0)
        return -1;
    return PyModule_AddType(module, &RecycledType);
}
