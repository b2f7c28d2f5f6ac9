/* The door of the extension: the instruction sets, Operand, and the module with all its parts. */

#include "_native.h"

/* ---- the instruction sets ---- */

Instructions instructions = PORTABLE;

static const char *const set_names[INSTRUCTION_SETS] = {"portable", "avx2", "avx512"};

static int has(Instructions set)
{
#ifdef HAVE_X86_SETS
    __builtin_cpu_init();
    if (set == AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (set == AVX512)
        return __builtin_cpu_supports("avx512f") && has(AVX2);
#endif
    return set == PORTABLE;
}

static PyObject *use(PyObject *module, PyObject *name)
{
    const char *before = set_names[instructions];
    (void)module;
    for (int set = 0; set < INSTRUCTION_SETS; set++)
        if (PyUnicode_Check(name) && has(set) &&
            PyUnicode_CompareWithASCIIString(name, set_names[set]) == 0) {
            instructions = set;
            return PyUnicode_FromString(before);
        }
    PyErr_Format(PyExc_ValueError, "use: this machine has no instruction set %R", name);
    return NULL;
}

static int add_instruction_sets(PyObject *module)
{
    PyObject *names = PyList_New(0), *all;
    if (!names)
        return -1;
    for (int set = 0; set < INSTRUCTION_SETS; set++)
        if (has(set)) {
            PyObject *name = PyUnicode_FromString(set_names[set]);
            if (!name || PyList_Append(names, name) < 0) {
                Py_XDECREF(name);
                Py_DECREF(names);
                return -1;
            }
            Py_DECREF(name);
            instructions = set;
        }
    all = PyList_AsTuple(names);
    Py_DECREF(names);
    if (!all || PyModule_AddObject(module, "INSTRUCTIONS", all) < 0) {
        Py_XDECREF(all);
        return -1;
    }
#ifdef __GNUC__
    return PyModule_AddIntConstant(module, "VECTORS", 1);
#else
    return PyModule_AddIntConstant(module, "VECTORS", 0);
#endif
}

/* ---- Operand ---- */

/* The element type of a buffer, one letter; 0 for structures and bytes in the other order. */
static char element(const Py_buffer *view)
{
    const char *format = view->format ? view->format : "B";
    if (*format == '@' || *format == '=') /* '=' is how numpy says "not aligned" */
        format++;
    return *format != 0 && format[1] == 0 ? *format : 0;
}

/* Opens a view of an array that an operand can hold: 0, or -1 with an exception set. */
static int open_view(PyObject *array, Py_buffer *view)
{
    if (!PyObject_CheckBuffer(array)) {
        PyErr_Format(PyExc_TypeError, "Operand: an array is needed, not %.100s",
                     Py_TYPE(array)->tp_name);
        return -1;
    }
    if (PyObject_GetBuffer(array, view, PyBUF_FULL_RO) < 0)
        return -1;
    if (!element(view))
        PyErr_Format(PyExc_TypeError, "Operand: elements of format '%.20s' are not supported",
                     view->format);
    else if (view->ndim > MAX_DIMENSIONS || view->suboffsets)
        PyErr_Format(PyExc_ValueError, "Operand: at most %d dimensions, not %d", MAX_DIMENSIONS,
                     view->ndim);
    else
        return 0;
    PyBuffer_Release(view);
    return -1;
}

static PyObject *operand_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    PyObject *array;
    Py_buffer view;
    Operand *self;
    if (keywords && PyDict_GET_SIZE(keywords)) {
        PyErr_SetString(PyExc_TypeError, "Operand takes one array and no keywords");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "O:Operand", &array) || open_view(array, &view) < 0)
        return NULL;
    self = (Operand *)type->tp_alloc(type, 0);
    if (self) {
        self->data = view.buf;
        self->array = Py_NewRef(array);
        self->type = element(&view);
        self->readonly = (char)view.readonly;
        self->dimensions = view.ndim;
        self->itemsize = view.itemsize;
        for (int i = 0; i < view.ndim; i++) {
            self->shape[i] = view.shape[i];
            self->strides[i] = view.strides[i];
        }
    }
    PyBuffer_Release(&view);
    return (PyObject *)self;
}

