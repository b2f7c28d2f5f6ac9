/* The matrix product of float32 and float64 matrices, with any strides.
 *
 * Read it from top to bottom in the second half (from "#else"): views of the three arguments, their
 * checks, the Python function. The first half is the arithmetic. It is written once and compiled
 * several times, for two element types and for each instruction set: this file includes itself with
 * REAL and its companions defined. Which set is used is decided when it is called, so the build
 * needs no flags that tie it to one processor.
 *
 * The product is cut so that its pieces stay in the caches:
 *
 *   block of rows of A (ROW_BLOCK) > block of the inner dimension (DEPTH_BLOCK) > strip of columns
 *   (PANEL, copied into a small buffer if it is not already in vector order) > tile of TILE_ROWS x
 *   PANEL results that are held in registers while the inner dimension runs.
 *
 * Elements are read and written by memcpy, which compiles to a plain load or store: nothing here
 * depends on alignment.
 */

#ifdef REAL

#define LANES ((int)(VECTOR_BYTES / sizeof(REAL)))
#define PANEL (2 * LANES)

#ifdef __GNUC__
typedef REAL NAME(vec) __attribute__((vector_size(VECTOR_BYTES)));
#else
typedef REAL NAME(vec);
#endif

/* rows x (vectors * LANES) results over `depth` inner elements. `rows` and `vectors` are constants
 * where this is inlined, so every loop but the one over `depth` disappears and `sum` is in
 * registers. */
TARGET INLINE void NAME(tile)(const int rows, const int vectors, Py_ssize_t depth, const char *a,
                              Py_ssize_t a_row, Py_ssize_t a_column, const char *b,
                              Py_ssize_t b_row, char *out, Py_ssize_t out_row, int add)
{
    NAME(vec) sum[TILE_ROWS][2];
    const NAME(vec) zero = {0};
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[i][v] = zero;
    for (Py_ssize_t p = 0; p < depth; p++) {
        NAME(vec) line[2];
        UNROLL for (int v = 0; v < vectors; v++)
            memcpy(&line[v], b + p * b_row + v * VECTOR_BYTES, VECTOR_BYTES);
        UNROLL for (int i = 0; i < rows; i++) {
            REAL x;
            memcpy(&x, a + i * a_row + p * a_column, sizeof x);
            UNROLL for (int v = 0; v < vectors; v++)
                sum[i][v] = FMA(x, line[v], sum[i][v]);
        }
    }
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++) {
            char *to = out + i * out_row + v * VECTOR_BYTES;
            NAME(vec) old;
            if (add) {
                memcpy(&old, to, VECTOR_BYTES);
                sum[i][v] += old;
            }
            memcpy(to, &sum[i][v], VECTOR_BYTES);
        }
}

/* The tile for as many of `left` rows as one tile takes; gives that number. Fewer rows than a whole
 * tile are done as 4, 2 and 1: no row outside of A is read and no arithmetic is thrown away. */
#define TILE(rows, vectors)                                                                        \
    NAME(tile)(rows, vectors, depth, a, a_row, a_column, b, b_row, out, out_row, add)
TARGET static int NAME(rows)(Py_ssize_t left, int vectors, Py_ssize_t depth, const char *a,
                             Py_ssize_t a_row, Py_ssize_t a_column, const char *b,
                             Py_ssize_t b_row, char *out, Py_ssize_t out_row, int add)
{
    const int taken = left >= TILE_ROWS ? TILE_ROWS : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    switch (vectors * 16 + taken) {
    case 32 + TILE_ROWS: TILE(TILE_ROWS, 2); break;
    case 32 + 4: TILE(4, 2); break;
    case 32 + 2: TILE(2, 2); break;
    case 32 + 1: TILE(1, 2); break;
    case 16 + TILE_ROWS: TILE(TILE_ROWS, 1); break;
    case 16 + 4: TILE(4, 1); break;
    case 16 + 2: TILE(2, 1); break;
    default: TILE(1, 1); break;
    }
    return taken;
}
#undef TILE

/* Copies a strip of B into rows of whole vectors; the columns past its end are zeros. */
TARGET static void NAME(pack)(Matrix b, Py_ssize_t width, REAL *to)
{
    for (Py_ssize_t p = 0; p < b.rows; p++, to += width)
        for (Py_ssize_t j = 0; j < width; j++) {
            REAL x = 0;
            if (j < b.columns)
                memcpy(&x, b.data + p * b.row + j * b.column, sizeof x);
            to[j] = x;
        }
}

