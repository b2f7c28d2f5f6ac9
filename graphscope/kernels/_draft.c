/* How a chain is made: what was asked for is read, what may not be is refused, and every value gets
 * its place. */

#include "_chain.h"

/* Rows of fewer elements are gathered, so that a step is worth its call. */
#define NARROW 32

/* ---- what was asked for ---- */

/* What an instruction reads or writes: an operand, a constant, or what an instruction has put under
 * the name of a temporary. */
typedef struct {
    enum { OPERAND, CONSTANT, TEMPORARY } what;
    long name;
    int single; /* one element */
    int last;   /* the instruction that uses it last */
    int place;
} Value;

typedef struct {
    Chain *chain;
    Value *value; /* the operands are the first */
    int values;
    int dimensions;
    Py_ssize_t shape[MAX_DIMENSIONS]; /* to which the operands are broadcast */
} Draft;

static int add_value(Draft *draft, int what, long name, int single)
{
    const Value value = {what, name, single, -1, -1};
    draft->value[draft->values] = value;
    return draft->values++;
}

static int read_operands(Draft *draft, PyObject *operands)
{
    Chain *chain = draft->chain;
    chain->operands = (int)PySequence_Fast_GET_SIZE(operands);
    for (int i = 0; i < chain->operands; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(operands, i);
        Operand *operand = (Operand *)item;
        if (!IS_OPERAND(item)) {
            PyErr_Format(PyExc_TypeError, "Chain: operand %d is no Operand but %.100s", i,
                         Py_TYPE(item)->tp_name);
            return -1;
        }
        if ((operand->type != 'f' && operand->type != 'd') ||
            operand->type != ((Operand *)PySequence_Fast_GET_ITEM(operands, 0))->type) {
            PyErr_Format(PyExc_TypeError,
                         "Chain: operands must be all float32 or all float64, and operand %d is "
                         "of type '%c'",
                         i, operand->type);
            return -1;
        }
        chain->operand[i] = (Operand *)Py_NewRef(item);
        chain->is_double = operand->type == 'd';
        chain->item = operand->itemsize;
    }
    if (chain->operands)
        return 0;
    PyErr_SetString(PyExc_ValueError, "Chain: there are no operands");
    return -1;
}

/* The size of an operand along an axis of the shape, counted from the front. */
static Py_ssize_t size_along(const Draft *draft, const Operand *operand, int axis)
{
    const int own = axis - (draft->dimensions - operand->dimensions);
    return own < 0 ? 1 : operand->shape[own];
}

static Py_ssize_t step_along(const Draft *draft, const Operand *operand, int axis)
{
    const int own = axis - (draft->dimensions - operand->dimensions);
    return own < 0 || operand->shape[own] == 1 ? 0 : operand->strides[own];
}

static int broadcast(Draft *draft)
{
    const Chain *chain = draft->chain;
    for (int i = 0; i < chain->operands; i++)
        if (chain->operand[i]->dimensions > draft->dimensions)
            draft->dimensions = chain->operand[i]->dimensions;
    for (int axis = 0; axis < draft->dimensions; axis++) {
        draft->shape[axis] = 1;
        for (int i = 0; i < chain->operands; i++) {
            const Py_ssize_t size = size_along(draft, chain->operand[i], axis);
            if (size != 1 && draft->shape[axis] != 1 && size != draft->shape[axis]) {
                PyErr_Format(PyExc_ValueError,
                             "Chain: operand %d cannot be broadcast with those before it: its size "
                             "%zd along axis %d meets %zd",
                             i, size, axis - draft->dimensions, draft->shape[axis]);
                return -1;
            }
            if (size != 1)
                draft->shape[axis] = size;
        }
    }
    for (int i = 0; i < chain->operands; i++) {
        int single = 1;
        for (int axis = 0; axis < chain->operand[i]->dimensions; axis++)
            single &= chain->operand[i]->shape[axis] == 1;
        add_value(draft, OPERAND, i, single);
    }
    return 0;
}

