// Ctrl-C: SIGINT, as if it had arrived now, and what makes long calls of C hear of it.
//
// CPython looks for signals between two instructions of Python, and in a few
// long loops of C. Others it lets run to their end: json.dumps() of a large
// list, list(range(n)), sum(). Where C is interpreted that may be minutes.
// Nearly all of them allocate. So while an interrupt is pending Python's
// allocators count, and when many calls were made without a look at it, one is
// refused: every function of C lets go then of what it has, and raises what
// PyErr_NoMemory() finds on a list of spare exceptions, where we have put
// KeyboardInterrupts.

#include "Python.h"
#include "pycore_ceval.h"         // _Py_eval_breaker_bit_is_set()
#include "pycore_interp.h"
#include "pycore_object.h"        // _PyObject_GC_UNTRACK()
#include "pycore_runtime.h"
#include <signal.h>
#include <string.h>

#include "shim.h"

// Allocations without a look at the interrupt: some hundredths of a second.
enum { PATIENCE = 10000 };

// For a function that fails because another has, and one that called that.
enum { SPARES = 3 };

static int allocations;
// Spare exceptions that were put on the list at the last refusal.
static int offered;

static int refused(void);

// Allocators that count, in front of those that were there; the context stays theirs.
#define COUNTING(domain)                                                        \
    static PyMemAllocatorEx plain_##domain;                                     \
                                                                                \
    static void *domain##_malloc(void *ctx, size_t size)                        \
    {                                                                           \
        return refused() ? NULL : plain_##domain.malloc(ctx, size);             \
    }                                                                           \
                                                                                \
    static void *domain##_calloc(void *ctx, size_t count, size_t size)          \
    {                                                                           \
        return refused() ? NULL : plain_##domain.calloc(ctx, count, size);      \
    }                                                                           \
                                                                                \
    static void *domain##_realloc(void *ctx, void *block, size_t size)          \
    {                                                                           \
        return refused() ? NULL : plain_##domain.realloc(ctx, block, size);     \
    }                                                                           \
                                                                                \
    static void domain##_count(PyMemAllocatorEx *present)                       \
    {                                                                           \
        if (present->malloc != domain##_malloc) {                               \
            plain_##domain = *present;                                          \
            present->malloc = domain##_malloc;                                  \
            present->calloc = domain##_calloc;                                  \
            present->realloc = domain##_realloc;                                \
        }                                                                       \
    }                                                                           \
                                                                                \
    /* Unless somebody (tracemalloc) has put others in front of ours. */        \
    static void domain##_rest(PyMemAllocatorEx *present)                        \
    {                                                                           \
        if (present->malloc == domain##_malloc) {                               \
            *present = plain_##domain;                                          \
        }                                                                       \
    }

COUNTING(mem)
COUNTING(obj)

static void
count(void)
{
    allocations = 0;
    mem_count(&_PyRuntime.allocators.standard.mem);
    obj_count(&_PyRuntime.allocators.standard.obj);
}

static void
rest(void)
{
    mem_rest(&_PyRuntime.allocators.standard.mem);
    obj_rest(&_PyRuntime.allocators.standard.obj);
}

// Whether SIGINT means KeyboardInterrupt. A handler of the program's runs when Python can run it.
static int
is_default(PyObject *handler)
{
    return handler != NULL && PyCFunction_CheckExact(handler)
        && strcmp(((PyCFunctionObject *)handler)->m_ml->ml_name, "default_int_handler") == 0;
}

// Puts KeyboardInterrupts where _PyErr_NoMemory() takes its exception from: some functions call it
// again when one that they called has failed. Returns their number.
static int
offer(struct _Py_exc_state *spare)
{
    int made = 0;
    while (made < SPARES) {
        PyObject *exception = PyObject_CallNoArgs(PyExc_KeyboardInterrupt);
        if (exception == NULL) {
            PyErr_Clear();
            break;
        }
        // As MemoryError_dealloc() does it.
        _PyObject_GC_UNTRACK(exception);
        ((PyBaseExceptionObject *)exception)->dict = (PyObject *)spare->memerrors_freelist;
        spare->memerrors_freelist = (PyBaseExceptionObject *)exception;
        spare->memerrors_numfree++;
        made++;
    }
    return made;
}

// Takes back those that are left. Returns their number.
static int
take_back(struct _Py_exc_state *spare)
{
    int left = 0;
    PyBaseExceptionObject *before = NULL;
    PyBaseExceptionObject *exception = spare->memerrors_freelist;
    while (exception != NULL) {
        PyBaseExceptionObject *next = (PyBaseExceptionObject *)exception->dict;
        if (!Py_IS_TYPE(exception, (PyTypeObject *)PyExc_KeyboardInterrupt)) {
            before = exception;
            exception = next;
            continue;
        }
        if (before == NULL) {
            spare->memerrors_freelist = next;
        }
        else {
            before->dict = (PyObject *)next;
        }
        spare->memerrors_numfree--;
        exception->dict = NULL;
        _PyObject_GC_TRACK(exception);
        Py_DECREF(exception);
        left++;
        exception = next;
    }
    return left;
}

// Whether this allocation is the one that ends a call.
static int
refused(void)
{
    int *tripped = &_PyRuntime.signals.handlers[SIGINT].tripped;
    PyThreadState *tstate = _PyThreadState_GET();
    if (tstate == NULL) {
        return 0;
    }
    struct _Py_exc_state *spare = &tstate->interp->exc_state;
    if (offered > 0) {
        // Whoever was refused may have made do without.
        *tripped |= take_back(spare) == offered;
        offered = 0;
        allocations = 0;
    }
    if (!*tripped) {
        rest();
        return 0;
    }
    if (++allocations < PATIENCE || tstate->current_exception != NULL
        || !is_default(_PyRuntime.signals.handlers[SIGINT].func)) {
        return 0;
    }
    // It allocates itself.
    rest();
    offered = offer(spare);
    count();
    if (offered > 0) {
        *tripped = 0;
    }
    return offered > 0;
}

// It only sets flags that are looked at later, so it may be called while a
// call is suspended anywhere. Returns 1 when the program shall be ended
// instead: SIGINT has its default action, as before Python has started, or the
// last one was not even looked at.
EXPORT("python_interrupt") int32_t
python_interrupt(void)
{
    if (!Py_IsInitialized() || PyOS_getsig(SIGINT) == SIG_DFL) {
        return 1;
    }
    int unseen = _Py_eval_breaker_bit_is_set(_PyRuntime.main_tstate,
                                             _PY_SIGNALS_PENDING_BIT);
    (void)PyErr_SetInterruptEx(SIGINT);
    count();
    return unseen;
}
