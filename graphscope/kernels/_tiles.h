/* The arithmetic of a product, for one element type and one instruction set.
 *
 * _matmul.c includes this file once for each of them, with these defined:
 *
 *   REAL            the element type; NAME(x) makes a name for it and the set
 *   TARGET          the attribute that lets the compiler use the set
 *   VEC, LANES      a vector and its elements
 *   TILE_ROWS       6 or 12: two vectors in so many rows must fit into the registers
 *   FMA(x, v, sum)  sum + x v for a number x
 *   LOAD_PART(p, n), STORE_PART(p, n, v)    the first n elements alone, 1 <= n <= LANES; nothing
 *                   beyond them is touched
 *   CHEAP_PARTS     whether LOAD_PART costs no more than a whole load
 *   RELU(v)         max(v, 0) as numpy has it: NaN stays, -0 becomes 0
 *
 * Elements are read and written by memcpy or by unaligned instructions: nothing depends on
 * alignment. Every element of a result is one sum over the inner dimension in its order, whatever
 * the tile it is in, so its bits depend neither on layouts nor on how a product is divided. */

#define UNIT ((Py_ssize_t)sizeof(REAL))
#define PANEL (2 * LANES)

TARGET INLINE VEC NAME(load)(const char *p)
{
    VEC v;
    memcpy(&v, p, sizeof v);
    return v;
}

TARGET INLINE VEC NAME(all)(REAL x)
{
    const VEC zero = {0};
    return zero + x;
}

/* rows x vectors results over `depth` inner elements; the last vector of a row has `last` elements.
 * `rows` and `vectors` are constants where this is inlined, so every loop but the one over `depth`
 * disappears and `sum` is in registers. */
TARGET INLINE void NAME(tile)(const int rows, const int vectors, Py_ssize_t depth, const char *a,
                              Py_ssize_t a_row, Py_ssize_t a_column, const char *b,
                              Py_ssize_t b_row, int last, char *out, Py_ssize_t out_row, int add)
{
    VEC sum[TILE_ROWS][2];
    const VEC zero = {0};
    const char *third[(TILE_ROWS + 2) / 3]; /* every third row of A; the others are steps from it */
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[i][v] = zero;
    UNROLL for (int i = 0; i < rows; i += 3) {
        third[i / 3] = a + i * a_row;
        OPAQUE(third[i / 3]);
    }
    for (Py_ssize_t p = 0; p < depth; p++, b += b_row) {
        VEC line[2];
        UNROLL for (int v = 0; v < vectors - 1; v++)
            line[v] = NAME(load)(b + v * LANES * UNIT);
        line[vectors - 1] = CHEAP_PARTS ? LOAD_PART(b + (vectors - 1) * LANES * UNIT, last)
                                        : NAME(load)(b + (vectors - 1) * LANES * UNIT);
        UNROLL for (int i = 0; i < rows; i++) {
            REAL x;
            memcpy(&x, third[i / 3] + i % 3 * a_row, sizeof x);
            UNROLL for (int v = 0; v < vectors; v++)
                sum[i][v] = FMA(x, line[v], sum[i][v]);
        }
        UNROLL for (int i = 0; i < rows; i += 3)
            third[i / 3] += a_column;
    }
    UNROLL for (int i = 0; i < rows; i++, out += out_row)
        UNROLL for (int v = 0; v < vectors; v++) {
            char *to = out + v * LANES * UNIT;
            const int n = v < vectors - 1 ? LANES : last;
            if (add)
                sum[i][v] = LOAD_PART(to, n) + sum[i][v];
            STORE_PART(to, n, sum[i][v]);
        }
}

/* The tile with as many rows and vectors as these variables say. */
TARGET NOT_INLINE static void NAME(rows)(int rows, int vectors, Py_ssize_t depth, const char *a,
                              Py_ssize_t a_row, Py_ssize_t a_column, const char *b,
                              Py_ssize_t b_row, int last, char *out, Py_ssize_t out_row, int add)
{
#define TILE(rows, vectors)                                                                        \
    case 16 * vectors + rows:                                                                      \
        NAME(tile)(rows, vectors, depth, a, a_row, a_column, b, b_row, last, out, out_row, add);   \
        break;
#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
    switch (16 * vectors + rows) {
        TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#if TILE_ROWS == 12
        TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#endif
    }
#undef TILES
#undef TILE
}

/* LANES vectors, each from another row of memory, become LANES vectors of one element of each. */
#if defined(__GNUC__) && !defined(__clang__)
#define TURN
typedef INDEX NAME(indices) __attribute__((vector_size(sizeof(VEC))));
TARGET INLINE void NAME(turn)(VEC v[LANES])
{
    UNROLL for (int k = 0; 1 << k < LANES; k++) {
        const int s = 1 << k; /* squares of s x s elements change places across the diagonal */
        UNROLL for (int i = 0; i < LANES; i++)
            if (!(i & s)) {
                const VEC x = v[i], y = v[i + s];
                NAME(indices) low = {0}, high = {0};
                UNROLL for (int l = 0; l < LANES; l++) {
                    low[l] = l & s ? LANES + l - s : l;
                    high[l] = l & s ? LANES + l : l + s;
                }
                v[i] = __builtin_shuffle(x, y, low);
                v[i + s] = __builtin_shuffle(x, y, high);
            }
    }
}
#endif

