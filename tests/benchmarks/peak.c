/* The most that this processor can do: fused multiplications and additions that wait for nothing,
 * in GFLOP/s, first of float32 and then of float64. Compiled with -O3 -march=native by matmul.py. */

#include <stdio.h>
#include <time.h>

#if defined(__AVX512F__)
#define BYTES 64
#define CHAINS 24
#define KEEP(v) __asm__ volatile("" : "+v"(v))
#elif defined(__aarch64__)
#define BYTES 16
#define CHAINS 24
#define KEEP(v) __asm__ volatile("" : "+w"(v))
#else
#define BYTES 32
#define CHAINS 12
#define KEEP(v) __asm__ volatile("" : "+x"(v))
#endif

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define MEASURE(real)                                                                              \
    {                                                                                              \
        typedef real vec __attribute__((vector_size(BYTES)));                                      \
        const double flops = 2.0 * CHAINS * (BYTES / sizeof(real)) * 100000;                       \
        double best = 0;                                                                           \
        vec sums[CHAINS], x, y;                                                                    \
        for (unsigned i = 0; i < BYTES / sizeof(real); i++) {                                      \
            x[i] = (real)0.5;                                                                      \
            y[i] = (real)1;                                                                        \
        }                                                                                          \
        for (int round = 0; round < 200; round++) {                                                \
            const double began = now();                                                            \
            _Pragma("GCC unroll 32") for (int i = 0; i < CHAINS; i++) sums[i] = x;                 \
            for (int n = 0; n < 100000; n++)                                                       \
                _Pragma("GCC unroll 32") for (int i = 0; i < CHAINS; i++)                          \
                {                                                                                  \
                    sums[i] = sums[i] * x + y;                                                     \
                    KEEP(sums[i]);                                                                 \
                }                                                                                  \
            if (flops / (now() - began) > best)                                                    \
                best = flops / (now() - began);                                                    \
        }                                                                                          \
        printf("%.1f\n", best * 1e-9);                                                             \
    }

int main(void)
{
    MEASURE(float)
    MEASURE(double)
    return 0;
}
