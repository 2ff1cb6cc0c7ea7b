// What the guest asks of the host beside WASI: one import, and the module that
// offers it to Python code.

#include "Python.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "shim.h"

// --- The host -------------------------------------------------------------

// Like host_call, with as much memory as the answer needs (PyMem_RawFree it).
// The answer is followed by a NUL that is not counted.
static int32_t
ask_host(int32_t op, const void *input, size_t input_size, char **answer)
{
    int32_t capacity = 256;
    char *buffer = NULL;
    for (;;) {
        char *larger = PyMem_RawRealloc(buffer, (size_t)capacity + 1);
        if (larger == NULL) {
            PyMem_RawFree(buffer);
            return HOST_UNAVAILABLE;
        }
        buffer = larger;
        int32_t size = host_call(op, input, (int32_t)input_size, buffer, capacity);
        if (size < 0) {
            PyMem_RawFree(buffer);
            return size;
        }
        if (size <= capacity) {
            buffer[size] = '\0';
            *answer = buffer;
            return size;
        }
        capacity = size;
        op = HOST_AGAIN;
    }
}

int32_t
ask_number(int32_t op, const void *input, size_t input_size)
{
    int32_t answer;
    int32_t size = host_call(op, input, (int32_t)input_size, &answer, sizeof answer);
    return size == sizeof answer ? answer : -ENOTSUP;
}

// wasi-libc knows no current folder; the program was started in one all the
// same. When it is not granted the guest stays in "/".
void
enter_cwd(void)
{
    char *path;
    if (ask_host(HOST_CWD, NULL, 0, &path) >= 0) {
        (void)chdir(path);
        PyMem_RawFree(path);
    }
}

static int32_t
ask_line(char kind, const char *prompt, char **line)
{
    size_t size = prompt == NULL ? 0 : strlen(prompt);
    char *question = PyMem_RawMalloc(size + 1);
    if (question == NULL) {
        return HOST_UNAVAILABLE;
    }
    question[0] = kind;
    if (size > 0) {
        memcpy(question + 1, prompt, size);
    }
    int32_t result = ask_host(HOST_READLINE, question, size + 1, line);
    PyMem_RawFree(question);
    return result;
}

// Python's own line reader; no header declares it.
extern char *PyOS_StdioReadline(FILE *, FILE *, const char *);

// Reads a line by the module readline (cpython/library/readline.py), if the
// program has imported it: it may have a completer for it. Whether it did; the
// line is then what read_line() returns.
static int
read_by_module(const char *prompt, char **line)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *name = PyUnicode_FromString("readline");
    PyObject *module = name == NULL ? NULL : PyImport_GetModule(name);
    PyObject *function = module == NULL ? NULL : PyObject_GetAttrString(module, "_read_line");
    PyObject *bytes = function == NULL ? NULL
        : PyObject_CallFunction(function, "y", prompt == NULL ? "" : prompt);
    int done = 1;
    *line = NULL;
    if (bytes != NULL && PyBytes_Check(bytes)) {
        size_t size = (size_t)PyBytes_GET_SIZE(bytes) + 1;
        *line = PyMem_RawMalloc(size);
        if (*line != NULL) {
            memcpy(*line, PyBytes_AS_STRING(bytes), size);
        }
    }
    else if (PyErr_ExceptionMatches(PyExc_EOFError)) {
        *line = PyMem_RawCalloc(1, 1);
    }
    else if (!PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        // Another module of that name, or a host without a terminal.
        done = 0;
    }
    PyErr_Clear();
    Py_XDECREF(bytes);
    Py_XDECREF(function);
    Py_XDECREF(module);
    Py_XDECREF(name);
    PyGILState_Release(gil);
    return done;
}

// PyOS_Readline() calls this when stdin and stdout are terminals: input(),
// pdb, help()'s prompt and code.interact() read through the host's editor.
// NULL raises KeyboardInterrupt in the caller, an empty line is end of file.
char *
read_line(FILE *sys_stdin, FILE *sys_stdout, const char *prompt)
{
    fflush(sys_stdout);
    char *line;
    if (read_by_module(prompt, &line)) {
        return line;
    }
    int32_t size = ask_line(READ_ANSWER, prompt, &line);
    if (size >= 0) {
        return line;
    }
    if (size == HOST_EOF) {
        return PyMem_RawCalloc(1, 1);
    }
    if (size == HOST_INTERRUPTED) {
        return NULL;
    }
    return PyOS_StdioReadline(sys_stdin, sys_stdout, prompt);
}