/* The value that an input means: an operand, a temporary that was written, or a Python float. */
static int read_input(Draft *draft, PyObject *item, int at)
{
    Chain *chain = draft->chain;
    if (PyFloat_Check(item)) {
        const double number = PyFloat_AS_DOUBLE(item);
        const float rounded = (float)number;
        memcpy(&chain->constant[chain->constants], chain->is_double ? (void *)&number
                                                                    : (void *)&rounded,
               (size_t)chain->item);
        return add_value(draft, CONSTANT, chain->constants++, 1);
    }
    const long name = PyLong_AsLong(item);
    if (name == -1 && PyErr_Occurred())
        return -1;
    if (0 <= name && name < chain->operands)
        return (int)name;
    for (int i = draft->values - 1; i >= chain->operands; i--)
        if (draft->value[i].what == TEMPORARY && draft->value[i].name == name)
            return i;
    PyErr_Format(PyExc_ValueError, "Chain: instruction %d reads %ld before it is written", at,
                 name);
    return -1;
}

int find_kind(PyObject *name, Py_ssize_t inputs, int is_double, int at)
{
    for (int kind = 0; PyUnicode_Check(name) && kinds[kind].name; kind++)
        if (PyUnicode_CompareWithASCIIString(name, kinds[kind].name) == 0) {
            if (kinds[kind].inputs != inputs)
                PyErr_Format(PyExc_ValueError, "Chain: %s takes %d inputs, instruction %d has %zd",
                             kinds[kind].name, kinds[kind].inputs, at, inputs);
            else if (kinds[kind].only_float && is_double)
                PyErr_Format(PyExc_ValueError, "Chain: %s is there for float32 only",
                             kinds[kind].name);
            else
                return kind;
            return -1;
        }
    PyErr_Format(PyExc_ValueError, "Chain: instruction %d: there is no %R", at, name);
    return -1;
}

/* Reads (name, out, first[, second]); out, first and second of it are numbers of values. */
static int read_instruction(Draft *draft, PyObject *item, int at)
{
    Chain *chain = draft->chain;
    Instruction *made = &chain->instruction[at];
    const Py_ssize_t inputs = PyTuple_Check(item) ? PyTuple_GET_SIZE(item) - 2 : 0;
    if (inputs < 1) {
        PyErr_Format(PyExc_TypeError, "Chain: instruction %d is no tuple (name, out, inputs...)",
                     at);
        return -1;
    }
    made->kind = find_kind(PyTuple_GET_ITEM(item, 0), inputs, chain->is_double, at);
    if (made->kind < 0)
        return -1;
    made->first = read_input(draft, PyTuple_GET_ITEM(item, 2), at);
    made->second = inputs < 2 ? made->first : read_input(draft, PyTuple_GET_ITEM(item, 3), at);
    if (made->first < 0 || made->second < 0)
        return -1;
    const long name = PyLong_AsLong(PyTuple_GET_ITEM(item, 1));
    if (name == -1 && PyErr_Occurred())
        return -1;
    if (name < 0) {
        PyErr_Format(PyExc_ValueError, "Chain: instruction %d writes to %ld", at, name);
        return -1;
    }
    const int single = draft->value[made->first].single && draft->value[made->second].single;
    made->out = name < chain->operands ? (int)name : add_value(draft, TEMPORARY, name, single);
    draft->value[made->first].last = draft->value[made->second].last = at;
    draft->value[made->out].last = at;
    if (!single && draft->value[made->out].single) {
        PyErr_Format(PyExc_ValueError,
                     "Chain: instruction %d has many results for one element, operand %ld", at,
                     name);
        return -1;
    }
    return 0;
}

/* ---- what may not be ---- */

/* By how much two elements, one of each of two arrays, may differ along an axis of one step. */
typedef struct {
    Py_ssize_t step, low, high;
} Reach;

