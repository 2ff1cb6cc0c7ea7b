// Starting from an image: memory that an interpreter had when it was
// initialised elsewhere, and what has to be told to it of the world it wakes in.
//
// An image is taken of an interpreter that was started without arguments and
// variables. Whether another command line would have made another interpreter
// is for CPython's own parser to say: python_adopt() compares its results.

#include "Python.h"
#include "pycore_initconfig.h"    // _PyConfig_AsDict(), _PyConfig_Read()
#include "pycore_interp.h"
#include "pycore_pylifecycle.h"   // _PySys_UpdateConfig()
#include "pycore_pystate.h"
#include <stdlib.h>
#include <string.h>
#include <wasi/libc-environ.h>

#include "shim.h"

// wasi-libc has it for this purpose, without a header.
extern void __wasilibc_reset_preopens(void);
extern char *__wasilibc_cwd;
extern char **environ;

// cpython/patches/core/pylifecycle.patch
extern int _PyImage_Freeze(void);
extern PyStatus _PyImage_InitStreams(void);

// What the command line and the variables of the image's interpreter were read
// to mean, by the names of PyConfig, less what may differ from it.
static PyObject *image_config;

// What only says where the interpreter is found, which does not change, or what
// adopt_config() passes on.
static const char *const may_differ[] = {
    "argv", "base_exec_prefix", "base_executable", "base_prefix", "buffered_stdio",
    "exec_prefix", "executable", "inspect", "interactive", "module_search_paths",
    "module_search_paths_set", "orig_argv", "prefix", "pythonpath_env", "quiet",
    "run_command", "run_filename", "run_module", "skip_source_first_line",
    "stdlib_dir", "write_bytecode",
};

// Variables that CPython reads before it has a configuration, or without one.
static const char *const want_cold_start[] = {
    "LANG=", "LC_ALL=", "LC_CTYPE=", "PYTHONASYNCIODEBUG=", "PYTHONBREAKPOINT=",
    "PYTHONCASEOK=", "PYTHONCOERCECLOCALE=", "PYTHONMALLOC=", "PYTHONUTF8=",
};

static PyObject *
comparable(const PyConfig *config)
{
    PyObject *dict = _PyConfig_AsDict(config);
    for (size_t i = 0; dict != NULL && i < Py_ARRAY_LENGTH(may_differ); i++) {
        if (PyDict_DelItemString(dict, may_differ[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

// Reads the command line and the variables, without looking for the library.
static PyStatus
read_config(PyConfig *config)
{
    int count;
    char **arguments = read_arguments(&count);
    PyConfig_InitPythonConfig(config);
    PyStatus status = PyConfig_SetBytesArgv(config, count, arguments);
    return PyStatus_Exception(status) ? status : _PyConfig_Read(config, 0);
}

// The last call before an image is taken. 0, or -1 if that cannot be.
EXPORT("python_freeze") int32_t
python_freeze(void)
{
    PyConfig config;
    image_config = PyStatus_Exception(read_config(&config)) ? NULL : comparable(&config);
    PyConfig_Clear(&config);
    if (image_config == NULL || preload() < 0 || _PyImage_Freeze() < 0) {
        PyErr_Print();
        return -1;
    }
    __wasilibc_reset_preopens();
    __wasilibc_deinitialize_environ();
    __wasilibc_cwd = "/";
    return 0;
}

// What an interpreter without variables takes the language to be.
static const char own_language[] = "LANG=C.UTF-8";

static int
is_cold(char **variables)
{
    for (; *variables != NULL; variables++) {
        if (strcmp(*variables, own_language) == 0) {
            continue;
        }
        for (size_t i = 0; i < Py_ARRAY_LENGTH(want_cold_start); i++) {
            if (strncmp(*variables, want_cold_start[i], strlen(want_cold_start[i])) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

// What Py_InitializeFromConfig() does with these members.
static int
adopt_config(PyConfig *config, const PyConfig *new)
{
    PyStatus status = PyStatus_Ok();
#define STRING(member) \
    if (!PyStatus_Exception(status)) { \
        status = PyConfig_SetString(config, &config->member, new->member); \
    }
    STRING(run_command);
    STRING(run_filename);
    STRING(run_module);
    STRING(pythonpath_env);
#undef STRING
    if (PyStatus_Exception(status)
        || _PyWideStringList_Copy(&config->argv, &new->argv) < 0
        || _PyWideStringList_Copy(&config->orig_argv, &new->orig_argv) < 0) {
        return -1;
    }
    config->buffered_stdio = new->buffered_stdio;
    config->inspect = Py_InspectFlag = new->inspect;
    config->interactive = Py_InteractiveFlag = new->interactive;
    config->quiet = Py_QuietFlag = new->quiet;
    config->skip_source_first_line = new->skip_source_first_line;
    config->write_bytecode = new->write_bytecode;
    Py_DontWriteBytecodeFlag = !new->write_bytecode;
    Py_UnbufferedStdioFlag = !new->buffered_stdio;
    if (!new->buffered_stdio) {
        setvbuf(stdin, NULL, _IONBF, BUFSIZ);
        setvbuf(stdout, NULL, _IONBF, BUFSIZ);
        setvbuf(stderr, NULL, _IONBF, BUFSIZ);
    }
    else if (new->interactive) {
        setvbuf(stdin, NULL, _IOLBF, BUFSIZ);
        setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    }

    // It would put the path back to what it was before `site` looked at it.
    PyObject *path = PySys_GetObject("path");
    Py_XINCREF(path);
    int result = _PySys_UpdateConfig(_PyThreadState_GET());
    if (result == 0 && path != NULL) {
        result = PySys_SetObject("path", path);
    }
    Py_XDECREF(path);
    return result;
}

static PyObject *
environment(void)
{
    PyObject *dict = PyDict_New();
    for (char **entry = environ; dict != NULL && entry != NULL && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals == NULL) {
            continue;
        }
        PyObject *name = PyBytes_FromStringAndSize(*entry, equals - *entry);
        PyObject *value = PyBytes_FromString(equals + 1);
        if (name == NULL || value == NULL || PyDict_SetDefaultRef(dict, name, value, NULL) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

// The first call after an image was restored: the interpreter becomes the one
// that the host's arguments, variables, folders and streams describe. 1 when
// they describe one that must be initialised from nothing: then nothing was
// printed and nothing but memory changed, and this memory is to be dropped.
EXPORT("python_adopt") int32_t
python_adopt(void)
{
    ARRIVE();
    __wasilibc_maybe_reinitialize_environ_eagerly();
    if (is_cold(environ)) {
        return 1;
    }
    enter_cwd();

    int32_t cold = 1;
    PyConfig config;
    PyStatus status = read_config(&config);
    if (PyStatus_IsExit(status)) {
        // --version, or a wrong option: all is said.
        exit(status.exitcode);
    }
    if (!PyStatus_Exception(status)) {
        PyObject *wanted = comparable(&config);
        cold = wanted == NULL || PyObject_RichCompareBool(wanted, image_config, Py_EQ) != 1;
        Py_XDECREF(wanted);
    }
    if (!cold) {
        PyInterpreterState *interp = _PyInterpreterState_GET();
        PyObject *variables = environment();
        cold = variables == NULL
            || adopt_config((PyConfig *)_PyInterpreterState_GetConfig(interp), &config) < 0
            || PyStatus_Exception(_PyImage_InitStreams())
            || adopt_environment(variables, config.pythonpath_env) < 0;
        Py_XDECREF(variables);
    }
    PyErr_Clear();
    PyConfig_Clear(&config);
    return cold;
}
