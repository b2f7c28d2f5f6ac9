/* Chains of elementwise instructions on float32 or float64 arrays, done in one pass over memory.
 *
 * A Chain is made of operands and of a list of instructions (_draft.c says how), and called with no
 * arguments (chain_call). Its operands are broadcast to one shape, of which the axes that lie one
 * behind the other in memory are merged. The last two axes that remain are cut into blocks; for
 * each block all instructions run, one after the other (_steps.c), with what is between them in
 * slots that stay in the first cache. What depends only on operands of one element is computed
 * once, before the blocks. */

#include "_chain.h"
#include <stddef.h>

static void run_singles(const Chain *chain, char **at)
{
    Step *const *const step = steps_for(chain->is_double);
    const Instruction *now = chain->instruction, *const end = now + chain->single_instructions;
    for (; now < end; now++)
        step[now->kind](at[now->out], at[now->first], at[now->second], 1, BOTH_STEADY);
}

/* Copies a matrix of elements between a slot, where it is dense, and its place in an array. */
static void move(char *to, Py_ssize_t to_row, Py_ssize_t to_column, const char *from,
                 Py_ssize_t from_row, Py_ssize_t from_column, Py_ssize_t rows, Py_ssize_t columns,
                 Py_ssize_t item)
{
    for (Py_ssize_t r = 0; r < rows; r++, to += to_row, from += from_row)
        if (item == 4)
            for (Py_ssize_t c = 0; c < columns; c++)
                memcpy(to + c * to_column, from + c * from_column, 4);
        else
            for (Py_ssize_t c = 0; c < columns; c++)
                memcpy(to + c * to_column, from + c * from_column, 8);
}

static void run_block(const Chain *chain, char **at, Py_ssize_t rows, Py_ssize_t columns)
{
    Step *const *const step = steps_for(chain->is_double);
    const Instruction *now = chain->instruction + chain->single_instructions;
    const Instruction *const end = chain->instruction + chain->instructions;
    const Py_ssize_t dense = columns * chain->item;
    const int last = chain->axes - 1;
    for (int i = 0; i < chain->operands; i++) {
        const Layout *from = &chain->layout[i];
        if (from->gathered)
            move(at[from->slot], dense, chain->item, at[i], from->steps[last - 1],
                 from->steps[last], rows, columns, chain->item);
    }
    for (; now < end; now++) {
        Step *const run = step[now->kind];
        char *out = at[now->out];
        const char *first = at[now->first], *second = at[now->second];
        if (now->flat) {
            run(out, first, second, rows * columns, now->steady);
            continue;
        }
        for (Py_ssize_t r = 0; r < rows; r++) {
            run(out, first, second, columns, now->steady);
            out += now->out_row;
            first += now->first_row;
            second += now->second_row;
        }
    }
    for (int i = 0; i < chain->operands; i++) {
        const Layout *to = &chain->layout[i];
        if (to->scattered)
            move(at[i], to->steps[last - 1], to->steps[last], at[to->slot], dense, chain->item,
                 rows, columns, chain->item);
    }
}

/* Goes to the next position along the axes before the last two; 0 at the end. */
static int advance(const Chain *chain, Py_ssize_t *position)
{
    for (int axis = chain->axes - 3; axis >= 0; axis--) {
        if (++position[axis] < chain->size[axis])
            return 1;
        position[axis] = 0;
    }
    return 0;
}

static void run_blocks(const Chain *chain, char **at)
{
    char space[SPACE + 64], *slot = space + (64 - (uintptr_t)space % 64);
    const int last = chain->axes - 1, first_slot = PLACES - SLOTS;
    const Py_ssize_t rows = chain->size[last - 1], columns = chain->size[last];
    Py_ssize_t position[MAX_DIMENSIONS] = {0};
    for (int i = 0; i < chain->slots; i++)
        at[first_slot + i] = slot + i * chain->block_bytes;
    do
        for (Py_ssize_t r = 0; r < rows; r += chain->block_rows)
            for (Py_ssize_t c = 0; c < columns; c += chain->block_columns) {
                position[last - 1] = r;
                position[last] = c;
                for (int i = 0; i < chain->operands; i++) {
                    Py_ssize_t offset = 0;
                    for (int axis = 0; axis <= last; axis++)
                        offset += position[axis] * chain->layout[i].steps[axis];
                    at[i] = chain->operand[i]->data + offset;
                }
                run_block(chain, at,
                          rows - r < chain->block_rows ? rows - r : chain->block_rows,
                          columns - c < chain->block_columns ? columns - c : chain->block_columns);
            }
    while (advance(chain, position));
}

