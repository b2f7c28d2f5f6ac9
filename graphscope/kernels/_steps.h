/* What _steps.c does for chains. */

#ifndef GRAPHSCOPE_STEPS_H
#define GRAPHSCOPE_STEPS_H

#include "_native.h"

#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

/* The instructions, in the order in which they are compiled, and how many inputs each takes. */
#define INSTRUCTIONS(_)                                                                            \
    _(copy, 1) _(neg, 1) _(abs, 1) _(square, 1) _(sqrt, 1) _(reciprocal, 1) _(rsqrt, 1)            \
    _(relu, 1) _(add, 2) _(sub, 2) _(mul, 2) _(div, 2) _(maximum, 2) _(minimum, 2)                 \
    _(squared_difference, 2) _(where_nonzero, 2) _(relu_grad, 2) _(sigmoid_grad, 2)                \
    _(tanh_grad, 2)
#define CURVES(_) _(sigmoid, 1) _(tanh, 1) /* of float32 only */

/* One instruction on `count` >= 1 elements that lie side by side; an input that is steady is one
 * element. The output may be an input. */
typedef void Step(char *out, const char *first, const char *second, Py_ssize_t count, int steady);
enum { FIRST_STEADY = 1, SECOND_STEADY = 2, BOTH_STEADY = 3 };

typedef struct {
    const char *name;
    int inputs;
    int is_curve; /* of float32 only, and dear to start */
} Kind;

/* The instructions by their numbers; after the last one the name is NULL. */
extern const Kind kinds[];

/* What does them, by the same numbers, with the instructions in use. */
Step *const *steps_for(int is_double);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
