/* What can be said of the numbers of an array in one pass: how many are NaN, infinite or zero, the
 * extremes, the mean, and how far the numbers are from it; and whether all are finite.
 *
 * Read the second half first (from "#else"): how an array becomes runs of adjacent elements, and
 * the Python functions. The first half is the arithmetic. It is written once and compiled several
 * times, for two element types and for each instruction set: this file includes itself with REAL
 * and its companions defined.
 *
 * Sums are in double precision, of the differences from one of the elements, the pivot. So what is
 * subtracted in the end is of the size of the deviations, and not of the numbers, and the relative
 * error of their squares stays below size * 2^-52, however far from 0 the numbers are. What is not
 * finite is left out of all but the counts; it is noticed because it spoils the sum, and its block
 * is then looked at again, element by element. */

#ifdef REAL

#define LANES ((Py_ssize_t)(VECTOR_BYTES / sizeof(REAL)))
#define WIDE_LANES ((Py_ssize_t)(VECTOR_BYTES / sizeof(double)))

/* Any numbers, one by one. */
static void NAME(carefully)(const REAL *numbers, Py_ssize_t count, Look *look)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        const double x = numbers[i];
        if (!(x - x == 0)) {
            look->nan += x != x;
            look->infinite += x == x;
            continue;
        }
        if (!look->finite)
            look->least = look->largest = look->pivot = x;
        look->finite++;
        look->zero += x == 0;
        look->least = x < look->least ? x : look->least;
        look->largest = x > look->largest ? x : look->largest;
        look->sum += x - look->pivot;
        look->squares += (x - look->pivot) * (x - look->pivot);
    }
}

#ifdef __GNUC__
typedef REAL NAME(vector) __attribute__((vector_size(VECTOR_BYTES)));
typedef BITS NAME(bits) __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t NAME(words) __attribute__((vector_size(VECTOR_BYTES)));
typedef REAL NAME(part) __attribute__((vector_size(VECTOR_BYTES / sizeof(double) * sizeof(REAL))));
typedef double NAME(wide) __attribute__((vector_size(VECTOR_BYTES)));

/* Whole vectors of numbers, if all are finite; gives 0, and adds nothing, if not. There is a pivot
 * already. */
TARGET static int NAME(block)(const REAL *numbers, Py_ssize_t count, Look *look)
{
    const NAME(vector) none = {0};
    const NAME(wide) pivot = (NAME(wide)){0} + look->pivot;
    NAME(vector) least = none + (REAL)look->pivot, largest = least;
    NAME(bits) zero = {0};
    NAME(wide) sums[2] = {{0}}, squares[2] = {{0}}, sum, square;
    double total = 0, squared = 0;
    for (Py_ssize_t i = 0; i < count; i += LANES) {
        NAME(vector) x;
        memcpy(&x, numbers + i, sizeof x);
        least = LEAST(x, least);
        largest = LARGEST(x, largest);
        zero -= x == none;
        for (int k = 0; k < LANES / WIDE_LANES; k++) {
            NAME(part) piece;
            memcpy(&piece, numbers + i + k * WIDE_LANES, sizeof piece);
            const NAME(wide) away = __builtin_convertvector(piece, NAME(wide)) - pivot;
            sums[k] += away;
            squares[k] += away * away;
        }
    }
    sum = sums[0] + sums[1];
    square = squares[0] + squares[1];
    for (int i = 0; i < WIDE_LANES; i++) {
        total += sum[i];
        squared += square[i];
    }
    if (!(squared - squared == 0))
        return 0;
    for (int i = 0; i < LANES; i++) {
        look->least = least[i] < look->least ? least[i] : look->least;
        look->largest = largest[i] > look->largest ? largest[i] : look->largest;
        look->zero += (Py_ssize_t)zero[i];
    }
    look->finite += count;
    look->sum += total;
    look->squares += squared;
    return 1;
}

/* Whether whole vectors of numbers are finite: the exponent is not all ones. Words are compared,
 * since not every set compares longer ones; of a double the lower one is never found. */