static int meets(const Reach *reach, int axes, Py_ssize_t distance, Py_ssize_t item)
{
    Py_ssize_t low = 1 - item, high = item - 1;
    if (axes == 0)
        return low <= distance && distance <= high;
    for (int i = 1; i < axes; i++) {
        low += reach[i].low * reach[i].step;
        high += reach[i].high * reach[i].step;
    }
    for (Py_ssize_t i = reach->low; i <= reach->high; i++) {
        const Py_ssize_t left = distance - i * reach->step;
        if (left < low) /* and ever less */
            return 0;
        if (left <= high && meets(reach + 1, axes - 1, left, item))
            return 1;
    }
    return 0;
}

/* Whether two operands may have a byte in common. Where their steps are the same it is known: parts
 * of one array that lie side by side do not. */
static int overlap(const Draft *draft, const Operand *a, const Operand *b)
{
    Reach reach[MAX_DIMENSIONS];
    uintptr_t a_first, a_end, b_first, b_end;
    int axes = 0;
    operand_extent(a, &a_first, &a_end);
    operand_extent(b, &b_first, &b_end);
    if (a_first >= b_end || b_first >= a_end)
        return 0;
    for (int axis = 0; axis < draft->dimensions; axis++) {
        Py_ssize_t step = step_along(draft, a, axis), other = step_along(draft, b, axis);
        Py_ssize_t low = 1 - size_along(draft, b, axis), high = size_along(draft, a, axis) - 1;
        if (low && high && step != other)
            return 1;
        step = high ? step : other;
        if (step == 0)
            continue;
        if (step < 0) {
            const Py_ssize_t turned = -low;
            step = -step;
            low = -high;
            high = turned;
        }
        int i = axes++;
        for (; i > 0 && reach[i - 1].step < step; i--)
            reach[i] = reach[i - 1];
        reach[i] = (Reach){step, low, high};
    }
    return meets(reach, axes, (Py_ssize_t)((uintptr_t)b->data - (uintptr_t)a->data), a->itemsize);
}

static int is_same_place(const Operand *a, const Operand *b)
{
    int same = a->data == b->data && a->dimensions == b->dimensions;
    for (int i = 0; same && i < a->dimensions; i++)
        same = a->shape[i] == b->shape[i] && (a->shape[i] == 1 || a->strides[i] == b->strides[i]);
    return same;
}

/* Whether instruction `at` or a later one uses the operand. */
static int is_used_from(const Chain *chain, int operand, int at)
{
    for (; at < chain->instructions; at++)
        if (chain->instruction[at].first == operand || chain->instruction[at].second == operand ||
            chain->instruction[at].out == operand)
            return 1;
    return 0;
}

/* An operand that is written must have the whole shape, or be one element that is computed from
 * single elements only; and no other operand may show what is written there. */
static int check_output(const Draft *draft, int at)
{
    const Chain *chain = draft->chain;
    const int written = chain->instruction[at].out;
    Operand *out = chain->operand[written];
    Py_ssize_t size, step;
    if (operand_is_written(out) < 0)
        return -1;
    for (int axis = 0; axis < draft->dimensions && !draft->value[written].single; axis++) {
        size = size_along(draft, out, axis);
        step = step_along(draft, out, axis);
        if (size != draft->shape[axis] || (size > 1 && step == 0)) {
            PyErr_Format(PyExc_ValueError,
                         "Chain: instruction %d writes to operand %d, which has size %zd along "
                         "axis %d where the chain has %zd, or is repeated there",
                         at, written, size, axis - draft->dimensions, draft->shape[axis]);
            return -1;
        }
    }
    for (int i = 0; i < chain->operands; i++) {
        const Operand *other = chain->operand[i];
        if (i == written || !overlap(draft, out, other))
            continue;
        if (!is_same_place(out, other)) {
            PyErr_Format(PyExc_ValueError,
                         "Chain: operand %d is written and overlaps operand %d in memory", written,
                         i);
            return -1;
        }
        if (is_used_from(chain, i, at + 1)) {
            PyErr_Format(PyExc_ValueError,
                         "Chain: instruction %d writes to operand %d; operand %d, which lies there "
                         "too, is used after it",
                         at, written, i);
            return -1;
        }
    }
    return 0;
}