static PyObject *chain_call(PyObject *callable, PyObject *const *arguments, size_t count,
                            PyObject *names)
{
    const Chain *chain = (const Chain *)callable;
    char *at[PLACES];
    double single[PLACES];
    char **to = at;
    (void)arguments;
    if (PyVectorcall_NARGS(count) || names) {
        PyErr_SetString(PyExc_TypeError, "a Chain is called without arguments");
        return NULL;
    }
    for (int i = 0; i < chain->operands; i++)
        *to++ = chain->operand[i]->data;
    for (int i = 0; i < chain->constants; i++)
        *to++ = (char *)&chain->constant[i];
    for (int i = 0; i < chain->singles; i++)
        *to++ = (char *)&single[i];
    run_singles(chain, at);
    if (!chain->is_empty && chain->single_instructions < chain->instructions)
        run_blocks(chain, at);
    Py_RETURN_NONE;
}

static PyObject *chain_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    PyObject *operands, *code, *made = NULL;
    if (keywords && PyDict_GET_SIZE(keywords)) {
        PyErr_SetString(PyExc_TypeError, "Chain takes no keywords");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "OO:Chain", &operands, &code))
        return NULL;
    operands = PySequence_Fast(operands, "Chain: the operands must be a sequence");
    code = operands ? PySequence_Fast(code, "Chain: the code must be a sequence") : NULL;
    if (code && (made = type->tp_alloc(type, 0))) {
        ((Chain *)made)->call = chain_call;
        if (make_chain((Chain *)made, operands, code) < 0)
            Py_CLEAR(made);
    }
    Py_XDECREF(operands);
    Py_XDECREF(code);
    return made;
}

static void chain_dealloc(PyObject *object)
{
    Chain *chain = (Chain *)object;
    for (int i = 0; chain->operand && i < chain->operands; i++)
        Py_XDECREF(chain->operand[i]);
    PyMem_Free(chain->operand);
    PyMem_Free(chain->layout);
    PyMem_Free(chain->constant);
    PyMem_Free(chain->instruction);
    Py_TYPE(object)->tp_free(object);
}

static PyTypeObject ChainType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "graphscope.kernels._native.Chain",
    .tp_doc = PyDoc_STR("Chain(operands, code, /)\n--\n\n"
                        "Elementwise instructions on operands, run in one pass by a call."),
    .tp_basicsize = sizeof(Chain),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Chain, call),
    .tp_call = PyVectorcall_Call,
    .tp_new = chain_new,
    .tp_dealloc = chain_dealloc,
};

/* ---- one instruction on two arrays ---- */

/* to[...] = name(from[...]) for arrays of one type and layout without gaps. */
static PyObject *apply(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    Py_buffer from, to;
    PyObject *result = NULL;
    (void)module;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "apply takes the name of an instruction and two arrays");
        return NULL;
    }
    if (PyObject_GetBuffer(arguments[1], &from, PyBUF_FULL_RO) < 0)
        return NULL;
    if (PyObject_GetBuffer(arguments[2], &to, PyBUF_FULL) < 0) {
        PyBuffer_Release(&from);
        return NULL;
    }
    const int is_double = from.itemsize == 8;
    const int kind = find_kind(arguments[0], 1, is_double, 0);
    const int c = PyBuffer_IsContiguous(&from, 'C') && PyBuffer_IsContiguous(&to, 'C');
    const int f = PyBuffer_IsContiguous(&from, 'F') && PyBuffer_IsContiguous(&to, 'F');
    if (kind >= 0 && (strcmp(from.format, to.format) != 0 ||
                      strcmp(from.format, is_double ? "d" : "f") != 0 || from.len != to.len ||
                      !(c || f)))
        PyErr_SetString(PyExc_ValueError,
                        "apply: two arrays of one layout are needed, both float32 or both float64");
    else if (kind >= 0) {
        if (from.len)
            steps_for(is_double)[kind](to.buf, from.buf, from.buf,
                                                 from.len / from.itemsize, 0);
        result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&from);
    PyBuffer_Release(&to);
    return result;
}

static PyMethodDef methods[] = {
    {"apply", (PyCFunction)(void (*)(void))apply, METH_FASTCALL,
     PyDoc_STR("apply(name, x, out, /)\n--\n\nOne instruction of one input on a whole array.")},
    {NULL, NULL, 0, NULL},
};

/* The names of the instructions, with how many inputs they take and whether only for float32. */
static int add_names(PyObject *module)
{
    PyObject *names = PyDict_New();
    for (int kind = 0; names && kinds[kind].name; kind++) {
        PyObject *facts = Py_BuildValue("(iO)", kinds[kind].inputs,
                                        kinds[kind].only_float ? Py_True : Py_False);
        if (!facts || PyDict_SetItemString(names, kinds[kind].name, facts) < 0)
            Py_CLEAR(names);
        Py_XDECREF(facts);
    }
    if (!names || PyModule_AddObject(module, "CHAIN_INSTRUCTIONS", names) < 0) {
        Py_XDECREF(names);
        return -1;
    }
    return 0;
}

int add_chain(PyObject *module)
{
    if (PyModule_AddFunctions(module, methods) < 0 || add_names(module) < 0)
        return -1;
    return PyModule_AddType(module, &ChainType);
}
