/* What the parts of the extension share: Operand, the instruction sets, and the parts' names.
 *
 * The extension is made of several C files; _native.c is its door and lists the parts. It is
 * compiled with -ffp-contract=off: a product that is then added rounds twice, as numpy's does, and
 * where a fused multiply-add is meant it is written out. */

#ifndef GRAPHSCOPE_NATIVE_H
#define GRAPHSCOPE_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __GNUC__ /* what the parts share is nobody else's, and is called directly */
#pragma GCC visibility push(hidden)
#endif

/* Each part adds its functions and types to the module: 0, or -1 with an exception set. */
int add_operand(PyObject *module);
int add_threads(PyObject *module);
int add_matmul(PyObject *module);
int add_chain(PyObject *module);
int add_product(PyObject *module);
int add_look(PyObject *module);
int add_pool(PyObject *module);

/* The instruction sets that code is compiled for, from the plainest to the best. A part compiles
 * its source once for each and keeps what it compiled in arrays that these numbers index. */
typedef enum {
    PORTABLE, /* what every processor of the architecture has: SSE2, NEON, or plain C */
    AVX2,     /* and FMA */
    AVX512,   /* F only */
    INSTRUCTION_SETS,
} Instructions;

#if defined(__GNUC__) && defined(__x86_64__)
#define HAVE_X86_SETS
#define TARGET_AVX2 __attribute__((target("avx2,fma")))
#define TARGET_AVX512 __attribute__((target("avx512f,avx2,fma")))
#endif

/* The set in use: the best that the machine has, unless use() chose another. */
extern Instructions instructions;

#define MAX_DIMENSIONS 8

/* A place of memory that prepared calls read or write. Its dtype, shape and strides never change;
 * the array that lies there does (set). `data` is the first element of the present array. */
typedef struct {
    PyObject_HEAD
    char *data;
    PyObject *array; /* whose memory it is; owned, and it keeps the memory alive */
    char type;       /* as in the struct module: 'f' float32, 'd' float64, ... */
    char written;    /* some prepared call writes here, so read-only arrays are refused */
    char readonly;   /* the present array */
    int dimensions;
    Py_ssize_t itemsize;
    Py_ssize_t shape[MAX_DIMENSIONS];
    Py_ssize_t strides[MAX_DIMENSIONS]; /* bytes */
} Operand;

extern PyTypeObject OperandType;
#define IS_OPERAND(object) Py_IS_TYPE(object, &OperandType)

/* To be asked once by a prepared call that will write there: 0, or -1 with an exception set. */
int operand_is_written(Operand *operand);

/* The first byte, and the byte after the last, of the present array; both are 0 if it is empty. */
void operand_extent(const Operand *operand, uintptr_t *first, uintptr_t *end);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