/* Moves results that are not whole vectors of adjacent elements to their places in out. */
TARGET static void NAME(place)(const char *from, Py_ssize_t rows, Matrix out, int add)
{
    for (Py_ssize_t i = 0; i < rows; i++, from += PANEL * sizeof(REAL)) {
        if (!add && out.column == (Py_ssize_t)sizeof(REAL)) {
            memcpy(out.data + i * out.row, from, (size_t)out.columns * sizeof(REAL));
            continue;
        }
        for (Py_ssize_t j = 0; j < out.columns; j++) {
            char *to = out.data + i * out.row + j * out.column;
            REAL x, old;
            memcpy(&x, from + j * sizeof x, sizeof x);
            if (add) {
                memcpy(&old, to, sizeof old);
                x += old;
            }
            memcpy(to, &x, sizeof x);
        }
    }
}

/* All rows of A times one strip whose rows, `line` bytes apart, are whole vectors. */
TARGET static void NAME(lines)(Matrix a, const char *b, Py_ssize_t line, int vectors, Matrix out,
                               int add)
{
    const int direct =
        out.columns == (Py_ssize_t)vectors * LANES && out.column == (Py_ssize_t)sizeof(REAL);
    char edge[TILE_ROWS * 2 * VECTOR_BYTES];
    for (Py_ssize_t i = 0, taken; i < a.rows; i += taken) {
        Matrix to = out;
        to.data += i * out.row;
        taken = NAME(rows)(a.rows - i, vectors, a.columns, a.data + i * a.row, a.row, a.column, b,
                           line, direct ? to.data : edge,
                           direct ? out.row : (Py_ssize_t)(PANEL * sizeof(REAL)), direct && add);
        if (!direct)
            NAME(place)(edge, taken, to, add);
    }
}

/* One strip of at most PANEL columns: out = a b, or out += a b. `buffer` holds a packed strip.
 *
 * Rows of B whose elements are adjacent are used where they lie. A strip that is narrower than its
 * vectors then reads on into what follows in memory and the surplus results are dropped; so the
 * last rows, where nothing of B follows, must be packed. */
TARGET static void NAME(strip)(Matrix a, Matrix b, Matrix out, int add, REAL *buffer)
{
    const Py_ssize_t unit = sizeof(REAL);
    const int vectors = b.columns > LANES ? 2 : 1;
    const Py_ssize_t width = (Py_ssize_t)vectors * LANES, surplus = (width - b.columns) * unit;
    /* Packing pays once the rows of B lie on so many pages that the TLB overflows. */
    const int scattered =
        a.rows > 4 * TILE_ROWS && (b.row > IN_PLACE_STEP || b.row < -IN_PLACE_STEP);
    Py_ssize_t in_place = 0;
    if (b.column == unit && !scattered) {
        if (surplus == 0)
            in_place = b.rows;
        else if (b.row >= unit && b.rows >= MIN_IN_PLACE && b.rows >= 2 * a.rows)
            in_place = b.rows - (surplus + b.row - 1) / b.row;
    }
    if (in_place > 0) {
        NAME(lines)(part(a, 0, 0, a.rows, in_place), b.data, b.row, vectors, out, add);
        add = 1;
    }
    if (in_place < b.rows) {
        NAME(pack)(part(b, in_place, 0, b.rows, b.columns), width, buffer);
        NAME(lines)(part(a, 0, in_place, a.rows, a.columns), (const char *)buffer, width * unit,
                    vectors, out, add);
    }
}

TARGET static void NAME(product)(Matrix a, Matrix b, Matrix out)
{
    char space[DEPTH_BLOCK * 2 * VECTOR_BYTES + 64];
    REAL *buffer = (REAL *)(((uintptr_t)space + 63) & ~(uintptr_t)63);
    for (Py_ssize_t i = 0; i < a.rows; i += ROW_BLOCK)
        for (Py_ssize_t p = 0; p < a.columns; p += DEPTH_BLOCK) {
            Matrix rows = part(a, i, p, ROW_BLOCK, DEPTH_BLOCK);
            for (Py_ssize_t j = 0; j < b.columns; j += PANEL)
                NAME(strip)(rows, part(b, p, j, DEPTH_BLOCK, PANEL),
                            part(out, i, j, ROW_BLOCK, PANEL), p > 0, buffer);
        }
}

#undef LANES
#undef PANEL

#else /* the module */

#include "_native.h"

#ifdef HAVE_X86_SETS
#include <immintrin.h>
#elif defined(__GNUC__) && defined(__aarch64__)
#include <arm_neon.h>
#endif

#define ROW_BLOCK 240
#define DEPTH_BLOCK 256
#define IN_PLACE_STEP 4096 /* bytes */
#define MIN_IN_PLACE 16    /* rows; for fewer it is not worth doing a strip in two parts */
/* Handing the interpreter over and taking it back costs about as much as this many products. */
#define GIL_PRODUCTS 8192.0

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#define INLINE static inline __attribute__((always_inline))
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 16")
#define INLINE static inline __attribute__((always_inline))
#else
#define UNROLL
#define INLINE static __inline
#endif

