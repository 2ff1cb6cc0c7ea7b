// numpy's modules in C are built in, under the names that its Python files import them by.

#include "Python.h"

#if SIZEOF_LONG != 4
#error "this is the pyconfig.h of another machine"
#endif

#define MODULES(MODULE)                                             \
    MODULE("numpy._core._multiarray_umath", _multiarray_umath)      \
    MODULE("numpy.fft._pocketfft_umath", _pocketfft_umath)          \
    MODULE("numpy.linalg._umath_linalg", _umath_linalg)             \
    MODULE("numpy.linalg.lapack_lite", lapack_lite)                 \
    MODULE("numpy.random._bounded_integers", _bounded_integers)     \
    MODULE("numpy.random._common", _common)                         \
    MODULE("numpy.random._generator", _generator)                   \
    MODULE("numpy.random._mt19937", _mt19937)                       \
    MODULE("numpy.random._pcg64", _pcg64)                           \
    MODULE("numpy.random._philox", _philox)                         \
    MODULE("numpy.random._sfc64", _sfc64)                           \
    MODULE("numpy.random.bit_generator", bit_generator)             \
    MODULE("numpy.random.mtrand", mtrand)

// Whether memory may hold addresses of numpy's functions: see shim.h.
int numpy_used;

#define FUNCTION(name, function)                    \
    PyObject *PyInit_##function(void);              \
                                                    \
    static PyObject *                               \
    init_##function(void)                           \
    {                                               \
        numpy_used = 1;                             \
        return PyInit_##function();                 \
    }
MODULES(FUNCTION)

#define ENTRY(name, function) {name, init_##function},
static struct _inittab numpy[] = {MODULES(ENTRY) {NULL, NULL}};

// Before Python is initialised, whoever initialises it.
__attribute__((constructor)) static void
add(void)
{
    if (PyImport_ExtendInittab(numpy) < 0) {
        Py_FatalError("numpy's modules cannot be added");
    }
}

// --- C++ -------------------------------------------------------------------

// WebAssembly's exceptions are not for every engine. What would throw them asks before whether it has to
// (cpython/patches/numpy/memory.patch), so this is not called by what we know of.

void *
__cxa_allocate_exception(size_t size)
{
    (void)size;
    Py_FatalError("numpy threw an exception of C++");
}

void
__cxa_throw(void *exception, void *type, void (*destructor)(void *))
{
    (void)exception;
    (void)type;
    (void)destructor;
    abort();
}
