/* What _matmul.c does for _product.c. */

#ifndef GRAPHSCOPE_MATMUL_H
#define GRAPHSCOPE_MATMUL_H

#include "_native.h"

/* So many inner elements are summed up in registers; the sums of further ones are added to out. */
#define DEPTH_BLOCK 256

#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

/* A view of a matrix; the steps from row to row and from column to column are in bytes. */
typedef struct {
    char *data;
    Py_ssize_t rows, columns, row, column;
} Matrix;

/* out = a b, and where they are asked for (`data` is not NULL), in this order:
 *   + bias, one row;  max(that, 0);  base + that, or base - rate * that.
 * base may be out itself if a has no more than DEPTH_BLOCK columns; all else lies elsewhere. */
typedef struct {
    Matrix a, b, out, bias, base;
    const char *rate;
    int relu, finishes; /* finishes: whether there is anything of that to do */
} Task;

/* Rows [row, end_row) and columns [column, end_column) of the result. */
typedef struct {
    Py_ssize_t row, end_row, column, end_column;
} Area;

typedef void Multiply(const Task *task, Area area);

/* The function for element type 'f' or 'd', with the instructions in use. */
Multiply *multiply_for(char type);

/* Whether a task takes so long that the interpreter should go on meanwhile, and doing that. */
int is_large(const Task *task);
void run_large(const Task *task, Multiply *multiply);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