TARGET static int NAME(block_is_finite)(const REAL *numbers, Py_ssize_t count)
{
    const NAME(bits) mask = (NAME(bits)){0} + EXPONENT, wanted = mask + (sizeof(REAL) == 8);
    NAME(words) bad = {0};
    int32_t any = 0;
    for (Py_ssize_t i = 0; i < count; i += LANES) {
        NAME(words) x;
        memcpy(&x, numbers + i, sizeof x);
        bad |= (x & (NAME(words))mask) == (NAME(words))wanted;
    }
    for (size_t i = 0; i < VECTOR_BYTES / sizeof any; i++)
        any |= bad[i];
    return !any;
}

/* The sum of the squared differences of whole vectors of numbers. */
TARGET static double NAME(block_apart)(const REAL *a, const REAL *b, Py_ssize_t count)
{
    NAME(wide) squares[4] = {{0}};
    double total = 0;
    for (Py_ssize_t i = 0; i < count; i += LANES)
        for (int k = 0; k < LANES / WIDE_LANES; k++) {
            NAME(part) x, y;
            memcpy(&x, a + i + k * WIDE_LANES, sizeof x);
            memcpy(&y, b + i + k * WIDE_LANES, sizeof y);
            const NAME(wide) away = __builtin_convertvector(x, NAME(wide)) -
                                    __builtin_convertvector(y, NAME(wide));
            squares[k + (i / LANES % 2) * 2] += away * away;
        }
    for (int i = 0; i < WIDE_LANES; i++)
        total += squares[0][i] + squares[1][i] + squares[2][i] + squares[3][i];
    return total;
}
#else
static double NAME(block_apart)(const REAL *a, const REAL *b, Py_ssize_t count)
{
    double total = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        total += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return total;
}

static int NAME(block)(const REAL *numbers, Py_ssize_t count, Look *look)
{
    return 0;
}

static int NAME(block_is_finite)(const REAL *numbers, Py_ssize_t count)
{
    REAL spoiled = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        spoiled += numbers[i] - numbers[i];
    return spoiled == 0;
}
#endif

static int NAME(look)(const void *data, Py_ssize_t count, void *result)
{
    const REAL *numbers = data;
    Look *look = result;
    for (; count && !look->finite; numbers++, count--)
        NAME(carefully)(numbers, 1, look);
    while (count) {
        const Py_ssize_t taken = count < BLOCK ? count : BLOCK, whole = taken - taken % LANES;
        if (whole && !NAME(block)(numbers, whole, look))
            NAME(carefully)(numbers, whole, look);
        NAME(carefully)(numbers + whole, taken - whole, look);
        numbers += taken;
        count -= taken;
    }
    return 1;
}

static double NAME(apart)(const void *data, const void *other, Py_ssize_t count)
{
    const REAL *a = data, *b = other;
    const Py_ssize_t whole = count - count % LANES;
    double total = NAME(block_apart)(a, b, whole);
    for (Py_ssize_t i = whole; i < count; i++)
        total += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return total;
}

static int NAME(is_finite)(const void *data, Py_ssize_t count, void *result)
{
    const REAL *numbers = data;
    (void)result;
    while (count) {
        const Py_ssize_t taken = count < BLOCK ? count : BLOCK, whole = taken - taken % LANES;
        if (!NAME(block_is_finite)(numbers, whole))
            return 0;
        for (Py_ssize_t i = whole; i < taken; i++)
            if (!(numbers[i] - numbers[i] == 0))
                return 0;
        numbers += taken;
        count -= taken;
    }
    return 1;
}

#undef LANES
#undef WIDE_LANES
#undef REAL
#undef BITS
#undef EXPONENT
#undef NAME
#undef LEAST
#undef LARGEST

#else /* the module */

#include "_native.h"

#include <math.h>
#ifdef HAVE_X86_SETS
#include <immintrin.h>
#endif

#define BLOCK 2048 /* elements that are in the caches when they are looked at again */

typedef struct {
    Py_ssize_t nan, infinite, zero, finite;
    double least, largest, pivot;
    double sum, squares; /* of the differences from the pivot */
} Look;

/* Takes adjacent, aligned elements; gives 0 when no more are wanted. */
typedef int Take(const void *data, Py_ssize_t count, void *result);

/* Without an instruction for it: the bits of x where it is less, those of y elsewhere. */
#define CHOICE(mask, x, y, bits) ((__typeof__(x))(((bits)(x) & (mask)) | ((bits)(y) & ~(mask))))