/* Copies a part of B into rows of `width` elements, whole vectors; what is beyond it is 0. */
TARGET static void NAME(pack)(Matrix b, Py_ssize_t width, char *to)
{
    const VEC zero = {0};
    if (b.column == UNIT) {
        for (Py_ssize_t p = 0; p < b.rows; p++)
            for (Py_ssize_t j = 0; j < width; j += LANES, to += sizeof(VEC)) {
                const Py_ssize_t left = b.columns - j;
                const char *from = b.data + p * b.row + j * UNIT;
                const VEC v = left >= LANES ? NAME(load)(from) : LOAD_PART(from, (int)left);
                memcpy(to, &v, sizeof v);
            }
        return;
    }
#ifdef TURN
    if (b.row == UNIT) {
        for (Py_ssize_t j = 0; j < width; j += LANES)
            for (Py_ssize_t p = 0; p < b.rows; p += LANES) {
                const char *from = b.data + j * b.column + p * UNIT;
                const Py_ssize_t left = b.rows - p < LANES ? b.rows - p : LANES;
                VEC v[LANES];
                UNROLL for (int l = 0; l < LANES; l++) {
                    v[l] = zero;
                    if (j + l < b.columns)
                        v[l] = left == LANES ? NAME(load)(from + l * b.column)
                                             : LOAD_PART(from + l * b.column, (int)left);
                }
                NAME(turn)(v);
                UNROLL for (int l = 0; l < LANES; l++)
                    if (l < left)
                        memcpy(to + ((p + l) * width + j) * UNIT, &v[l], sizeof(VEC));
            }
        return;
    }
#endif
    for (Py_ssize_t p = 0; p < b.rows; p++)
        for (Py_ssize_t j = 0; j < width; j++, to += UNIT) {
            memcpy(to, &zero, UNIT);
            if (j < b.columns)
                memcpy(to, b.data + p * b.row + j * b.column, UNIT);
        }
}
#undef TURN

/* A tile of m with the elements of its rows side by side: where it lies, or gathered in `space`,
 * where rows are PANEL elements apart. */
TARGET INLINE Matrix NAME(side_by_side)(Matrix m, Py_ssize_t i, Py_ssize_t rows, Py_ssize_t j,
                                        Py_ssize_t columns, char *space)
{
    Matrix tile = part(m, i, j, rows, columns);
    if (m.column == UNIT)
        return tile;
    for (Py_ssize_t r = 0; r < rows; r++)
        for (Py_ssize_t k = 0; k < columns; k++)
            memcpy(space + (r * PANEL + k) * UNIT, tile.data + r * m.row + k * m.column, UNIT);
    tile.data = space;
    tile.row = PANEL * UNIT;
    return tile;
}

/* Brings sums, in rows of PANEL elements, to their places from [i, j] on, with all that is to be
 * done to them. Each step rounds as numpy's own would. */
TARGET static void NAME(finish)(const Task *task, Py_ssize_t i, Py_ssize_t rows, Py_ssize_t j,
                                Py_ssize_t columns, int add, int final, const char *sums)
{
    char spaces[3][TILE_ROWS * PANEL * sizeof(REAL)];
    const int relu = final && task->relu, biased = final && task->bias.data;
    const int based = final && task->base.data, rated = based && task->rate;
    Matrix out = part(task->out, i, j, rows, columns), bias, base;
    VEC rate = {0};
    if (add) {
        out = NAME(side_by_side)(task->out, i, rows, j, columns, spaces[0]);
    } else if (task->out.column != UNIT) { /* nothing of it is read */
        out.data = spaces[0];
        out.row = PANEL * UNIT;
    }
    bias = base = out;
    if (biased)
        bias = NAME(side_by_side)(task->bias, 0, 1, j, columns, spaces[1]);
    if (based)
        base = NAME(side_by_side)(task->base, i, rows, j, columns, spaces[2]);
    if (rated) {
        REAL x;
        memcpy(&x, task->rate, UNIT);
        rate = NAME(all)(x);
    }
    for (Py_ssize_t k = 0; k < columns; k += LANES) {
        const int n = columns - k < LANES ? (int)(columns - k) : LANES;
        const VEC b = biased ? LOAD_PART(bias.data + k * UNIT, n) : NAME(all)(0);
        for (Py_ssize_t r = 0; r < rows; r++) {
            char *to = out.data + r * out.row + k * UNIT;
            const char *u = base.data + r * base.row + k * UNIT;
            VEC x = NAME(load)(sums + (r * PANEL + k) * UNIT);
            if (add)
                x = LOAD_PART(to, n) + x;
            if (biased)
                x = x + b;
            if (relu)
                x = RELU(x);
            if (rated)
                x = LOAD_PART(u, n) - rate * x;
            else if (based)
                x = LOAD_PART(u, n) + x;
            STORE_PART(to, n, x);
        }
    }
    if (task->out.column != UNIT) {
        const Matrix to = part(task->out, i, j, rows, columns);
        for (Py_ssize_t r = 0; r < rows; r++)
            for (Py_ssize_t k = 0; k < columns; k++)
                memcpy(to.data + r * to.row + k * to.column, out.data + r * out.row + k * UNIT, UNIT);
    }
}

