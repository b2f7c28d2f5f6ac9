/* Chains of elementwise instructions on float32 or float64 arrays, done in one pass over memory.
 *
 * The first half is the arithmetic: one line an instruction. It is compiled for both element types
 * and for each instruction set: this file includes itself with REAL and its companions defined. The
 * loops are plain, and the compiler makes vectors of them; for that the build says that nobody looks
 * at errno after a square root, or at the exceptions of a comparison.
 *
 * The second half (from "#else") reads bottom up: a Chain is made of operands and of a list of
 * instructions (chain_new), and called with no arguments (chain_call). Its operands are broadcast
 * to one shape, of which the axes that lie one behind the other in memory are merged. The last two
 * axes that remain are cut into blocks; for each block all instructions run, one after the other,
 * with what is between them in slots that stay in the first cache. What depends only on operands of
 * one element is computed once, before the blocks.
 *
 * Every instruction rounds as numpy's function of that name does, whatever the instruction set:
 * nothing here is a fused multiplication and addition. */

#ifdef REAL

#ifdef __GNUC__ /* arrays may lie anywhere */
typedef REAL NAME(item) __attribute__((aligned(1), may_alias));
#else
typedef REAL NAME(item);
#endif

#ifdef WITH_CURVES

/* exp(x) for x <= 0, below 1 ulp: 2^n exp(r) with |r| <= log(2) / 2. The polynomial is fitted to
 * (exp(r) - 1 - r) / r^2 for the least relative error of the whole, 3e-9. 2^n comes in two factors,
 * so that the one rounding of a denormal result is the last step; exp(-104) is 0. */
TARGET INLINE float NAME(exp_below_zero)(float x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: what is added to it is rounded to whole */
    float clipped = x < -104.0f ? -104.0f : x, shifted = clipped * 1.44269504f + shift;
    float whole = shifted - shift, sum;
    float r = clipped - whole * 0.693359375f - whole * -2.12194440e-4f; /* log(2) in two parts */
    int32_t n = bits_of(shifted) - 0x4b400000, half = n >> 1;
    sum = 1.3819349e-3f;
    sum = sum * r + 8.368777e-3f;
    sum = sum * r + 4.1668307e-2f;
    sum = sum * r + 0.1666652f;
    sum = sum * r + 0.49999994f;
    sum = sum * (r * r) + r + 1.0f;
    return sum * power_of_two(half) * power_of_two(n - half);
}

/* 1 / (1 + exp(-x)), by the exponential of what is never above 0. What 1 + exp loses when it is
 * rounded is known exactly, and made good: below 2 ulp for every x. */
TARGET INLINE float NAME(logistic)(float x)
{
    const float small = NAME(exp_below_zero)(-fabsf(x)), sum = 1.0f + small;
    const float lost = small - (sum - 1.0f), quotient = (x >= 0 ? 1.0f : small) / sum;
    return quotient - quotient * lost;
}

/* Near 0 an odd polynomial (of tanh(x)/x - 1 in x^2, error 5e-9), elsewhere by exp(-2|x|). */
TARGET INLINE float NAME(hyperbolic)(float x)
{
    const float size = fabsf(x), s = x * x, small = NAME(exp_below_zero)(-2.0f * size);
    const float outer = 1.0f - 2.0f * small / (1.0f + small);
    float inner = -5.679946e-3f;
    inner = inner * s + 2.061876e-2f;
    inner = inner * s + -5.373422e-2f;
    inner = inner * s + 0.13331386f;
    inner = inner * s + -0.3333328f;
    inner = inner * s * size + size;
    return copysignf(size < 0.625f ? inner : outer, x);
}

#endif

/* An input that is steady is one element for the whole loop. */
#define UNARY(name, formula)                                                                       \
    TARGET static void NAME(name)(char *out, const char *first, const char *second,                \
                                  Py_ssize_t count, int steady)                                    \
    {                                                                                              \
        NAME(item) *to = (NAME(item) *)out;                                                        \
        const NAME(item) *from = (const NAME(item) *)first;                                        \
        (void)second;                                                                              \
        if (steady) {                                                                              \
            const REAL x = *from, result = formula;                                                \
            EACH to[i] = result;                                                                   \
        } else                                                                                     \
            EACH {                                                                                 \
                const REAL x = from[i];                                                            \
                to[i] = formula;                                                                   \
            }                                                                                      \
    }

#define BINARY(name, formula)                                                                      \
    TARGET static void NAME(name)(char *out, const char *first, const char *second,                \
                                  Py_ssize_t count, int steady)                                    \
    {                                                                                              \
        NAME(item) *to = (NAME(item) *)out;                                                        \
        const NAME(item) *left = (const NAME(item) *)first;                                        \
        const NAME(item) *right = (const NAME(item) *)second;                                      \
        if (steady == 0)                                                                           \
            EACH {                                                                                 \
                const REAL x = left[i], y = right[i];                                              \
                to[i] = formula;                                                                   \
            }                                                                                      \
        else if (steady == FIRST_STEADY) {                                                         \
            const REAL x = *left;                                                                  \
            EACH {                                                                                 \
                const REAL y = right[i];                                                           \
                to[i] = formula;                                                                   \
            }                                                                                      \
        } else if (steady == SECOND_STEADY) {                                                      \
            const REAL y = *right;                                                                 \
            EACH {                                                                                 \
                const REAL x = left[i];                                                            \
                to[i] = formula;                                                                   \
            }                                                                                      \
        } else {                                                                                   \
            const REAL x = *left, y = *right, result = formula;                                    \
            EACH to[i] = result;                                                                   \
        }                                                                                          \
    }