static int is_single(const Draft *draft, const Instruction *now)
{
    return draft->value[now->first].single && draft->value[now->second].single &&
           draft->value[now->out].single;
}

/* What is computed before the blocks may not be what an earlier instruction reads in the blocks. */
static int check_order(const Draft *draft, int at)
{
    const Instruction *const made = draft->chain->instruction, *const now = &made[at];
    if (draft->value[now->out].what != OPERAND || !draft->value[now->out].single)
        return 0;
    for (int i = 0; i < at; i++)
        if (!is_single(draft, &made[i]) &&
            (made[i].first == now->out || made[i].second == now->out)) {
            PyErr_Format(PyExc_ValueError,
                         "Chain: operand %d, one element, is written by instruction %d after "
                         "instruction %d has read it for many; that needs two chains",
                         now->out, at, i);
            return -1;
        }
    return 0;
}

static int check(const Draft *draft)
{
    for (int at = 0; at < draft->chain->instructions; at++)
        if (draft->value[draft->chain->instruction[at].out].what == OPERAND &&
            (check_output(draft, at) < 0 || check_order(draft, at) < 0))
            return -1;
    return 0;
}

/* ---- how it is done ---- */

/* The space of the blocks: the axes of the shape, those of one element left out, in the order in
 * which the leading operand lies in memory; two axes are one where each operand lies so. */
static void find_space(const Draft *draft, const Operand *leading)
{
    Chain *chain = draft->chain;
    int order[MAX_DIMENSIONS], axes = 0, merged = 0;
    chain->is_empty = 0;
    for (int axis = 0; axis < draft->dimensions; axis++) {
        const Py_ssize_t step = step_along(draft, leading, axis);
        int i;
        chain->is_empty |= draft->shape[axis] == 0;
        if (draft->shape[axis] == 1)
            continue;
        for (i = axes++; i > 0; i--) {
            const Py_ssize_t before = step_along(draft, leading, order[i - 1]);
            if ((before < 0 ? -before : before) >= (step < 0 ? -step : step))
                break;
            order[i] = order[i - 1];
        }
        order[i] = axis;
    }
    for (int i = 0; i < axes; i++) {
        const Py_ssize_t size = draft->shape[order[i]];
        int joins = merged > 0;
        for (int j = 0; joins && j < chain->operands; j++)
            joins = chain->layout[j].steps[merged - 1] ==
                    step_along(draft, chain->operand[j], order[i]) * size;
        merged += !joins;
        chain->size[merged - 1] = joins ? chain->size[merged - 1] * size : size;
        for (int j = 0; j < chain->operands; j++)
            chain->layout[j].steps[merged - 1] = step_along(draft, chain->operand[j], order[i]);
    }
    chain->axes = merged < 2 ? 2 : merged;
    for (; merged < 2; merged++) { /* axes of one element in front */
        chain->size[1] = merged ? chain->size[0] : 1;
        chain->size[0] = 1;
        for (int j = 0; j < chain->operands; j++) {
            chain->layout[j].steps[1] = merged ? chain->layout[j].steps[0] : 0;
            chain->layout[j].steps[0] = 0;
        }
    }
}

