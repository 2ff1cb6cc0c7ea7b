// Functions of wasi-libc that CPython needs otherwise: linked in before libc, so they win.

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <wasi/api.h>

// --- sleeping ---------------------------------------------------------------

// wasi-libc's own layout of what `CLOCK_REALTIME` and its like point to; it
// has no public header.
struct __clockid {
    __wasi_clockid_t id;
};

// wasi-libc answers ENOTSUP to whatever poll_oneoff reports. When the host ends
// the wait because of an interrupt it reports EINTR, and CPython must see that
// to run its signal handlers: it is how Ctrl-C ends `time.sleep`.
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                    struct timespec *remaining) {
    if ((flags & ~TIMER_ABSTIME) != 0 || request->tv_nsec < 0 ||
        request->tv_nsec >= 1000000000) {
        return EINVAL;
    }

    __wasi_timestamp_t timeout = 0;
    if (request->tv_sec >= 0 &&
        (__builtin_mul_overflow(request->tv_sec, UINT64_C(1000000000), &timeout) ||
         __builtin_add_overflow(timeout, request->tv_nsec, &timeout))) {
        timeout = UINT64_MAX;
    }

    __wasi_subscription_t subscription = {
        .u.tag = __WASI_EVENTTYPE_CLOCK,
        .u.u.clock = {.id = clock->id,
                      .timeout = timeout,
                      .flags = flags & TIMER_ABSTIME
                                   ? __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME
                                   : 0},
    };
    __wasi_event_t event;
    size_t count;
    struct timespec start;
    bool report = remaining != NULL && !(flags & TIMER_ABSTIME) &&
                  clock_gettime(clock, &start) == 0;
    __wasi_errno_t error = __wasi_poll_oneoff(&subscription, &event, 1, &count);
    if (error == __WASI_ERRNO_SUCCESS) {
        error = event.error;
    }
    if (error == __WASI_ERRNO_INTR && report) {
        struct timespec now;
        clock_gettime(clock, &now);
        int64_t left = (int64_t)timeout -
                       ((now.tv_sec - start.tv_sec) * INT64_C(1000000000) +
                        (now.tv_nsec - start.tv_nsec));
        left = left > 0 ? left : 0;
        *remaining = (struct timespec){.tv_sec = left / 1000000000,
                                       .tv_nsec = left % 1000000000};
    }
    // errno's numbers are WASI's in wasi-libc.
    return error;
}

int __clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                      struct timespec *remaining) {
    return clock_nanosleep(clock, flags, request, remaining);
}

// --- a lock that nobody can release -------------------------------------------

// wasi-libc traps here, since without threads nobody can signal: the whole
// interpreter would be lost to `lock.acquire()` on a held lock. Python waits
// there, until Ctrl-C. So do we: a wake-up by the host's interrupt is the
// spurious one that POSIX allows, and CPython then runs its signal handlers.
int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex) {
    const struct timespec for_ever = {.tv_sec = INT64_MAX};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &for_ever, NULL);
    return 0;
}

// --- thread-specific values ---------------------------------------------------

// wasi-libc's pthread_key_delete walks a ring of threads whose links are never
// set and so loops for ever, when tracemalloc is finalised at exit. There is one
// thread; one table is enough. No destructor runs, for that thread never ends.
static struct {
    bool used;
    void *value;
} keys[PTHREAD_KEYS_MAX];

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
    for (pthread_key_t candidate = 0; candidate < PTHREAD_KEYS_MAX; candidate++) {
        if (!keys[candidate].used) {
            keys[candidate].used = true;
            keys[candidate].value = NULL;
            *key = candidate;
            return 0;
        }
    }
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t key) {
    if (key >= PTHREAD_KEYS_MAX || !keys[key].used) {
        return EINVAL;
    }
    keys[key].used = false;
    return 0;
}

void *pthread_getspecific(pthread_key_t key) {
    return key < PTHREAD_KEYS_MAX ? keys[key].value : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value) {
    if (key >= PTHREAD_KEYS_MAX || !keys[key].used) {
        return EINVAL;
    }
    keys[key].value = (void *)value;
    return 0;
}