#define TARGET
#define VECTOR_BYTES 16
#define REAL float
#define BITS int32_t
#define EXPONENT 0x7f800000
#define NAME(x) x##_float
#define LEAST(x, y) CHOICE((x) < (y), x, y, bits_float)
#define LARGEST(x, y) CHOICE((x) > (y), x, y, bits_float)
#include "_look.c"
#define REAL double
#define BITS int64_t
#define EXPONENT 0x7ff0000000000000
#define NAME(x) x##_double
#define LEAST(x, y) CHOICE((x) < (y), x, y, bits_double)
#define LARGEST(x, y) CHOICE((x) > (y), x, y, bits_double)
#include "_look.c"
#undef TARGET
#undef VECTOR_BYTES

#ifdef HAVE_X86_SETS
#define TARGET TARGET_AVX2
#define VECTOR_BYTES 32
#define REAL float
#define BITS int32_t
#define EXPONENT 0x7f800000
#define NAME(x) x##_float_avx2
#define LEAST(x, y) _mm256_min_ps(x, y)
#define LARGEST(x, y) _mm256_max_ps(x, y)
#include "_look.c"
#define REAL double
#define BITS int64_t
#define EXPONENT 0x7ff0000000000000
#define NAME(x) x##_double_avx2
#define LEAST(x, y) _mm256_min_pd(x, y)
#define LARGEST(x, y) _mm256_max_pd(x, y)
#include "_look.c"
#undef TARGET
#undef VECTOR_BYTES

#define TARGET TARGET_AVX512
#define VECTOR_BYTES 64
#define REAL float
#define BITS int32_t
#define EXPONENT 0x7f800000
#define NAME(x) x##_float_avx512
#define LEAST(x, y) _mm512_min_ps(x, y)
#define LARGEST(x, y) _mm512_max_ps(x, y)
#include "_look.c"
#define REAL double
#define BITS int64_t
#define EXPONENT 0x7ff0000000000000
#define NAME(x) x##_double_avx512
#define LEAST(x, y) _mm512_min_pd(x, y)
#define LARGEST(x, y) _mm512_max_pd(x, y)
#include "_look.c"
#undef TARGET
#undef VECTOR_BYTES
#else
#define look_float_avx2 NULL
#define look_double_avx2 NULL
#define look_float_avx512 NULL
#define look_double_avx512 NULL
#define apart_float_avx2 NULL
#define apart_double_avx2 NULL
#define apart_float_avx512 NULL
#define apart_double_avx512 NULL
#define is_finite_float_avx2 NULL
#define is_finite_double_avx2 NULL
#define is_finite_float_avx512 NULL
#define is_finite_double_avx512 NULL
#endif

typedef Take *const Sets[INSTRUCTION_SETS];
static Sets look_floats = {look_float, look_float_avx2, look_float_avx512};
static Sets look_doubles = {look_double, look_double_avx2, look_double_avx512};
static Sets finite_floats = {is_finite_float, is_finite_float_avx2, is_finite_float_avx512};
static Sets finite_doubles = {is_finite_double, is_finite_double_avx2, is_finite_double_avx512};

typedef double Apart(const void *data, const void *other, Py_ssize_t count);
typedef Apart *const Aparts[INSTRUCTION_SETS];
static Aparts apart_floats = {apart_float, apart_float_avx2, apart_float_avx512};
static Aparts apart_doubles = {apart_double, apart_double_avx2, apart_double_avx512};

/* ---- from an array to runs of elements ---- */

/* Elements that do not lie side by side are copied to here first. */
typedef struct {
    _Alignas(64) char space[BLOCK * sizeof(double)];
    Py_ssize_t count;
} Gathered;

/* Gathers what lies at `data` along the axes from `axis` on; gives 0 when no more is wanted. There
 * are few axes, and as many calls inside one another. */
static int gather(const Py_buffer *view, int axis, const char *data, Gathered *gathered, Take *take,
                  void *result)
{
    const Py_ssize_t size = view->shape[axis], step = view->strides[axis];
    for (Py_ssize_t i = 0; i < size; i++, data += step) {
        if (axis + 1 < view->ndim) {
            if (!gather(view, axis + 1, data, gathered, take, result))
                return 0;
            continue;
        }
        memcpy(gathered->space + gathered->count * view->itemsize, data, (size_t)view->itemsize);
        if (++gathered->count == BLOCK) {
            gathered->count = 0;
            if (!take(gathered->space, BLOCK, result))
                return 0;
        }
    }
    return 1;
}

