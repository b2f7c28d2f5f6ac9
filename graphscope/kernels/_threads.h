/* Work in two threads. */

#ifndef GRAPHSCOPE_THREADS_H
#define GRAPHSCOPE_THREADS_H

#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

typedef void Chunk(const void *work, Py_ssize_t number);

/* Does the chunks 0 ... count - 1 of a work, in any order and perhaps two at a time. To be called
 * with the interpreter released; a chunk must not touch Python. */
void in_threads(Chunk *chunk, const void *work, Py_ssize_t count);

/* How many threads are to be used: 1 or 2. */
int threads(void);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