/* The size of the blocks, and which operands are copied to slots and back. */
static int find_blocks(Draft *draft)
{
    Chain *chain = draft->chain;
    const Py_ssize_t most = chain->block_bytes / chain->item;
    const Py_ssize_t columns = chain->size[chain->axes - 1];
    chain->slots = 0;
    chain->block_columns = columns < most ? columns : most;
    chain->block_rows = columns && columns < most ? most / columns : 1;
    for (int i = 0; i < chain->operands; i++) {
        Layout *layout = &chain->layout[i];
        const Py_ssize_t row = layout->steps[chain->axes - 2];
        const Py_ssize_t column = layout->steps[chain->axes - 1];
        const int dense = column == chain->item && row == columns * chain->item;
        layout->slot = -1;
        layout->single = draft->value[i].single;
        if (layout->single || ((column == chain->item || column == 0) &&
                               (chain->block_rows == 1 || columns >= NARROW || dense)))
            continue;
        if (chain->slots == SLOTS) {
            PyErr_SetString(PyExc_ValueError, "Chain: too many operands have gaps in memory");
            return -1;
        }
        layout->slot = PLACES - SLOTS + chain->slots++;
    }
    return 0;
}

/* Gives each value its place. A slot is free again after the last use of what it holds; the output
 * may already take the slot of an input that is used for the last time. */
static int find_places(Draft *draft)
{
    Chain *chain = draft->chain;
    const int fixed = chain->slots, first_slot = PLACES - SLOTS;
    int taken[SLOTS] = {0};
    chain->singles = 0;
    for (int i = 0; i < draft->values; i++) {
        Value *value = &draft->value[i];
        if (value->what == OPERAND)
            value->place = chain->layout[i].slot < 0 ? i : chain->layout[i].slot;
        else if (value->what == CONSTANT)
            value->place = chain->operands + (int)value->name;
        else if (value->single)
            value->place = chain->operands + chain->constants + chain->singles++;
    }
    if (chain->operands + chain->constants + chain->singles > first_slot) {
        PyErr_SetString(PyExc_ValueError,
                        "Chain: too many operands, constants and single elements");
        return -1;
    }
    for (int at = 0; at < chain->instructions; at++) {
        const Instruction *now = &chain->instruction[at];
        Value *const out = &draft->value[now->out];
        const int inputs[2] = {now->first, now->second};
        for (int i = 0; i < 2; i++)
            if (draft->value[inputs[i]].last == at && draft->value[inputs[i]].what == TEMPORARY &&
                !draft->value[inputs[i]].single)
                taken[draft->value[inputs[i]].place - first_slot] = 0;
        if (out->what == TEMPORARY && !out->single) {
            int slot = fixed;
            while (slot < SLOTS && taken[slot])
                slot++;
            if (slot == SLOTS) {
                PyErr_SetString(PyExc_ValueError, "Chain: too many temporaries at one time");
                return -1;
            }
            if (chain->slots <= slot)
                chain->slots = slot + 1;
            taken[slot] = out->last > at;
            out->place = first_slot + slot;
        }
    }
    return 0;
}

/* From row to row of a block in the value's place; *dense says whether a block is one run there. */
static Py_ssize_t row_of(const Draft *draft, const Value *value, int *dense, int *steady)
{
    const Chain *chain = draft->chain;
    const Py_ssize_t packed = chain->block_columns * chain->item;
    *steady = value->single;
    *dense = 1;
    if (value->single)
        return 0;
    if (value->what == OPERAND && chain->layout[value->name].slot < 0) {
        const Layout *layout = &chain->layout[value->name];
        const Py_ssize_t row = layout->steps[chain->axes - 2];
        *steady = layout->steps[chain->axes - 1] == 0;
        *dense = chain->block_rows == 1 || (!*steady && row == packed);
        return row;
    }
    return packed;
}