/* Rows [i, i + rows) of A, inner elements [p, p + depth), a strip of at most PANEL columns of B
 * from j on. */
TARGET static void NAME(strip)(const Task *task, Py_ssize_t i, Py_ssize_t rows, Py_ssize_t p,
                               Py_ssize_t depth, Py_ssize_t j, Py_ssize_t columns, char *packed)
{
    const Matrix a = task->a, out = task->out;
    const int vectors = columns > LANES ? 2 : 1;
    const int last = (int)columns - (vectors - 1) * LANES;
    const int add = p > 0, final = p + depth == a.columns;
    const int direct = out.column == UNIT && !(final && task->finishes);
    const char *b = task->b.data + p * task->b.row + j * task->b.column;
    Py_ssize_t b_row = task->b.row;
    char edge[TILE_ROWS * 2 * sizeof(VEC)];
    /* Far rows take a page each, and share few places of the cache: packing pays if they are read
     * often. */
    const int scattered = far(b_row) && rows > 4 * TILE_ROWS;
    if (task->b.column != UNIT || scattered || (last < LANES && !CHEAP_PARTS)) {
        NAME(pack)(part(task->b, p, j, depth, columns), vectors * LANES, packed);
        b = packed;
        b_row = (Py_ssize_t)vectors * LANES * UNIT;
    }
    /* Tiles of about the same size, so that none is much too small. */
    for (Py_ssize_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS; tiles > 0; tiles--) {
        const Py_ssize_t taken = (rows + tiles - 1) / tiles;
        const char *from = a.data + i * a.row + p * a.column;
        char *to = direct ? out.data + i * out.row + j * out.column : edge;
        if (final && task->base.data) /* it is needed when the sums are there */
            for (Py_ssize_t r = i; r < i + taken; r++) {
                PREFETCH(task->base.data + r * task->base.row + j * task->base.column);
                PREFETCH(task->base.data + r * task->base.row + (j + columns - 1) * task->base.column);
            }
        NAME(rows)((int)taken, vectors, depth, from, a.row, a.column, b, b_row,
                   last, to, direct ? out.row : PANEL * UNIT, direct && add);
        if (!direct)
            NAME(finish)(task, i, taken, j, columns, add, final, edge);
        i += taken;
        rows -= taken;
    }
}

/* A result of few columns leaves a part of each vector empty. Where A lies by columns its transpose
 * is as good: B^T A^T, whose columns are many. The sums are the same. */
TARGET static int NAME(is_narrow)(const Task *task)
{
    return task->out.columns < LANES && task->out.rows >= PANEL && task->a.row == UNIT &&
           !task->bias.data;
}

/* The rows and columns of the result that `area` says. */
TARGET static void NAME(product)(const Task *task, Area area)
{
    Task turned;
    if (NAME(is_narrow)(task)) {
        const Area other = {area.column, area.end_column, area.row, area.end_row};
        turned = *task;
        turned.a = transpose(task->b);
        turned.b = transpose(task->a);
        turned.out = transpose(task->out);
        turned.base = transpose(task->base);
        task = &turned;
        area = other;
    }
    char space[DEPTH_BLOCK * 2 * sizeof(VEC) + 64];
    char *packed = space + (64 - ((uintptr_t)space & 63));
    for (Py_ssize_t i = area.row, rows; i < area.end_row; i += rows) {
        rows = area.end_row - i < ROW_BLOCK ? area.end_row - i : ROW_BLOCK;
        Py_ssize_t p = 0, depth;
        do { /* once even if there is nothing to sum up: the sums are 0 then */
            const Py_ssize_t left = task->a.columns - p;
            depth = left < DEPTH_BLOCK ? left : DEPTH_BLOCK;
            for (Py_ssize_t j = area.column; j < area.end_column; j += PANEL) {
                const Py_ssize_t columns = area.end_column - j;
                NAME(strip)(task, i, rows, p, depth, j, columns < PANEL ? columns : PANEL, packed);
            }
            p += depth;
        } while (p < task->a.columns);
    }
}

#undef UNIT
#undef PANEL
/* What described the set, so that the next one can be. */
#undef REAL
#undef INDEX
#undef NAME
#undef VEC
#undef LANES
#undef FMA
#undef LOAD_PART
#undef STORE_PART
