/* The arithmetic of chains: one line an instruction, on float32 or float64.
 *
 * It is compiled for both element types and for each instruction set: this file includes itself
 * with SET, and then with REAL and its companions defined. The loops are plain, and the compiler
 * makes vectors of them; for that the build says that nobody looks at errno after a square root, or
 * at the exceptions of a comparison.
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

/* The curves are done in several loops, each over at most SPAN elements: a processor looks only so
 * far ahead, and has more to do at once where the way from an element to its result is short. */

/* to[i] = exp(factor * |x[i]|) for a negative factor, below 1 ulp: 2^n exp(r), |r| <= log(2) / 2.
 *
 * The polynomial is fitted to (exp(r) - 1 - r) / r^2 for the least relative error of the whole,
 * 3e-9. What `shift` is added to is rounded to the whole n, and has n + 191 in its last bits: moved
 * to the exponent's place they are 2^(n + 64). So the one rounding of a denormal result is the last
 * step; exp(-104) is 0. */
TARGET static void NAME(exponentials)(const NAME(item) *from, float factor, float *shifted,
                                      float *to, Py_ssize_t count)
{
    const float shift = 12582912.0f + 191.0f; /* 1.5 * 2^23 */
    EACH {
        const float x = factor * fabsf(from[i]), clipped = x < -104.0f ? -104.0f : x;
        const float sum = clipped * 1.44269504f + shift, n = sum - shift;
        shifted[i] = sum;
        to[i] = clipped - n * 0.693359375f - n * -2.12194440e-4f; /* log(2) in two parts */
    }
    EACH {
        const float r = to[i];
        float sum = 1.3819349e-3f;
        sum = sum * r + 8.368777e-3f;
        sum = sum * r + 4.1668307e-2f;
        sum = sum * r + 0.1666652f;
        sum = sum * r + 0.49999994f;
        sum = sum * (r * r) + r + 1.0f;
        to[i] = sum * exponent_of(shifted[i]) * 5.42101086e-20f; /* 2^-64 */
    }
}

/* 1 / (1 + exp(-x)), by the exponential of what is never above 0. What 1 + exp loses when it is
 * rounded is known exactly, and made good: below 2 ulp for every x. */
TARGET static void NAME(logistic)(const NAME(item) *from, NAME(item) *to, Py_ssize_t count)
{
    float shifted[SPAN], small[SPAN];
    NAME(exponentials)(from, -1.0f, shifted, small, count);
    EACH {
        const float sum = 1.0f + small[i], lost = small[i] - (sum - 1.0f);
        const float quotient = (from[i] >= 0 ? 1.0f : small[i]) / sum;
        to[i] = quotient - quotient * lost;
    }
}

/* Near 0 an odd polynomial (of tanh(x)/x - 1 in x^2, error 5e-9), elsewhere by exp(-2|x|). */
TARGET static void NAME(hyperbolic)(const NAME(item) *from, NAME(item) *to, Py_ssize_t count)
{
    float shifted[SPAN], outer[SPAN];
    NAME(exponentials)(from, -2.0f, shifted, outer, count);
    EACH outer[i] = 1.0f - 2.0f * outer[i] / (1.0f + outer[i]);
    EACH {
        const float x = fabsf(from[i]), s = x * x;
        float inner = -5.679946e-3f;
        inner = inner * s + 2.061876e-2f;
        inner = inner * s + -5.373422e-2f;
        inner = inner * s + 0.13331386f;
        inner = inner * s + -0.3333328f;
        inner = inner * s * x + x;
        to[i] = copysignf(x < 0.625f ? inner : outer[i], from[i]);
    }
}

#define CURVE(name, function)                                                                      \
    TARGET static void NAME(name)(char *out, const char *first, const char *second,                \
                                  Py_ssize_t count, int steady)                                    \
    {                                                                                              \
        NAME(item) *to = (NAME(item) *)out;                                                        \
        const NAME(item) *from = (const NAME(item) *)first;                                        \
        const Py_ssize_t computed = steady ? 1 : count;                                            \
        (void)second;                                                                              \
        for (Py_ssize_t i = 0; i < computed; i += SPAN)                                            \
            NAME(function)(from + i, to + i, computed - i < SPAN ? computed - i : SPAN);           \
        for (Py_ssize_t i = computed; i < count; i++)                                              \
            to[i] = to[0];                                                                         \
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
BINARY(where_nonzero, y == 0 ? 0 : x) /* a NaN counts */
BINARY(relu_grad, y > 0 ? x : 0)      /* the gradient, the feature */
BINARY(sigmoid_grad, y * x * (1 - x)) /* the sigmoid's value, the gradient */
BINARY(tanh_grad, y * (1 - x * x))    /* the hyperbolic tangent's value, the gradient */
#ifdef WITH_CURVES
CURVE(sigmoid, logistic)
CURVE(tanh, hyperbolic)
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
#undef CURVE

#elif defined(SET) /* one instruction set: both types */

#define REAL float
#define NAME(x) SET(x##_float)
#define WITH_CURVES
#include "_steps.c"
#undef WITH_CURVES
#undef NAME
#undef REAL
#define REAL double
#define NAME(x) SET(x##_double)
#include "_steps.c"
#undef NAME
#undef REAL

#else /* the module */

#include "_steps.h"
#include <math.h>

#define SPAN 256

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

/* The number whose exponent's bits are the last bits of x. */
INLINE float exponent_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits <<= 23;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#define TARGET
#define SET(x) x##_portable
#include "_steps.c"
#undef SET
#undef TARGET
#ifdef HAVE_X86_SETS
#define TARGET TARGET_AVX2
#define SET(x) x##_avx2
#include "_steps.c"
#undef SET
#undef TARGET
#define TARGET TARGET_AVX512
#define SET(x) x##_avx512
#include "_steps.c"
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

Step *const *steps_for(int is_double)
{
    return steps[instructions][is_double];
}

#define KIND(name, inputs) {#name, inputs, 0},
#define CURVE(name, inputs) {#name, inputs, 1},
const Kind kinds[] = {INSTRUCTIONS(KIND) CURVES(CURVE){NULL, 0, 0}};

#endif
