/* The product of float32 and float64 matrices, with any strides.
 *
 * It is cut so that its pieces stay in the caches:
 *
 *   block of rows of A (ROW_BLOCK) > block of the inner dimension (DEPTH_BLOCK) > strip of columns
 *   of B, two vectors wide (copied into a small buffer if it does not lie well) > tile of up to
 *   TILE_ROWS x 2 vectors of results that are held in registers while the inner dimension runs.
 *
 * _tiles.h has that arithmetic. Below it is compiled for two element types and for each instruction
 * set; which set is used is decided at run time, so the build needs no flags that tie it to one
 * processor. Then come the checks of the arguments and the function for Python. _product.c has the
 * products that are prepared once and called often. */

#include "_matmul.h"
#include "_threads.h"

#ifdef HAVE_X86_SETS
#include <immintrin.h>
#elif defined(__GNUC__) && defined(__aarch64__)
#include <arm_neon.h>
#endif

#define ROW_BLOCK 240
#define PAGE 4096
/* Handing the interpreter over and taking it back costs about as much as this many products. */
#define GIL_PRODUCTS 8192.0
/* Waking the second thread costs about as much as this many. */
#define THREAD_PRODUCTS 4e6
/* What two threads share is cut into about so many chunks, of whole tiles in every set. */
#define CHUNKS 8
#define ROW_UNIT 24
#define COLUMN_UNIT 64

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

#ifdef __GNUC__
#define INLINE static inline __attribute__((always_inline))
#define NOT_INLINE __attribute__((noinline))
/* Keeps the compiler from expressing one pointer by another, which would cost it registers. */
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))
#define PREFETCH(p) __builtin_prefetch(p)
#else
#define INLINE static __inline
#define NOT_INLINE
#define OPAQUE(pointer) ((void)0)
#define PREFETCH(p) ((void)(p))
#endif

static Matrix part(Matrix m, Py_ssize_t row, Py_ssize_t column, Py_ssize_t rows, Py_ssize_t columns)
{
    m.data += row * m.row + column * m.column;
    m.rows = rows;
    m.columns = columns;
    return m;
}

static Matrix transpose(Matrix m)
{
    const Matrix turned = {m.data, m.columns, m.rows, m.column, m.row};
    return turned;
}

/* Rows so far from each other that each lies on another page. */
static int far(Py_ssize_t step)
{
    return step >= PAGE || step <= -PAGE;
}

/* ---- what every processor of the architecture has: SSE2, NEON, or a "vector" of one element ---- */

#ifdef __GNUC__
#define BYTES(type) 16
typedef float floats __attribute__((vector_size(16)));
typedef double doubles __attribute__((vector_size(16)));
#define RELU(v) ((VEC)((__typeof__((v) <= 0))(v) & ~((v) <= 0)))
#else
#define BYTES(type) sizeof(type)
typedef float floats;
typedef double doubles;
#define RELU(v) ((v) <= 0 ? 0 : (v))
#endif

/* A few elements; whole vectors, the usual case, are one instruction. */
#define PARTS(name, type, vec)                                                                     \
    INLINE vec load_##name(const char *p, int n)                                                   \
    {                                                                                              \
        vec v = {0};                                                                               \
        if (n * sizeof(type) == BYTES(type))                                                       \
            memcpy(&v, p, BYTES(type));                                                            \
        else                                                                                       \
            memcpy(&v, p, n * sizeof(type));                                                       \
        return v;                                                                                  \
    }                                                                                              \
    INLINE void store_##name(char *p, int n, vec v)                                                \
    {                                                                                              \
        if (n * sizeof(type) == BYTES(type))                                                       \
            memcpy(p, &v, BYTES(type));                                                            \
        else                                                                                       \
            memcpy(p, &v, n * sizeof(type));                                                       \
    }
PARTS(floats, float, floats)
PARTS(doubles, double, doubles)

#define TARGET
#define CHEAP_PARTS 0
#ifdef __aarch64__
#define TILE_ROWS 12
#else
#define TILE_ROWS 6
#endif