#define ROOT(x) ((REAL)(sizeof(REAL) == sizeof(float) ? sqrtf((float)(x)) : sqrt((double)(x))))
#define SIZE(x) ((REAL)(sizeof(REAL) == sizeof(float) ? fabsf((float)(x)) : fabs((double)(x))))

UNARY(copy, x)
UNARY(neg, -x)
UNARY(abs, SIZE(x))
UNARY(square, x * x)
UNARY(sqrt, ROOT(x))
UNARY(reciprocal, 1 / x)
UNARY(rsqrt, 1 / ROOT(x))
UNARY(relu, x <= 0 ? 0 : x) /* a NaN stays */
BINARY(add, x + y)
BINARY(sub, x - y)
BINARY(mul, x * y)
BINARY(div, x / y)
BINARY(maximum, (x > y) | (x != x) ? x : y) /* of two that are equal, as 0 and -0, the second */
BINARY(minimum, (x < y) | (x != x) ? x : y)
BINARY(squared_difference, (x - y) * (x - y))
BINARY(relu_grad, y > 0 ? x : 0)          /* the gradient, the feature */
BINARY(sigmoid_grad, y * x * (1 - x))     /* the sigmoid's value, the gradient */
BINARY(tanh_grad, y * (1 - x * x))        /* the hyperbolic tangent's value, the gradient */
#ifdef WITH_CURVES
UNARY(sigmoid, NAME(logistic)(x))
UNARY(tanh, NAME(hyperbolic)(x))
#endif

#define STEP(name, inputs) NAME(name),
static Step *const NAME(steps)[] = {
    INSTRUCTIONS(STEP)
#ifdef WITH_CURVES
    CURVES(STEP)
#endif
};

#undef STEP
#undef ROOT
#undef SIZE
#undef UNARY
#undef BINARY

#elif defined(SET) /* one instruction set: both types */

#define REAL float
#define NAME(x) SET(x##_float)
#define WITH_CURVES
#include "_chain.c"
#undef WITH_CURVES
#undef NAME
#undef REAL
#define REAL double
#define NAME(x) SET(x##_double)
#include "_chain.c"
#undef NAME
#undef REAL

#else /* the module */

#include "_native.h"
#include <math.h>
#include <stddef.h>

/* The instructions, in the order in which they are compiled, and how many inputs each takes. */
#define INSTRUCTIONS(_)                                                                            \
    _(copy, 1) _(neg, 1) _(abs, 1) _(square, 1) _(sqrt, 1) _(reciprocal, 1) _(rsqrt, 1)            \
    _(relu, 1) _(add, 2) _(sub, 2) _(mul, 2) _(div, 2) _(maximum, 2) _(minimum, 2)                 \
    _(squared_difference, 2) _(relu_grad, 2) _(sigmoid_grad, 2) _(tanh_grad, 2)
#define CURVES(_) _(sigmoid, 1) _(tanh, 1) /* of float32 only */

/* One instruction on `count` >= 1 elements that lie side by side; an input that is steady is one
 * element. The output may be an input. */
typedef void Step(char *out, const char *first, const char *second, Py_ssize_t count, int steady);
enum { FIRST_STEADY = 1, SECOND_STEADY = 2, BOTH_STEADY = 3 };

#if defined(__clang__)
#define EACH                                                                                       \
    _Pragma("clang loop vectorize(assume_safety)") for (Py_ssize_t i = 0; i < count; i++)
#elif defined(__GNUC__)
#define EACH _Pragma("GCC ivdep") for (Py_ssize_t i = 0; i < count; i++)
#else
#define EACH for (Py_ssize_t i = 0; i < count; i++)
#endif

#ifdef __GNUC__
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static __inline
#endif

