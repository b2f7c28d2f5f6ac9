/* Product: a product of matrices that is prepared once and called often.
 *
 * Everything that can be checked or looked up is, when it is made; a call takes the places from its
 * operands and multiplies. */

#include "_matmul.h"

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    Multiply *multiply;
    Task task;
    Operand *a, *b, *out, *bias, *base, *rate; /* the last three may be NULL */
} Product;

static PyTypeObject ProductType;

/* The places of the operands may have changed since the last call. */
static void look_up_places(Product *self)
{
    self->task.a.data = self->a->data;
    self->task.b.data = self->b->data;
    self->task.out.data = self->out->data;
    if (self->bias)
        self->task.bias.data = self->bias->data;
    if (self->base)
        self->task.base.data = self->base->data;
    if (self->rate)
        self->task.rate = self->rate->data;
}

static PyObject *product_call(PyObject *object, PyObject *const *arguments, size_t count,
                              PyObject *names)
{
    Product *self = (Product *)object;
    (void)arguments;
    if (PyVectorcall_NARGS(count) || (names && PyTuple_GET_SIZE(names))) {
        PyErr_SetString(PyExc_TypeError, "a Product is called without arguments");
        return NULL;
    }
    look_up_places(self);
    if (!is_large(&self->task)) {
        const Area whole = {0, self->task.out.rows, 0, self->task.out.columns};
        self->multiply(&self->task, whole);
    } else { /* others may go on meanwhile, and change operands: a copy, and the arrays are kept */
        const Task task = self->task;
        Operand *const operands[] = {self->a, self->b, self->out, self->bias, self->base, self->rate};
        PyObject *kept[6];
        for (int i = 0; i < 6; i++)
            kept[i] = operands[i] ? Py_NewRef(operands[i]->array) : NULL;
        Py_INCREF(self);
        run_large(&task, self->multiply);
        Py_DECREF(self);
        for (int i = 0; i < 6; i++)
            Py_XDECREF(kept[i]);
    }
    Py_RETURN_NONE;
}

/* ---- how it is made ---- */

/* Gives the argument as an operand of the type of the others (0: of any float), NULL for None, or
 * NULL with an exception set. */
static Operand *operand(PyObject *object, const char *name, char type)
{
    Operand *self = (Operand *)object;
    if (object == NULL || object == Py_None)
        return NULL;
    if (!IS_OPERAND(object))
        PyErr_Format(PyExc_TypeError, "Product: %s must be an Operand, not %.100s", name,
                     Py_TYPE(object)->tp_name);
    else if (type ? self->type != type : self->type != 'f' && self->type != 'd')
        PyErr_Format(PyExc_TypeError, "Product: %s has elements '%c'; all must be float32 ('f') or "
                     "all float64 ('d')", name, self->type);
    else
        return self;
    return NULL;
}

static Matrix matrix_of(const Operand *operand, int transpose)
{
    const int r = transpose ? 1 : 0, c = 1 - r;
    const Matrix m = {operand->data, operand->shape[r], operand->shape[c], operand->strides[r],
                      operand->strides[c]};
    return m;
}

static int overlap(const Operand *x, const Operand *y)
{
    uintptr_t x_first, x_end, y_first, y_end;
    operand_extent(x, &x_first, &x_end);
    operand_extent(y, &y_first, &y_end);
    return x_first < y_end && y_first < x_end;
}

/* The same elements in the same places. */
static int same_place(const Operand *x, const Operand *y)
{
    return x->data == y->data && x->strides[0] == y->strides[0] && x->strides[1] == y->strides[1];
}