/* A view of a matrix; the steps from row to row and from column to column are in bytes. */
typedef struct {
    char *data;
    Py_ssize_t rows, columns, row, column;
} Matrix;

static Matrix part(Matrix m, Py_ssize_t row, Py_ssize_t column, Py_ssize_t rows, Py_ssize_t columns)
{
    m.data += row * m.row + column * m.column;
    m.rows = m.rows - row < rows ? m.rows - row : rows;
    m.columns = m.columns - column < columns ? m.columns - column : columns;
    return m;
}

typedef void Product(Matrix a, Matrix b, Matrix out);

/* What every processor of the architecture has. Without vector types a "vector" is one element. */
#define TARGET
#define TILE_ROWS 6
#ifdef __GNUC__
#define VECTOR_BYTES 16
#else
#define VECTOR_BYTES sizeof(REAL)
#endif
#ifdef __aarch64__
#define FMA_float(x, v, sum) vfmaq_n_f32(sum, v, x)
#define FMA_double(x, v, sum) vfmaq_n_f64(sum, v, x)
#else
#define FMA_float(x, v, sum) ((sum) + (x) * (v))
#define FMA_double(x, v, sum) ((sum) + (x) * (v))
#endif
#define REAL float
#define FMA FMA_float
#define NAME(x) x##_float
#include "_matmul.c"
#undef REAL
#undef FMA
#undef NAME
#define REAL double
#define FMA FMA_double
#define NAME(x) x##_double
#include "_matmul.c"
#undef REAL
#undef FMA
#undef NAME
#undef VECTOR_BYTES
#undef TILE_ROWS
#undef TARGET

#ifdef HAVE_X86_SETS
#define TARGET TARGET_AVX2
#define TILE_ROWS 6
#define VECTOR_BYTES 32
#define REAL float
#define FMA(x, v, sum) _mm256_fmadd_ps(_mm256_set1_ps(x), v, sum)
#define NAME(x) x##_float_avx2
#include "_matmul.c"
#undef REAL
#undef FMA
#undef NAME
#define REAL double
#define FMA(x, v, sum) _mm256_fmadd_pd(_mm256_set1_pd(x), v, sum)
#define NAME(x) x##_double_avx2
#include "_matmul.c"
#undef REAL
#undef FMA
#undef NAME
#undef VECTOR_BYTES
#undef TILE_ROWS
#undef TARGET

#define TARGET TARGET_AVX512
#define TILE_ROWS 12
#define VECTOR_BYTES 64
#define REAL float
#define FMA(x, v, sum) _mm512_fmadd_ps(_mm512_set1_ps(x), v, sum)
#define NAME(x) x##_float_avx512
#include "_matmul.c"
#undef REAL
#undef FMA
#undef NAME
#define REAL double
#define FMA(x, v, sum) _mm512_fmadd_pd(_mm512_set1_pd(x), v, sum)
#define NAME(x) x##_double_avx512
#include "_matmul.c"
#undef REAL
#undef FMA
#undef NAME
#undef VECTOR_BYTES
#undef TILE_ROWS
#undef TARGET
#endif

static Product *const products[2][INSTRUCTION_SETS] = {
#ifdef HAVE_X86_SETS
    {product_float, product_float_avx2, product_float_avx512},
    {product_double, product_double_avx2, product_double_avx512},
#else
    {product_float},
    {product_double},
#endif
};

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

static void clear(Matrix out, size_t itemsize)
{
    for (Py_ssize_t i = 0; i < out.rows; i++)
        for (Py_ssize_t j = 0; j < out.columns; j++)
            memset(out.data + i * out.row + j * out.column, 0, itemsize);
}

/* views: a, b, out. Gives 0, or -1 with an exception set. */
static int multiply(const Py_buffer *views, int transpose_a, int transpose_b)
{
    const Matrix a = matrix(&views[0], transpose_a), b = matrix(&views[1], transpose_b);
    const Matrix out = matrix(&views[2], 0);
    Product *product;
    if (check(views, a, b, out) < 0)
        return -1;
    if (a.columns == 0) {
        clear(out, (size_t)views[2].itemsize);
        return 0;
    }
    product = products[element(&views[0]) == 'd'][instructions];
    if ((double)a.rows * (double)a.columns * (double)b.columns < GIL_PRODUCTS) {
        product(a, b, out);
    } else {
        Py_BEGIN_ALLOW_THREADS
        product(a, b, out);
        Py_END_ALLOW_THREADS
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

#endif
