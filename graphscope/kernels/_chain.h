/* A chain that is ready to run: what _draft.c makes, and _chain.c runs. */

#ifndef GRAPHSCOPE_CHAIN_H
#define GRAPHSCOPE_CHAIN_H

#include "_steps.h"

#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

#define SPACE 65536 /* bytes for all slots, on the stack */
#define BLOCK_BYTES 4096 /* of one slot, or less where there are many */
#define LEAST_BLOCK_BYTES 512
#define SLOTS (SPACE / LEAST_BLOCK_BYTES)
#define PLACES 1024

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

/* Makes a new chain ready, of sequences (PySequence_Fast): 0, or -1 with an exception set. */
int make_chain(Chain *chain, PyObject *operands, PyObject *code);

/* The number of the instruction of that name and number of inputs, in line `at` of the code; or -1
 * with an exception set. */
int find_kind(PyObject *name, Py_ssize_t inputs, int is_double, int at);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