// --- Module _python_wasm_host: what Python code asks of the host -----------

// The exception for a line that was not read; NULL.
static PyObject *
no_line(int32_t refusal)
{
    if (refusal == HOST_EOF) {
        PyErr_SetNone(PyExc_EOFError);
    }
    else if (refusal == HOST_INTERRUPTED) {
        PyErr_SetNone(PyExc_KeyboardInterrupt);
    }
    else {
        PyErr_SetString(PyExc_OSError, "the host has no terminal to read from");
    }
    return NULL;
}

PyDoc_STRVAR(read_line_doc,
"read_line(question, /)\n--\n\n\
Read a line from the terminal: the question and the answer are bytes, as\n\
crates/contract/src/host_call.rs has them for READLINE.\n\
OSError when the host has no terminal for it.");

static PyObject *
host_read_line(PyObject *Py_UNUSED(module), PyObject *question)
{
    char *bytes, *answer;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(question, &bytes, &size) < 0) {
        return NULL;
    }
    int32_t length = ask_host(HOST_READLINE, bytes, (size_t)size, &answer);
    if (length < 0) {
        return no_line(length);
    }
    PyObject *result = PyBytes_FromStringAndSize(answer, length);
    PyMem_RawFree(answer);
    return result;
}

PyDoc_STRVAR(read_secret_doc,
"read_secret(prompt)\n--\n\n\
Read a line from the terminal without showing or remembering it.\n\
OSError when the host has no terminal for it.");

static PyObject *
read_secret(PyObject *Py_UNUSED(module), PyObject *argument)
{
    const char *prompt = PyUnicode_AsUTF8(argument);
    if (prompt == NULL) {
        return NULL;
    }
    char *line;
    int32_t size = ask_line(READ_SECRET, prompt, &line);
    if (size < 0) {
        return no_line(size);
    }
    if (size > 0 && line[size - 1] == '\n') {
        size--;
    }
    PyObject *result = PyUnicode_DecodeUTF8(line, size, "surrogateescape");
    PyMem_RawFree(line);
    return result;
}

PyDoc_STRVAR(page_doc,
"page(text, /)\n--\n\n\
Show a text at the terminal, a screen at a time.\n\
OSError when the host has no terminal for it.");

static PyObject *
page(PyObject *Py_UNUSED(module), PyObject *argument)
{
    // Surrogates are nothing that a terminal shows.
    PyObject *text = PyUnicode_AsEncodedString(argument, "utf-8", "backslashreplace");
    if (text == NULL) {
        return NULL;
    }
    int32_t answer = host_call(HOST_PAGE, PyBytes_AS_STRING(text),
                               (int32_t)PyBytes_GET_SIZE(text), NULL, 0);
    Py_DECREF(text);
    if (answer == HOST_INTERRUPTED) {
        PyErr_SetNone(PyExc_KeyboardInterrupt);
        return NULL;
    }
    if (answer < 0) {
        PyErr_SetString(PyExc_OSError, "the host has no terminal to show it at");
        return NULL;
    }
    Py_RETURN_NONE;
}

// Tells which option would have granted a path, if the sandbox is why an
// OSError that nobody handled named it. Says nothing otherwise.
static void
advise_on_path(char grant, PyObject *filename)
{
    PyObject *encoded = NULL;
    char question[4097] = {grant};
    char *absolute = question + 1;
    const size_t capacity = sizeof question - 1;
    if (filename == NULL || filename == Py_None || PyLong_Check(filename)
        || !PyUnicode_FSConverter(filename, &encoded)) {
        PyErr_Clear();
        return;
    }
    const char *path = PyBytes_AS_STRING(encoded);
    int length;
    if (path[0] == '/') {
        length = snprintf(absolute, capacity, "%s", path);
    }
    else {
        char cwd[2048];
        length = getcwd(cwd, sizeof cwd) == NULL
            ? -1 : snprintf(absolute, capacity, "%s/%s", cwd, path);
    }
    Py_DECREF(encoded);
    char *advice;
    if (length > 0 && (size_t)length < capacity
        && ask_host(HOST_GRANT, question, (size_t)length + 1, &advice) >= 0) {
        if (advice[0] != '\0') {
            PySys_FormatStderr("%s\n", advice);
        }
        PyMem_RawFree(advice);
    }
}

// The exit status tells of a limit only when the limit ended the program.
static void
tell_limit(char limit)
{
    (void)host_call(HOST_ENDED, &limit, 1, NULL, 0);
}