/* The task of self's operands: 0, or -1 with an exception set. */
static int prepare(Product *self, int transpose_a, int transpose_b, int relu)
{
    const Operand *bias = self->bias, *base = self->base, *rate = self->rate, *out = self->out;
    Task *task = &self->task;
    const char *wrong = NULL;
    if (self->a->dimensions != 2 || self->b->dimensions != 2 || out->dimensions != 2) {
        PyErr_SetString(PyExc_ValueError, "Product: a, b and out must have 2 dimensions");
        return -1;
    }
    task->a = matrix_of(self->a, transpose_a);
    task->b = matrix_of(self->b, transpose_b);
    task->out = matrix_of(out, 0);
    task->relu = relu;
    task->finishes = relu || bias || base;
    if (bias) {
        const int d = bias->dimensions - 1;
        if (d < 0 || d > 1 || bias->shape[d] != task->out.columns || (d && bias->shape[0] != 1))
            wrong = "bias must be one row, as long as a row of out";
        else {
            const Matrix row = {bias->data, 1, bias->shape[d], 0, bias->strides[d]};
            task->bias = row;
        }
    }
    if (base && (base->dimensions != 2 || base->shape[0] != task->out.rows ||
                 base->shape[1] != task->out.columns))
        wrong = "base must have the shape of out";
    else if (base)
        task->base = matrix_of(base, 0);
    if (rate && rate->dimensions != 0)
        wrong = "rate must be a single number";
    if (task->a.columns != task->b.rows)
        wrong = "the inner sizes of a and b differ";
    else if (task->out.rows != task->a.rows || task->out.columns != task->b.columns)
        wrong = "out must have the rows of a and the columns of b";
    else if (base && (bias || relu))
        wrong = "base goes with neither bias nor relu";
    else if (rate && !base)
        wrong = "rate is of use only with base";
    else if (overlap(self->a, out) || overlap(self->b, out) || (bias && overlap(bias, out)) ||
             (rate && overlap(rate, out)) || (base && overlap(base, out) && !same_place(base, out)))
        wrong = "out must not overlap what is read, unless it is base itself";
    else if (base && overlap(base, out) && task->a.columns > DEPTH_BLOCK)
        wrong = "base can be out only if no more than 256 products are summed up";
    if (wrong) {
        PyErr_Format(PyExc_ValueError, "Product: %s", wrong);
        return -1;
    }
    return operand_is_written(self->out);
}

static void product_dealloc(PyObject *object)
{
    Product *self = (Product *)object;
    Py_XDECREF(self->a);
    Py_XDECREF(self->b);
    Py_XDECREF(self->out);
    Py_XDECREF(self->bias);
    Py_XDECREF(self->base);
    Py_XDECREF(self->rate);
    Py_TYPE(object)->tp_free(object);
}

static PyObject *product_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"a",    "b",    "out",  "transpose_a", "transpose_b",
                            "bias", "relu", "base", "rate",        NULL};
    PyObject *a, *b, *out, *bias = NULL, *base = NULL, *rate = NULL;
    int transpose_a = 0, transpose_b = 0, relu = 0;
    Product *self;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOO|$ppOpOO:Product", names, &a, &b,
                                     &out, &transpose_a, &transpose_b, &bias, &relu, &base, &rate))
        return NULL;
    self = (Product *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->a = operand(a, "a", 0);
    if (self->a) {
        const char kind = self->a->type;
        self->b = operand(b, "b", kind);
        self->out = PyErr_Occurred() ? NULL : operand(out, "out", kind);
        self->bias = PyErr_Occurred() ? NULL : operand(bias, "bias", kind);
        self->base = PyErr_Occurred() ? NULL : operand(base, "base", kind);
        self->rate = PyErr_Occurred() ? NULL : operand(rate, "rate", kind);
        self->multiply = multiply_for(kind);
    }
    Py_XINCREF(self->a);
    Py_XINCREF(self->b);
    Py_XINCREF(self->out);
    Py_XINCREF(self->bias);
    Py_XINCREF(self->base);
    Py_XINCREF(self->rate);
    self->call = product_call;
    if (!PyErr_Occurred() && !(self->a && self->b && self->out))
        PyErr_SetString(PyExc_TypeError, "Product: a, b and out must be Operands, not None");
    if (PyErr_Occurred() || prepare(self, transpose_a, transpose_b, relu) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyTypeObject ProductType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "graphscope.kernels._native.Product",
    .tp_doc = PyDoc_STR(
        "Product(a, b, out, *, transpose_a=False, transpose_b=False, bias=None, relu=False, "
        "base=None, rate=None)\n--\n\n"
        "A product that is prepared once; calling it, without arguments, writes a b into out."),
    .tp_basicsize = sizeof(Product),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Product, call),
    .tp_call = PyVectorcall_Call,
    .tp_new = product_new,
    .tp_dealloc = product_dealloc,
};

int add_product(PyObject *module)
{
    return PyModule_AddType(module, &ProductType);
}