/* Hands all elements of an array over; gives 0 if `take` did not want all of them. */
static int each_run(const Py_buffer *view, Take *take, void *result)
{
    Gathered gathered;
    if (view->len == 0)
        return 1;
    if ((uintptr_t)view->buf % (size_t)view->itemsize == 0 && PyBuffer_IsContiguous(view, 'A'))
        return take(view->buf, view->len / view->itemsize, result);
    gathered.count = 0;
    if (view->ndim == 0)
        memcpy(gathered.space, view->buf, (size_t)view->itemsize), gathered.count = 1;
    else if (!gather(view, 0, view->buf, &gathered, take, result))
        return 0;
    return take(gathered.space, gathered.count, result);
}

/* ---- for Python ---- */

/* 'f' or 'd' for a view of such elements; 0 for any other. */
static char element(const Py_buffer *view)
{
    const char *format = view->format ? view->format : "B";
    if (*format == '@' || *format == '=') /* '=' is how numpy says "not aligned" */
        format++;
    return (*format == 'f' || *format == 'd') && !format[1] && !view->suboffsets ? *format : 0;
}

/* Hands over the elements of an array of float32 or float64; gives what `each_run` gives, and -1
 * for any other object, without an exception. */
static int each_number(PyObject *array, Take *floats, Take *doubles, void *result)
{
    Py_buffer view;
    int given = -1;
    if (PyObject_GetBuffer(array, &view, PyBUF_FULL_RO) < 0) {
        PyErr_Clear();
        return -1;
    }
    if (element(&view))
        given = each_run(&view, element(&view) == 'f' ? floats : doubles, result);
    PyBuffer_Release(&view);
    return given;
}

/* Elements of a type of whole numbers or truths as doubles. */
#define WIDENED(type)                                                                              \
    for (Py_ssize_t i = 0; i < count; i++)                                                         \
        wide[i] = (double)((const type *)data)[i];                                                 \
    return 1

static int widened(const void *data, Py_ssize_t count, char format, size_t size, double *wide)
{
    const int is_signed = strchr("bhilqn", format) != NULL;
    if (!strchr("?bBhHiIlLqQnN", format) || !format)
        return 0;
    switch (is_signed ? size : size + 8) {
    case 1:
        WIDENED(int8_t);
    case 2:
        WIDENED(int16_t);
    case 4:
        WIDENED(int32_t);
    case 8:
        WIDENED(int64_t);
    case 9:
        WIDENED(uint8_t);
    case 10:
        WIDENED(uint16_t);
    case 12:
        WIDENED(uint32_t);
    case 16:
        WIDENED(uint64_t);
    }
    return 0;
}

/* Hands over the elements of an array of adjacent whole numbers, or truths, as doubles; gives -1 for
 * any other object, without an exception. */
static int each_whole(PyObject *array, Take *take, void *result)
{
    Py_buffer view;
    double wide[256];
    int given = -1;
    if (PyObject_GetBuffer(array, &view, PyBUF_FULL_RO) < 0) {
        PyErr_Clear();
        return -1;
    }
    if (view.format && !view.format[1] && PyBuffer_IsContiguous(&view, 'A') &&
        (uintptr_t)view.buf % (size_t)view.itemsize == 0) {
        const Py_ssize_t count = view.len / view.itemsize, most = 256;
        given = 1;
        for (Py_ssize_t done = 0; given == 1 && done < count; done += most) {
            const Py_ssize_t taken = count - done < most ? count - done : most;
            const char *data = (const char *)view.buf + done * view.itemsize;
            if (widened(data, taken, *view.format, (size_t)view.itemsize, wide))
                take(wide, taken, result);
            else
                given = -1;
        }
    }
    PyBuffer_Release(&view);
    return given;
}