static void
explain_os_error(PyOSErrorObject *error)
{
    if (error->myerrno == NULL || !PyLong_Check(error->myerrno)) {
        return;
    }
    switch (PyLong_AsLong(error->myerrno)) {
    case ENOENT:
        advise_on_path(GRANT_READ, error->filename);
        advise_on_path(GRANT_READ, error->filename2);
        break;
    // Outside of the grants there are only read-only folders, so it was to be changed.
    case EACCES:
    case EPERM:
    case ENOTCAPABLE:
        advise_on_path(GRANT_WRITE, error->filename);
        advise_on_path(GRANT_WRITE, error->filename2);
        break;
    case ENOSPC:
        tell_limit(ENDED_DISK);
        break;
    default:
        PyErr_Clear();
    }
}

PyDoc_STRVAR(excepthook_doc,
"excepthook(exctype, value, traceback, /)\n--\n\n\
Handle an exception by displaying it with a traceback on sys.stderr.");

static PyObject *
excepthook(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *type, *value, *traceback;
    if (!PyArg_UnpackTuple(args, "excepthook", 3, 3, &type, &value, &traceback)) {
        return NULL;
    }
    PyErr_Display(NULL, value, traceback);
    if (PyObject_TypeCheck(value, (PyTypeObject *)PyExc_MemoryError)) {
        tell_limit(ENDED_MEMORY);
    }
    if (PyObject_TypeCheck(value, (PyTypeObject *)PyExc_OSError)) {
        explain_os_error((PyOSErrorObject *)value);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(memory_size_doc,
"memory_size()\n--\n\n\
Return the size of the sandbox's memory in bytes.");

static PyObject *
host_memory_size(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    return PyLong_FromUnsignedLongLong((unsigned long long)__builtin_wasm_memory_size(0) << 16);
}

PyDoc_STRVAR(function_doc,
"function(message, /)\n--\n\n\
Send a message about functions of the host (crates/runner/src/functions) and\n\
return the answer. RuntimeError when the host has none for it.");

static PyObject *
host_function(PyObject *Py_UNUSED(module), PyObject *message)
{
    char *bytes, *answer;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(message, &bytes, &size) < 0) {
        return NULL;
    }
    int32_t length = ask_host(HOST_FUNCTION, bytes, (size_t)size, &answer);
    if (length < 0) {
        PyErr_SetString(PyExc_RuntimeError, "the host has no answer to this message");
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(answer, length);
    PyMem_RawFree(answer);
    return result;
}

static PyMethodDef host_methods[] = {
    {"excepthook", excepthook, METH_VARARGS, excepthook_doc},
    {"function", host_function, METH_O, function_doc},
    {"memory_size", host_memory_size, METH_NOARGS, memory_size_doc},
    {"page", page, METH_O, page_doc},
    {"read_line", host_read_line, METH_O, read_line_doc},
    {"read_secret", read_secret, METH_O, read_secret_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef host_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_python_wasm_host",
    .m_doc = PyDoc_STR("What the host of the sandbox offers to Python."),
    .m_methods = host_methods,
};

PyMODINIT_FUNC
PyInit__python_wasm_host(void)
{
    PyObject *module = PyModule_Create(&host_module);
    if (module != NULL && PyModule_AddFunctions(module, file_methods) < 0) {
        Py_CLEAR(module);
    }
    return module;
}

// CPython's own os.chmod does nothing here.
int
set_chmod(void)
{
    PyObject *module = PyImport_ImportModule("_python_wasm_host");
    PyObject *chmod = module ? PyObject_GetAttrString(module, "chmod") : NULL;
    PyObject *os = chmod ? PyImport_ImportModule("os") : NULL;
    int result = os == NULL ? -1 : PyObject_SetAttrString(os, "chmod", chmod);
    Py_XDECREF(os);
    Py_XDECREF(chmod);
    Py_XDECREF(module);
    return result;
}

// The hook is both sys.excepthook and sys.__excepthook__, because programs
// compare the two to learn whether somebody replaced it.
int
set_excepthook(void)
{
    PyObject *module = PyImport_ImportModule("_python_wasm_host");
    PyObject *hook = module ? PyObject_GetAttrString(module, "excepthook") : NULL;
    int result = hook == NULL
        || PySys_SetObject("excepthook", hook) < 0
        || PySys_SetObject("__excepthook__", hook) < 0 ? -1 : 0;
    Py_XDECREF(hook);
    Py_XDECREF(module);
    return result;
}