static void operand_dealloc(PyObject *object)
{
    Py_XDECREF(((Operand *)object)->array);
    Py_TYPE(object)->tp_free(object);
}

static int fits(const Operand *self, const Py_buffer *view)
{
    if (element(view) != self->type || view->ndim != self->dimensions)
        return 0;
    for (int i = 0; i < view->ndim; i++)
        if (view->shape[i] != self->shape[i] || view->strides[i] != self->strides[i])
            return 0;
    return 1;
}

static PyObject *operand_set(PyObject *object, PyObject *array)
{
    Operand *self = (Operand *)object;
    Py_buffer view;
    int ready = 0;
    if (open_view(array, &view) < 0)
        return NULL;
    if (!fits(self, &view))
        PyErr_SetString(PyExc_ValueError,
                        "Operand.set: the array must have the dtype, shape and strides of the one "
                        "before");
    else if (self->written && view.readonly)
        PyErr_SetString(PyExc_ValueError, "Operand.set: the array is read-only and is written to");
    else
        ready = 1;
    if (ready) {
        self->data = view.buf;
        self->readonly = (char)view.readonly;
        Py_INCREF(array);
        Py_SETREF(self->array, array);
    }
    PyBuffer_Release(&view);
    if (!ready)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *operand_array(PyObject *object, void *unused)
{
    (void)unused;
    return Py_NewRef(((Operand *)object)->array);
}

int operand_is_written(Operand *operand)
{
    if (operand->readonly) {
        PyErr_SetString(PyExc_ValueError, "the array that is to be written is read-only");
        return -1;
    }
    operand->written = 1;
    return 0;
}

void operand_extent(const Operand *operand, uintptr_t *first, uintptr_t *end)
{
    *first = (uintptr_t)operand->data;
    *end = *first + (uintptr_t)operand->itemsize;
    for (int i = 0; i < operand->dimensions; i++) {
        const Py_ssize_t reach = (operand->shape[i] - 1) * operand->strides[i];
        if (operand->shape[i] == 0) {
            *first = *end = 0;
            return;
        }
        *(reach < 0 ? first : end) += (uintptr_t)reach;
    }
}

static PyMethodDef operand_methods[] = {
    {"set", operand_set, METH_O,
     PyDoc_STR("set(array, /)\n--\n\nPut another array of the same dtype, shape and strides here.\n"
               "\nWhoever sets it answers for what its prepared calls were told of overlap.")},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef operand_fields[] = {
    {"array", operand_array, NULL, PyDoc_STR("The present array."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject OperandType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "graphscope.kernels._native.Operand",
    .tp_doc = PyDoc_STR("Operand(array, /)\n--\n\n"
                        "A place of memory that prepared calls read or write."),
    .tp_basicsize = sizeof(Operand),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = operand_new,
    .tp_dealloc = operand_dealloc,
    .tp_methods = operand_methods,
    .tp_getset = operand_fields,
};

int add_operand(PyObject *module)
{
    return PyModule_AddType(module, &OperandType);
}

/* ---- the module ---- */

/* A further part is a line here, one in _native.h and one in pyproject.toml. */
static int (*const parts[])(PyObject *module) = {
    add_instruction_sets,
    add_operand,
    add_threads,
    add_matmul,
    add_chain,
    add_product,
    add_look,
    add_pool,
};

static int execute(PyObject *module)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i](module) < 0)
            return -1;
    return 0;
}

static PyMethodDef methods[] = {
    {"use", use, METH_O,
     PyDoc_STR("use(name, /)\n--\n\n"
               "Use this one of INSTRUCTIONS from now on; returns the one that was in use.")},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "What is done in C: products of matrices.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