#define REAL float
#define INDEX int32_t
#define NAME(x) x##_float
#define VEC floats
#define LANES ((int)(BYTES(float) / sizeof(float)))
#if defined(__GNUC__) && defined(__aarch64__)
#define FMA(x, v, sum) vfmaq_n_f32(sum, v, x)
#else
#define FMA(x, v, sum) ((sum) + (x) * (v))
#endif
#define LOAD_PART load_floats
#define STORE_PART store_floats
#include "_tiles.h"

#define REAL double
#define INDEX int64_t
#define NAME(x) x##_double
#define VEC doubles
#define LANES ((int)(BYTES(double) / sizeof(double)))
#if defined(__GNUC__) && defined(__aarch64__)
#define FMA(x, v, sum) vfmaq_n_f64(sum, v, x)
#else
#define FMA(x, v, sum) ((sum) + (x) * (v))
#endif
#define LOAD_PART load_doubles
#define STORE_PART store_doubles
#include "_tiles.h"

#undef TARGET
#undef CHEAP_PARTS
#undef TILE_ROWS

#ifdef HAVE_X86_SETS

/* ---- AVX2 and FMA: 16 registers of 32 bytes ---- */

/* The first n of eight or four elements; storing in parts is slow, so whole vectors go alone. */
static const int32_t first[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
#define FIRST(n, size)                                                                             \
    _mm256_loadu_si256((const __m256i *)((const char *)first + 32 - (n) * (size)))

#define TARGET TARGET_AVX2
#define CHEAP_PARTS 1
#define TILE_ROWS 6

#define REAL float
#define INDEX int32_t
#define NAME(x) x##_float_avx2
#define VEC __m256
#define LANES 8
#define FMA(x, v, sum) _mm256_fmadd_ps(_mm256_set1_ps(x), v, sum)
#define LOAD_PART(p, n) _mm256_maskload_ps((const float *)(p), FIRST(n, 4))
#define STORE_PART(p, n, v)                                                                        \
    ((n) == 8 ? _mm256_storeu_ps((float *)(p), v)                                                  \
              : _mm256_maskstore_ps((float *)(p), FIRST(n, 4), v))
#include "_tiles.h"

#define REAL double
#define INDEX int64_t
#define NAME(x) x##_double_avx2
#define VEC __m256d
#define LANES 4
#define FMA(x, v, sum) _mm256_fmadd_pd(_mm256_set1_pd(x), v, sum)
#define LOAD_PART(p, n) _mm256_maskload_pd((const double *)(p), FIRST(n, 8))
#define STORE_PART(p, n, v)                                                                        \
    ((n) == 4 ? _mm256_storeu_pd((double *)(p), v)                                                 \
              : _mm256_maskstore_pd((double *)(p), FIRST(n, 8), v))
#include "_tiles.h"

#undef TARGET
#undef TILE_ROWS

/* ---- AVX-512: 32 registers of 64 bytes ---- */

#define TARGET TARGET_AVX512
#define TILE_ROWS 12

#define REAL float
#define INDEX int32_t
#define NAME(x) x##_float_avx512
#define VEC __m512
#define LANES 16
#define FMA(x, v, sum) _mm512_fmadd_ps(_mm512_set1_ps(x), v, sum)
#define LOAD_PART(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define STORE_PART(p, n, v) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), v)
#include "_tiles.h"

#define REAL double
#define INDEX int64_t
#define NAME(x) x##_double_avx512
#define VEC __m512d
#define LANES 8
#define FMA(x, v, sum) _mm512_fmadd_pd(_mm512_set1_pd(x), v, sum)
#define LOAD_PART(p, n) _mm512_maskz_loadu_pd((__mmask8)((1u << (n)) - 1), p)
#define STORE_PART(p, n, v) _mm512_mask_storeu_pd(p, (__mmask8)((1u << (n)) - 1), v)
#include "_tiles.h"

#undef TARGET
#undef CHEAP_PARTS
#undef TILE_ROWS
#endif

Multiply *multiply_for(char type)
{
    static Multiply *const all[2][INSTRUCTION_SETS] = {
#ifdef HAVE_X86_SETS
        {product_float, product_float_avx2, product_float_avx512},
        {product_double, product_double_avx2, product_double_avx512},
#else
        {product_float},
        {product_double},
#endif
    };
    return all[type == 'd'][instructions];
}

static double products(const Task *task)
{
    return (double)task->a.rows * (double)task->a.columns * (double)task->b.columns;
}

int is_large(const Task *task)
{
    return products(task) > GIL_PRODUCTS;
}

/* A large task is cut into chunks of rows, or of columns where B has to be packed: each of its
 * columns is then packed by one thread only. */
typedef struct {
    const Task *task;
    Multiply *multiply;
    Py_ssize_t rows, columns; /* of a chunk; one of them is that of the whole */
} Chunks;

static void do_chunk(const void *work, Py_ssize_t number)
{
    const Chunks *chunks = work;
    const Matrix *out = &chunks->task->out;
    Area area = {0, out->rows, 0, out->columns};
    if (chunks->rows < out->rows) {
        area.row = number * chunks->rows;
        if (out->rows - area.row > chunks->rows)
            area.end_row = area.row + chunks->rows;
    } else {
        area.column = number * chunks->columns;
        if (out->columns - area.column > chunks->columns)
            area.end_column = area.column + chunks->columns;
    }
    chunks->multiply(chunks->task, area);
}

/* About CHUNKS parts of a size, each a multiple of `unit`. */
static Py_ssize_t chunk_of(Py_ssize_t size, Py_ssize_t unit)
{
    const Py_ssize_t even = (size + CHUNKS - 1) / CHUNKS;
    return (even + unit - 1) / unit * unit;
}

void run_large(const Task *task, Multiply *multiply)
{
    Chunks chunks = {task, multiply, task->out.rows, task->out.columns};
    const Py_ssize_t rows = task->out.rows, columns = task->out.columns;
    const int packed = far(task->b.row) || Py_ABS(task->b.column) > Py_ABS(task->b.row);
    Py_ssize_t count = 1;
    Py_BEGIN_ALLOW_THREADS
    if (threads() > 1 && products(task) > THREAD_PRODUCTS) {
        if (packed && columns >= CHUNKS * COLUMN_UNIT / 2) {
            chunks.columns = chunk_of(columns, COLUMN_UNIT);
            count = (columns + chunks.columns - 1) / chunks.columns;
        } else {
            chunks.rows = chunk_of(rows, ROW_UNIT);
            count = (rows + chunks.rows - 1) / chunks.rows;
        }
    }
    in_threads(do_chunk, &chunks, count);
    Py_END_ALLOW_THREADS
}

/* ---- matmul(a, b, out, transpose_a, transpose_b) ---- */

/* The element type of a buffer: 'f', 'd', or 0 for any other. */
static char element(const Py_buffer *view)
{
    const char *format = view->format ? view->format : "B";
    if (*format == '@' || *format == '=') /* '=' is how numpy says "not aligned" */
        format++;
    return (*format == 'f' || *format == 'd') && format[1] == 0 ? *format : 0;
}

/* Opens a view of a 2-D float array. Gives 0, or -1 with an exception set and nothing held. */
static int open_view(PyObject *array, const char *name, Py_buffer *view)
{
    if (!PyObject_CheckBuffer(array)) {
        PyErr_Format(PyExc_TypeError, "matmul: %s must be an array, not %.100s", name,
                     Py_TYPE(array)->tp_name);
        return -1;
    }
    if (PyObject_GetBuffer(array, view, PyBUF_FULL_RO) < 0)
        return -1;
    if (!element(view))
        PyErr_Format(PyExc_TypeError, "matmul: %s must be float32 or float64, not format '%.20s'",
                     name, view->format ? view->format : "B");
    else if (view->ndim != 2)
        PyErr_Format(PyExc_ValueError, "matmul: %s must have 2 dimensions, not %d", name,
                     view->ndim);
    else if (view->suboffsets)
        PyErr_Format(PyExc_ValueError, "matmul: %s must not hold pointers to its rows", name);
    else
        return 0;
    PyBuffer_Release(view);
    return -1;
}

static Matrix matrix(const Py_buffer *view, int transpose)
{
    const int r = transpose ? 1 : 0, c = 1 - r;
    const Matrix m = {view->buf, view->shape[r], view->shape[c], view->strides[r],
                      view->strides[c]};
    return m;
}

/* The addresses of the first byte and of the byte after the last; m is not empty. */
static void extent(Matrix m, Py_ssize_t itemsize, uintptr_t *first, uintptr_t *end)
{
    const Py_ssize_t across = (m.rows - 1) * m.row, along = (m.columns - 1) * m.column;
    const uintptr_t start = (uintptr_t)m.data;
    *first = start + (uintptr_t)((across < 0 ? across : 0) + (along < 0 ? along : 0));
    *end = start + (uintptr_t)((across > 0 ? across : 0) + (along > 0 ? along : 0) + itemsize);
}

static int overlap(Matrix a, Matrix b, Py_ssize_t itemsize)
{
    uintptr_t a_first, a_end, b_first, b_end;
    if (!a.rows || !a.columns || !b.rows || !b.columns)
        return 0;
    extent(a, itemsize, &a_first, &a_end);
    extent(b, itemsize, &b_first, &b_end);
    return a_first < b_end && b_first < a_end;
}

/* Gives 0 if a b can be written to out, or -1 with an exception set. */
static int check(const Py_buffer *views, Matrix a, Matrix b, Matrix out)
{
    const Py_ssize_t size = views[0].itemsize;
    if (element(&views[0]) != element(&views[1]) || element(&views[0]) != element(&views[2]))
        PyErr_Format(PyExc_TypeError,
                     "matmul: a, b and out must have one dtype, not '%c', '%c', '%c'",
                     element(&views[0]), element(&views[1]), element(&views[2]));
    else if (a.columns != b.rows)
        PyErr_Format(PyExc_ValueError,
                     "matmul: [%zd, %zd] times [%zd, %zd]: inner sizes %zd and %zd differ", a.rows,
                     a.columns, b.rows, b.columns, a.columns, b.rows);
    else if (out.rows != a.rows || out.columns != b.columns)
        PyErr_Format(PyExc_ValueError, "matmul: out must be [%zd, %zd], not [%zd, %zd]", a.rows,
                     b.columns, out.rows, out.columns);
    else if (views[2].readonly)
        PyErr_SetString(PyExc_ValueError, "matmul: out is read-only");
    else if (overlap(a, out, size) || overlap(b, out, size))
        PyErr_SetString(PyExc_ValueError, "matmul: out must not overlap a or b in memory");
    else
        return 0;
    return -1;
}

/* views: a, b, out. Gives 0, or -1 with an exception set. */
static int multiply(const Py_buffer *views, int transpose_a, int transpose_b)
{
    Task task;
    memset(&task, 0, sizeof task);
    task.a = matrix(&views[0], transpose_a);
    task.b = matrix(&views[1], transpose_b);
    task.out = matrix(&views[2], 0);
    if (check(views, task.a, task.b, task.out) < 0)
        return -1;
    if (is_large(&task)) {
        run_large(&task, multiply_for(element(&views[0])));
    } else {
        const Area whole = {0, task.out.rows, 0, task.out.columns};
        multiply_for(element(&views[0]))(&task, whole);
    }
    return 0;
}

static PyObject *matmul(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    static const char *const names[] = {"a", "b", "out"};
    Py_buffer views[3];
    int opened = 0, transpose_a, transpose_b, status = -1;
    (void)module;
    if (count != 5) {
        PyErr_Format(PyExc_TypeError,
                     "matmul takes a, b, out, transpose_a, transpose_b; %zd arguments given",
                     count);
        return NULL;
    }
    transpose_a = PyObject_IsTrue(arguments[3]);
    if (transpose_a < 0)
        return NULL;
    transpose_b = PyObject_IsTrue(arguments[4]);
    if (transpose_b < 0)
        return NULL;
    while (opened < 3 && open_view(arguments[opened], names[opened], &views[opened]) == 0)
        opened++;
    if (opened == 3)
        status = multiply(views, transpose_a, transpose_b);
    while (opened > 0)
        PyBuffer_Release(&views[--opened]);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(matmul_doc,
             "matmul(a, b, out, transpose_a, transpose_b, /)\n--\n\n"
             "Write the product of two float32 or two float64 matrices into out.");

static PyMethodDef methods[] = {
    {"matmul", (PyCFunction)(void (*)(void))matmul, METH_FASTCALL, matmul_doc},
    {NULL, NULL, 0, NULL},
};

int add_matmul(PyObject *module)
{
    return PyModule_AddFunctions(module, methods);
}

