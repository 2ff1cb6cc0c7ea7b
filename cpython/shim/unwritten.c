// What a program has printed when the host stops it in the middle of something: at a limit, by a trap, or
// in os._exit(). Then nothing of Python's own flushes its streams any more.

#include "Python.h"
#include "pycore_pystate.h"
#include <string.h>

#include "shim.h"

// Whatever a program puts in the place of a stream runs its own code.
static int
is_text_stream(PyObject *stream)
{
    return stream != NULL && strcmp(Py_TYPE(stream)->tp_name, "_io.TextIOWrapper") == 0;
}

// The last call into an interpreter. Memory is as the stopped call has left it, so this may fail in any way;
// the host gives it little time and ignores how it ends.
EXPORT("python_flush") void
python_flush(void)
{
    static const char *const names[] = {"stdout", "__stdout__", "stderr", "__stderr__"};
    ARRIVE();
    PyThreadState *tstate = _PyThreadState_GET();
    if (!Py_IsInitialized() || tstate == NULL) {
        return;
    }
    // The stopped call's own: its exception is not to be taken for ours, and its depth is gone.
    tstate->current_exception = NULL;
    tstate->c_recursion_remaining = Py_C_RECURSION_LIMIT;
    PyGC_Disable();
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        PyObject *stream = PySys_GetObject(names[i]);
        if (is_text_stream(stream)) {
            Py_XDECREF(PyObject_CallMethod(stream, "flush", NULL));
            PyErr_Clear();
        }
    }
}
