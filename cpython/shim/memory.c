// When memory runs out: the first request is refused, and those who handle that get a reserve.
//
// Handling needs memory: frame objects and traceback entries, the text of a traceback, the lines of the
// source, the program's own `except`. Without any, an exception turns into another one or gets lost.

#include "Python.h"
#include "pycore_ceval.h"         // _Py_ScheduleGC()
#include "pycore_interp.h"
#include "pycore_obmalloc.h"      // ARENA_SIZE
#include "pycore_pystate.h"       // _PyThreadState_GET()
#include "pycore_runtime.h"
#include <allocator.h>
#include <stdlib.h>

#include "shim.h"

// A traceback that is printed for the first time, of a file of some thousand lines.
enum { RESERVE = 1 << 20 };

// Of the raw domain, while it refuses.
static PyMemAllocatorEx raw;

// Whether an arena was refused, and no collection of garbage has been asked for since.
static int pressed;

static void *
refuse(void)
{
    _PyRuntime.allocators.standard.raw = raw;
    return NULL;
}

static void *
refuse_malloc(void *ctx, size_t size)
{
    return refuse();
}

static void *
refuse_calloc(void *ctx, size_t count, size_t size)
{
    return refuse();
}

// Python's allocator of small objects asks the raw one for an object when it gets no arena. That call
// comes next, and would get a part of the reserve: then there would never be a MemoryError before all
// of it is used up. Pieces of the stack of frames come from here, too; no other call follows these.
static void *
arena_alloc(void *ctx, size_t size)
{
    void *arena = malloc(size);
    PyMemAllocatorEx *present = &_PyRuntime.allocators.standard.raw;
    pressed |= arena == NULL;
    if (arena == NULL && size == ARENA_SIZE && present->malloc != refuse_malloc) {
        raw = *present;
        present->malloc = refuse_malloc;
        present->calloc = refuse_calloc;
    }
    return arena;
}

static void
arena_free(void *ctx, void *arena, size_t size)
{
    free(arena);
}

// Of MemoryError.
static destructor plain_dealloc;

// When the exception goes, so does what its traceback kept alive. Cycles among those objects would stay until
// Python has made some thousand more, and there may not be room for so many. So the collector runs at the next
// instruction of Python that looks for it.
static void
memory_error_dealloc(PyObject *self)
{
    plain_dealloc(self);
    PyThreadState *tstate = _PyThreadState_GET();
    if (!pressed || tstate == NULL || tstate->current_exception != NULL) {
        return;
    }
    pressed = 0;
    struct _gc_runtime_state *gc = &tstate->interp->gc;
    if (gc->enabled) {
        for (int i = 0; i < NUM_GENERATIONS; i++) {
            gc->generations[i].count = gc->generations[i].threshold + 1;
        }
        gc->long_lived_pending = gc->long_lived_total;
        _Py_ScheduleGC(tstate);
    }
}

void
keep_reserve(void)
{
    malloc_own_memory(RESERVE);
    PyTypeObject *type = (PyTypeObject *)PyExc_MemoryError;
    plain_dealloc = type->tp_dealloc;
    type->tp_dealloc = memory_error_dealloc;
    PyObjectArenaAllocator arenas = {.alloc = arena_alloc, .free = arena_free};
    PyObject_SetArenaAllocator(&arenas);
}