static PyObject *look(PyObject *module, PyObject *array)
{
    Look found = {0};
    double mean, deviation;
    Py_ssize_t size;
    (void)module;
    if (each_number(array, look_floats[instructions], look_doubles[instructions], &found) < 0 &&
        each_whole(array, look_doubles[instructions], &found) < 0)
        Py_RETURN_NONE;
    size = found.finite + found.nan + found.infinite;
    if (!found.finite)
        return Py_BuildValue("(ndddddnnn)", size, 0.0, 0.0, 0.0, 0.0, 0.0, found.nan,
                             found.infinite, (Py_ssize_t)0);
    mean = found.sum / (double)found.finite;
    deviation = found.squares / (double)found.finite - mean * mean;
    deviation = deviation < 0 ? 0 : deviation; /* by rounding */
    mean += found.pivot;
    if (!(found.squares - found.squares == 0) || !(mean * mean - mean * mean == 0))
        Py_RETURN_NONE; /* numbers so large that their squares are none */
    return Py_BuildValue("(ndddddnnn)", size, found.least, mean, found.largest, sqrt(deviation),
                         sqrt((deviation + mean * mean) * (double)found.finite), found.nan,
                         found.infinite, found.zero);
}

static PyObject *is_finite(PyObject *module, PyObject *array)
{
    const int given =
        each_number(array, finite_floats[instructions], finite_doubles[instructions], NULL);
    (void)module;
    if (given < 0)
        Py_RETURN_NONE;
    return PyBool_FromLong(given);
}

static int alike(const Py_buffer *a, const Py_buffer *b)
{
    if (!element(a) || element(a) != element(b) || a->ndim != b->ndim)
        return 0;
    for (int i = 0; i < a->ndim; i++)
        if (a->shape[i] != b->shape[i])
            return 0;
    return ((uintptr_t)a->buf | (uintptr_t)b->buf) % (size_t)a->itemsize == 0 &&
           PyBuffer_IsContiguous(a, 'C') && PyBuffer_IsContiguous(b, 'C');
}

static PyObject *distance(PyObject *module, PyObject *const *arrays, Py_ssize_t count)
{
    Py_buffer a, b;
    double squares = -1;
    (void)module;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "distance takes two arrays");
        return NULL;
    }
    if (PyObject_GetBuffer(arrays[0], &a, PyBUF_FULL_RO) == 0) {
        if (PyObject_GetBuffer(arrays[1], &b, PyBUF_FULL_RO) == 0) {
            if (alike(&a, &b))
                squares = (element(&a) == 'f' ? apart_floats : apart_doubles)[instructions](
                    a.buf, b.buf, a.len / a.itemsize);
            PyBuffer_Release(&b);
        }
        PyBuffer_Release(&a);
    }
    PyErr_Clear();
    if (squares < 0)
        Py_RETURN_NONE;
    return PyFloat_FromDouble(sqrt(squares));
}

static PyObject *is_same(PyObject *module, PyObject *const *arrays, Py_ssize_t count)
{
    Py_buffer a, b;
    int same = 0;
    (void)module;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "is_same takes two arrays");
        return NULL;
    }
    if (PyObject_GetBuffer(arrays[0], &a, PyBUF_FULL_RO) == 0) {
        if (PyObject_GetBuffer(arrays[1], &b, PyBUF_FULL_RO) == 0) {
            same = alike(&a, &b) && memcmp(a.buf, b.buf, (size_t)a.len) == 0;
            PyBuffer_Release(&b);
        }
        PyBuffer_Release(&a);
    }
    PyErr_Clear();
    return PyBool_FromLong(same);
}

static PyMethodDef functions[] = {
    {"is_same", (PyCFunction)(void (*)(void))is_same, METH_FASTCALL,
     PyDoc_STR("is_same(a, b, /)\n--\n\n"
               "Whether these are two contiguous arrays of one shape, both of float32 or both of\n"
               "float64, with the same bits.")},
    {"distance", (PyCFunction)(void (*)(void))distance, METH_FASTCALL,
     PyDoc_STR("distance(a, b, /)\n--\n\n"
               "The Euclidean length of the difference. None for what is not two contiguous arrays\n"
               "of one shape, of float32 or of float64.")},
    {"look", look, METH_O,
     PyDoc_STR("look(array, /)\n--\n\n"
               "Size, least, mean, largest, deviation and norm of the finite elements; how many\n"
               "are NaN, infinite, zero. None for what is no array of numbers, and for numbers\n"
               "whose squares are too large.")},
    {"is_finite", is_finite, METH_O,
     PyDoc_STR("is_finite(array, /)\n--\n\n"
               "Whether all elements are finite. None for what is not float32 or float64.")},
    {NULL, NULL, 0, NULL},
};

int add_look(PyObject *module)
{
    return PyModule_AddFunctions(module, functions);
}

#endif