INLINE int32_t bits_of(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* 2^n, for -126 <= n <= 127. */
INLINE float power_of_two(int32_t n)
{
    const uint32_t bits = (uint32_t)(n + 127) << 23;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}


#define TARGET
#define SET(x) x##_portable
#include "_chain.c"
#undef SET
#undef TARGET
#ifdef HAVE_X86_SETS
#define TARGET TARGET_AVX2
#define SET(x) x##_avx2
#include "_chain.c"
#undef SET
#undef TARGET
#define TARGET TARGET_AVX512
#define SET(x) x##_avx512
#include "_chain.c"
#undef SET
#undef TARGET
#endif

/* By instruction set, then by whether the elements are float64. */
static Step *const *const steps[INSTRUCTION_SETS][2] = {
    [PORTABLE] = {steps_float_portable, steps_double_portable},
#ifdef HAVE_X86_SETS
    [AVX2] = {steps_float_avx2, steps_double_avx2},
    [AVX512] = {steps_float_avx512, steps_double_avx512},
#endif
};

#define KIND(name, inputs) {#name, inputs, 0},
#define CURVE(name, inputs) {#name, inputs, 1},
static const struct {
    const char *name;
    int inputs;
    int only_float;
} kinds[] = {INSTRUCTIONS(KIND) CURVES(CURVE)};
#undef KIND
#undef CURVE
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

/* ---- a chain that is ready to run ---- */

#define SPACE 65536 /* bytes for all slots, on the stack */
#define BLOCK_BYTES 4096 /* of one slot, or less where there are many */
#define LEAST_BLOCK_BYTES 512
#define SLOTS (SPACE / LEAST_BLOCK_BYTES)
#define PLACES 1024
#define NARROW 32 /* rows of fewer elements are gathered, so that a step is worth its call */

/* Inputs and outputs are places: numbers of operands, constants, singles and slots, in this order.
 * Constants and singles are one element. A slot holds one block. */
typedef struct {
    int kind, steady;
    int flat; /* the block is one run of elements for all three */
    int out, first, second;
    Py_ssize_t out_row, first_row, second_row; /* bytes from row to row of the block */
} Instruction;

/* How an operand lies in the space that the blocks fill, and what is done with it in a block. */
typedef struct {
    Py_ssize_t steps[MAX_DIMENSIONS]; /* bytes along each axis; 0 where it is repeated */
    int single;                       /* it is one element */
    int slot;                         /* the place it is copied to and from, or -1 */
    int gathered, scattered;
} Layout;

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    int operands, constants, singles, slots;
    Operand **operand;
    Layout *layout;
    double *constant; /* each holds one element of the chain's type */
    Instruction *instruction;
    int instructions, single_instructions; /* those on single elements are the first */
    int is_double;
    Py_ssize_t item;
    int axes; /* at least two, the rows and the columns of the blocks */
    Py_ssize_t size[MAX_DIMENSIONS];
    Py_ssize_t block_bytes, block_rows, block_columns;
    int is_empty;
} Chain;

/* ---- running ---- */

static void run_singles(const Chain *chain, char **at)
{
    Step *const *const step = steps[instructions][chain->is_double];
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
    Step *const *const step = steps[instructions][chain->is_double];
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

/* ---- making: what was asked for ---- */

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

static int read_kind(PyObject *name, Py_ssize_t inputs, int is_double, int at)
{
    for (int kind = 0; PyUnicode_Check(name) && kind < KINDS; kind++)
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
    made->kind = read_kind(PyTuple_GET_ITEM(item, 0), inputs, chain->is_double, at);
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

/* ---- making: what may not be ---- */

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
                         "Chain: instruction %d writes to operand %d, which has size %zd along axis "
                         "%d where the chain has %zd, or is repeated there",
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

/* ---- making: how it is done ---- */

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
    const Py_ssize_t most = chain->block_bytes / chain->item, columns = chain->size[chain->axes - 1];
    chain->slots = 0;
    chain->block_columns = columns < most ? columns : most;
    chain->block_rows = columns && columns < most ? most / columns : 1;
    for (int i = 0; i < chain->operands; i++) {
        Layout *layout = &chain->layout[i];
        const Py_ssize_t row = layout->steps[chain->axes - 2], column = layout->steps[chain->axes - 1];
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
        PyErr_SetString(PyExc_ValueError, "Chain: too many operands, constants and single elements");
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

static int make(Draft *draft, PyObject *operands, PyObject *code)
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

static PyObject *chain_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    PyObject *operands, *code, *made = NULL;
    Draft draft = {0};
    if (keywords && PyDict_GET_SIZE(keywords)) {
        PyErr_SetString(PyExc_TypeError, "Chain takes no keywords");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "OO:Chain", &operands, &code))
        return NULL;
    operands = PySequence_Fast(operands, "Chain: the operands must be a sequence");
    code = operands ? PySequence_Fast(code, "Chain: the code must be a sequence") : NULL;
    if (code && (draft.chain = (Chain *)type->tp_alloc(type, 0))) {
        draft.chain->call = chain_call;
        made = (PyObject *)draft.chain;
        if (make(&draft, operands, code) < 0)
            Py_CLEAR(made);
    }
    PyMem_Free(draft.value);
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
    const int kind = read_kind(arguments[0], 1, is_double, 0);
    const int c = PyBuffer_IsContiguous(&from, 'C') && PyBuffer_IsContiguous(&to, 'C');
    const int f = PyBuffer_IsContiguous(&from, 'F') && PyBuffer_IsContiguous(&to, 'F');
    if (kind >= 0 && (strcmp(from.format, to.format) != 0 ||
                      strcmp(from.format, is_double ? "d" : "f") != 0 || from.len != to.len ||
                      !(c || f)))
        PyErr_SetString(PyExc_ValueError,
                        "apply: two arrays of one layout are needed, both float32 or both float64");
    else if (kind >= 0) {
        if (from.len)
            steps[instructions][is_double][kind](to.buf, from.buf, from.buf,
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
    for (int kind = 0; names && kind < KINDS; kind++) {
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

#endif