/* Puts places into the instructions, and those on single elements first. */
static int finish(Draft *draft)
{
    Chain *chain = draft->chain;
    Instruction *ordered = PyMem_Calloc((size_t)chain->instructions + 1, sizeof *ordered);
    int next = 0;
    if (!ordered) {
        PyErr_NoMemory();
        return -1;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (int at = 0; at < chain->instructions; at++) {
            const Instruction *now = &chain->instruction[at];
            Instruction *made = &ordered[next];
            const Value *const out = &draft->value[now->out];
            const Value *const first = &draft->value[now->first];
            const Value *const second = &draft->value[now->second];
            int dense[3], steady[3];
            if (is_single(draft, now) == pass)
                continue;
            made->kind = now->kind;
            made->out = out->place;
            made->first = first->place;
            made->second = second->place;
            made->out_row = row_of(draft, out, &dense[0], &steady[0]);
            made->first_row = row_of(draft, first, &dense[1], &steady[1]);
            made->second_row = row_of(draft, second, &dense[2], &steady[2]);
            made->flat = dense[0] && dense[1] && dense[2];
            made->steady = steady[1] * FIRST_STEADY + steady[2] * SECOND_STEADY;
            next++;
            if (pass == 0)
                continue;
            if (first->what == OPERAND && chain->layout[first->name].slot >= 0)
                chain->layout[first->name].gathered |= !chain->layout[first->name].scattered;
            if (second->what == OPERAND && chain->layout[second->name].slot >= 0)
                chain->layout[second->name].gathered |= !chain->layout[second->name].scattered;
            if (out->what == OPERAND && chain->layout[out->name].slot >= 0)
                chain->layout[out->name].scattered = 1;
        }
        if (pass == 0)
            chain->single_instructions = next;
    }
    PyMem_Free(chain->instruction);
    chain->instruction = ordered;
    return 0;
}

static int read_code(Draft *draft, PyObject *code)
{
    Chain *chain = draft->chain;
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(code);
    for (Py_ssize_t at = 0; at < count; at++) {
        if (read_instruction(draft, PySequence_Fast_GET_ITEM(code, at), (int)at) < 0)
            return -1;
        chain->instructions++;
    }
    return 0;
}

/* The operand whose order of axes is taken: the first that is written and no single element. */
static const Operand *leading_operand(const Draft *draft)
{
    const Chain *chain = draft->chain;
    for (int at = 0; at < chain->instructions; at++) {
        const int out = chain->instruction[at].out;
        if (out < chain->operands && !draft->value[out].single)
            return chain->operand[out];
    }
    return chain->operand[0];
}

static int draw_up(Draft *draft, PyObject *operands, PyObject *code)
{
    Chain *chain = draft->chain;
    const size_t inputs = (size_t)PySequence_Fast_GET_SIZE(operands);
    const size_t count = (size_t)PySequence_Fast_GET_SIZE(code);
    if (inputs > PLACES || count > 65536) {
        PyErr_SetString(PyExc_ValueError, "Chain: too many operands or instructions");
        return -1;
    }
    chain->operand = PyMem_Calloc(inputs + 1, sizeof *chain->operand);
    chain->layout = PyMem_Calloc(inputs + 1, sizeof *chain->layout);
    chain->constant = PyMem_Calloc(2 * count + 1, sizeof *chain->constant);
    chain->instruction = PyMem_Calloc(count + 1, sizeof *chain->instruction);
    draft->value = PyMem_Calloc(inputs + 3 * count + 1, sizeof *draft->value);
    if (!chain->operand || !chain->layout || !chain->constant || !chain->instruction ||
        !draft->value) {
        PyErr_NoMemory();
        return -1;
    }
    if (read_operands(draft, operands) < 0 || broadcast(draft) < 0 || read_code(draft, code) < 0 ||
        check(draft) < 0)
        return -1;
    find_space(draft, leading_operand(draft));
    chain->block_bytes = 2 * BLOCK_BYTES;
    do {
        chain->block_bytes /= 2;
        if (find_blocks(draft) < 0 || find_places(draft) < 0)
            return -1;
    } while (chain->slots * chain->block_bytes > SPACE);
    return finish(draft);
}

int make_chain(Chain *chain, PyObject *operands, PyObject *code)
{
    Draft draft = {.chain = chain};
    const int status = draw_up(&draft, operands, code);
    PyMem_Free(draft.value);
    return status;
}
