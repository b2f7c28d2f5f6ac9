/* A second thread that helps with large work.
 *
 * Work is a row of chunks that may be done in any order. Whoever has work takes chunk after chunk,
 * and so does the helper as soon as it is awake: when the second processor is busy with something
 * else, little is lost. The helper is made when it is first needed, and again after a fork. */

#include "_native.h"

#include "_threads.h"

#if defined(_WIN32) || !defined(__GNUC__)

void in_threads(Chunk *chunk, const void *work, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        chunk(work, i);
}

int threads(void)
{
    return 1;
}

static void set_threads(int number)
{
    (void)number;
}

#else

#include <pthread.h>
#include <signal.h>

/* The helper looks so often for more work before it sleeps; waking it takes some 10 microseconds,
 * and the products of a training step follow each other closely. */
#define LOOKS 4000

static int wanted = 1; /* threads */

int threads(void)
{
    return __atomic_load_n(&wanted, __ATOMIC_RELAXED);
}

static void set_threads(int number)
{
    __atomic_store_n(&wanted, number, __ATOMIC_RELAXED);
}

/* The work at hand. `lock` guards all but `next`; `posted` is also read without it. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t news, done;
    Chunk *chunk;
    const void *work;
    Py_ssize_t count, next;
    unsigned posted; /* how many works there have been */
    int open;        /* the helper may still begin with it */
    int helping;     /* it has begun, and not ended */
    int busy;        /* somebody's work is here */
    int alive;       /* there is a helper */
} hall = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .news = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static void take_chunks(Chunk *chunk, const void *work, Py_ssize_t count)
{
    Py_ssize_t i;
    while ((i = __atomic_fetch_add(&hall.next, 1, __ATOMIC_RELAXED)) < count)
        chunk(work, i);
}

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void *help(void *unused)
{
    unsigned seen = 0;
    (void)unused;
    for (;;) {
        for (int i = 0; i < LOOKS; i++) {
            if (__atomic_load_n(&hall.posted, __ATOMIC_RELAXED) != seen)
                break;
            pause_briefly();
        }
        pthread_mutex_lock(&hall.lock);
        while (hall.posted == seen)
            pthread_cond_wait(&hall.news, &hall.lock);
        seen = hall.posted;
        if (hall.open) {
            Chunk *chunk = hall.chunk;
            const void *work = hall.work;
            const Py_ssize_t count = hall.count;
            hall.helping = 1;
            pthread_mutex_unlock(&hall.lock);
            take_chunks(chunk, work, count);
            pthread_mutex_lock(&hall.lock);
            hall.helping = 0;
            pthread_cond_signal(&hall.done);
        }
        pthread_mutex_unlock(&hall.lock);
    }
    return NULL;
}

/* A child has only the thread that forked; whatever the others were at is not its business. */
static void after_fork(void)
{
    pthread_mutex_init(&hall.lock, NULL);
    pthread_cond_init(&hall.news, NULL);
    pthread_cond_init(&hall.done, NULL);
    hall.posted = 0;
    hall.open = hall.helping = hall.busy = hall.alive = 0;
}

/* Makes the helper, if there is none: whether there is one. `lock` is held. */
static int have_helper(void)
{
    static int registered = 0;
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    if (hall.alive)
        return 1;
    if (!registered && pthread_atfork(NULL, NULL, after_fork) != 0)
        return 0;
    registered = 1;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    sigfillset(&all); /* Ctrl-C is for the others */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    hall.alive = pthread_create(&thread, &attributes, help, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return hall.alive;
}

void in_threads(Chunk *chunk, const void *work, Py_ssize_t count)
{
    int ours = 0;
    if (threads() > 1 && count > 1) {
        pthread_mutex_lock(&hall.lock);
        ours = !hall.busy && have_helper();
        if (ours) {
            hall.busy = hall.open = 1;
            hall.chunk = chunk;
            hall.work = work;
            hall.count = count;
            __atomic_store_n(&hall.next, 0, __ATOMIC_RELAXED);
            __atomic_store_n(&hall.posted, hall.posted + 1, __ATOMIC_RELAXED);
            pthread_cond_signal(&hall.news);
        }
        pthread_mutex_unlock(&hall.lock);
    }
    if (!ours) { /* or the helper helps somebody else */
        for (Py_ssize_t i = 0; i < count; i++)
            chunk(work, i);
        return;
    }
    take_chunks(chunk, work, count);
    pthread_mutex_lock(&hall.lock);
    hall.open = 0;
    while (hall.helping)
        pthread_cond_wait(&hall.done, &hall.lock);
    hall.busy = 0;
    pthread_mutex_unlock(&hall.lock);
}

#endif

static PyObject *use_threads(PyObject *module, PyObject *argument)
{
    const int before = threads();
    const long number = PyLong_AsLong(argument);
    (void)module;
    if (number == -1 && PyErr_Occurred())
        return NULL;
    if (number < 1) {
        PyErr_SetString(PyExc_ValueError, "use_threads: at least 1 is needed");
        return NULL;
    }
    set_threads(number > 2 ? 2 : (int)number);
    return PyLong_FromLong(before);
}

static PyMethodDef methods[] = {
    {"use_threads", use_threads, METH_O,
     PyDoc_STR("use_threads(number, /)\n--\n\n"
               "Use up to so many threads, of which there are 2 at most, in large products from\n"
               "now on; returns how many it were before. The results do not depend on it.")},
    {NULL, NULL, 0, NULL},
};

int add_threads(PyObject *module)
{
    return PyModule_AddFunctions(module, methods);
}
