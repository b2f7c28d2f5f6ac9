/* Products of many shapes and layouts against plain sums, without Python: for processors that are
 * only emulated. sanitize.py compiles and runs it. */

#include "_matmul.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

Instructions instructions = PORTABLE;

static double at(const Matrix *m, Py_ssize_t i, Py_ssize_t j, size_t size)
{
    const char *p = m->data + i * m->row + j * m->column;
    return size == 4 ? *(const float *)p : *(const double *)p;
}

/* A matrix of numbers between -1 and 1, stored by columns if `turned`. */
static Matrix filled(Py_ssize_t rows, Py_ssize_t columns, int turned, size_t size)
{
    const Py_ssize_t unit = (Py_ssize_t)size;
    Matrix m = {malloc((size_t)(rows * columns) * size), rows, columns,
                turned ? unit : columns * unit, turned ? rows * unit : unit};
    for (Py_ssize_t i = 0; i < rows * columns; i++) {
        const double x = (rand() % 2001 - 1000) / 1000.0;
        if (size == 4)
            ((float *)m.data)[i] = (float)x;
        else
            ((double *)m.data)[i] = x;
    }
    return m;
}

static int wrong(Py_ssize_t rows, Py_ssize_t inner, Py_ssize_t columns, int turned, int finished,
                 char type)
{
    const size_t size = type == 'f' ? 4 : 8;
    const double tolerance = (type == 'f' ? 1e-6 : 1e-15) * (double)(inner + 4);
    Task task = {filled(rows, inner, turned & 1, size), filled(inner, columns, turned & 2, size),
                 filled(rows, columns, 0, size), filled(1, columns, 0, size),
                 filled(rows, columns, turned & 1, size), NULL, finished == 1, finished > 0};
    Matrix bias = task.bias, base = task.base;
    const float single = 0.5;
    const double half = 0.5;
    const Area whole = {0, rows, 0, columns};
    int count = 0;
    if (finished != 1)
        task.bias.data = NULL;
    if (finished != 2)
        task.base.data = NULL;
    else
        task.rate = type == 'f' ? (const char *)&single : (const char *)&half;
    multiply_for(type)(&task, whole);
    for (Py_ssize_t i = 0; i < rows; i++)
        for (Py_ssize_t j = 0; j < columns; j++) {
            double sum = 0;
            for (Py_ssize_t p = 0; p < inner; p++)
                sum += at(&task.a, i, p, size) * at(&task.b, p, j, size);
            if (finished == 1)
                sum = fmax(sum + at(&bias, 0, j, size), 0);
            if (finished == 2)
                sum = at(&base, i, j, size) - 0.5 * sum;
            count += !(fabs(at(&task.out, i, j, size) - sum) <= tolerance);
        }
    free(task.a.data);
    free(task.b.data);
    free(task.out.data);
    free(bias.data);
    free(base.data);
    return count > 0;
}

int main(void)
{
    static const Py_ssize_t sizes[] = {1, 2, 3, 4, 5, 8, 13, 25, 33};
    int done = 0, bad = 0;
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++)
            for (int k = 0; k < 9; k++)
                for (int turned = 0; turned < 4; turned++)
                    for (int finished = 0; finished < 3; finished++)
                        for (int type = 0; type < 2; type++, done++)
                            bad += wrong(sizes[i], k == 8 ? 300 : sizes[k], sizes[j], turned,
                                         finished, type ? 'd' : 'f');
    printf("%d products, %d of them wrong\n", done, bad);
    return bad > 0;
}
