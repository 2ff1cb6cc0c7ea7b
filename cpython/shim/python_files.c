// What Python code asks of the host about files, which WASI does not offer.

#include "Python.h"
#include <errno.h>

#include "host.h"
#include "shim.h"

PyDoc_STRVAR(dup_doc,
"dup(fd, to=-1, /)\n--\n\n\
Make another descriptor, or this one, stand for the open file at fd.\n\
WASI has no call for it: os.dup and os.dup2 ask the host.");

static PyObject *
host_dup(PyObject *Py_UNUSED(module), PyObject *args)
{
    int fds[2] = {-1, -1};
    if (!PyArg_ParseTuple(args, "i|i:dup", &fds[0], &fds[1])) {
        return NULL;
    }
    size_t size = PyTuple_GET_SIZE(args) * sizeof fds[0];
    int32_t answer = ask_number(HOST_DUP, fds, size);
    if (answer < 0) {
        errno = -answer;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(answer);
}

PyDoc_STRVAR(set_lock_doc,
"set_lock(fd, kind, start, length, /)\n--\n\n\
Set or release a lock on a range of a file, without waiting.\n\
kind is fcntl's F_RDLCK, F_WRLCK or F_UNLCK (0, 1, 2); a length of 0 means\n\
to the end. BlockingIOError when somebody else's lock is in the way.");

static PyObject *
host_set_lock(PyObject *Py_UNUSED(module), PyObject *args)
{
    int fd, kind;
    long long start, length;
    if (!PyArg_ParseTuple(args, "iiLL:set_lock", &fd, &kind, &start, &length)) {
        return NULL;
    }
    if (python_wasm_set_lock(fd, kind, start, length) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(find_lock_doc,
"find_lock(fd, kind, start, length, /)\n--\n\n\
Return the kind of somebody else's lock that is in the way of one, as\n\
set_lock() has them: F_UNLCK (2) if there is none.");

static PyObject *
host_find_lock(PyObject *Py_UNUSED(module), PyObject *args)
{
    int fd, kind;
    long long start, length;
    if (!PyArg_ParseTuple(args, "iiLL:find_lock", &fd, &kind, &start, &length)) {
        return NULL;
    }
    if (python_wasm_find_lock(fd, &kind, start, length) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(kind);
}

PyDoc_STRVAR(flock_doc,
"flock(fd, kind, /)\n--\n\n\
Set or release the lock of an open file on all of it, without waiting.\n\
kind is F_RDLCK, F_WRLCK or F_UNLCK (0, 1, 2). BlockingIOError when another\n\
lock is in the way.");

static PyObject *
host_flock(PyObject *Py_UNUSED(module), PyObject *args)
{
    int fd, kind;
    if (!PyArg_ParseTuple(args, "ii:flock", &fd, &kind)) {
        return NULL;
    }
    if (set_flock(fd, kind) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(chmod_doc,
"chmod(path, mode, *, dir_fd=None, follow_symlinks=(os.name != 'nt'))\n--\n\n\
Change the permissions of a file: this is os.chmod.\n\
Folders of the host keep theirs, and nothing is raised then. The signature is\n\
CPython's own, which inspect cannot read.");

static PyObject *
host_chmod(PyObject *Py_UNUSED(module), PyObject *args, PyObject *named)
{
    static char *names[] = {"path", "mode", "dir_fd", "follow_symlinks", NULL};
    PyObject *path, *encoded, *dir_fd = Py_None;
    int mode, follow = 1;
    if (!PyArg_ParseTupleAndKeywords(args, named, "Oi|$Op:chmod", names, &path, &mode, &dir_fd, &follow)) {
        return NULL;
    }
    if (dir_fd != Py_None || !follow) {
        PyErr_Format(PyExc_NotImplementedError, "chmod: %s unavailable on this platform",
                     follow ? "dir_fd" : "follow_symlinks");
        return NULL;
    }
    if (PySys_Audit("os.chmod", "Oii", path, mode, -1) < 0 || !PyUnicode_FSConverter(path, &encoded)) {
        return NULL;
    }
    int result = set_mode(PyBytes_AS_STRING(encoded), (uint32_t)mode);
    Py_DECREF(encoded);
    if (result < 0 && errno != ENOTSUP) {
        return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    Py_RETURN_NONE;
}

PyMethodDef file_methods[] = {
    {"chmod", _PyCFunction_CAST(host_chmod), METH_VARARGS | METH_KEYWORDS, chmod_doc},
    {"dup", host_dup, METH_VARARGS, dup_doc},
    {"find_lock", host_find_lock, METH_VARARGS, find_lock_doc},
    {"flock", host_flock, METH_VARARGS, flock_doc},
    {"set_lock", host_set_lock, METH_VARARGS, set_lock_doc},
    {NULL, NULL, 0, NULL},
};
