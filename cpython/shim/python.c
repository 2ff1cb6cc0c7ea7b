// The door between CPython and its host: what the module exports beside WASI.
//
// Every export returns before the host goes on, so between two calls no wasm
// frame is live: linear memory and the stack pointer are the interpreter.
//
// Modules/main.c is included, not linked: its static functions are what
// `python3` does with a command line, and this file calls them one by one
// where Py_RunMain() would do all of it and finalise. The archive's main.o is
// not pulled in, because every symbol it defines is defined here.

#include "Modules/main.c"

#include <wasi/api.h>
#include <wasi/libc.h>            // __wasilibc_register_preopened_fd()

#include "shim.h"

// --- Starting --------------------------------------------------------------

char **
read_arguments(int *count)
{
    size_t size;
    size_t number;
    if (__wasi_args_sizes_get(&number, &size) != 0) {
        Py_FatalError("the host gives no arguments");
    }
    uint8_t **arguments = calloc(number + 1, sizeof *arguments);
    uint8_t *bytes = malloc(size + 1);
    if (arguments == NULL || bytes == NULL
        || __wasi_args_get(arguments, bytes) != 0) {
        Py_FatalError("the arguments do not fit into memory");
    }
    *count = (int)number;
    return (char **)arguments;
}

// What python3 does up to the first line of the program. Options that end it
// (--version, a wrong one) end the process here.
static void
start(void)
{
    keep_reserve();
    int count;
    char **arguments = read_arguments(&count);
    enter_cwd();
    PyOS_ReadlineFunctionPointer = read_line;
    if (PyImport_AppendInittab("_python_wasm_host", PyInit__python_wasm_host) < 0) {
        Py_FatalError("no memory for the table of built-in modules");
    }

    _PyArgv args = {.argc = count, .use_bytes_argv = 1, .bytes_argv = arguments};
    PyStatus status = pymain_init(&args);
    if (_PyStatus_IS_EXIT(status)) {
        pymain_free();
        exit(status.exitcode);
    }
    if (_PyStatus_EXCEPTION(status)) {
        pymain_exit_error(status);
    }
    if (set_excepthook() < 0 || set_chmod() < 0) {
        exit(pymain_exit_err_print());
    }
}

// The plain command line: `python3` to the last byte, finalisation included.
EXPORT("_start") void
command_start(void)
{
    start();
    exit(Py_RunMain());
}

// Calls a function of the agent that is no request.
static int
call_agent(const char *name, PyObject *args)
{
    PyObject *agent = args == NULL ? NULL : PyImport_ImportModule("_python_wasm");
    PyObject *function = agent == NULL ? NULL : PyObject_GetAttrString(agent, name);
    PyObject *result = function == NULL ? NULL : PyObject_CallObject(function, args);
    Py_XDECREF(result);
    Py_XDECREF(function);
    Py_XDECREF(agent);
    Py_XDECREF(args);
    return result == NULL ? -1 : 0;
}

// What the program made ends with the program, not held by the agent.
static void
release(void)
{
    if (call_agent("release", PyTuple_New(0)) < 0) {
        PyErr_Clear();
    }
}

int
preload(void)
{
    return call_agent("preload", PyTuple_New(0));
}

int
adopt_environment(PyObject *environment, const wchar_t *pythonpath)
{
    return call_agent("adopt", Py_BuildValue("(Ou)", environment, pythonpath == NULL ? L"" : pythonpath));
}

// The same for an interpreter that was restored from an image and has adopted
// its command line.
EXPORT("python_main") void
python_main(void)
{
    ARRIVE();
    release();
    exit(Py_RunMain());
}

// --- Sessions --------------------------------------------------------------

// `request` of the guest agent (cpython/guest/_python_wasm.py).
static PyObject *agent_request;
// Turns an exception that escaped the agent into an answer.
static PyObject *agent_escaped;

EXPORT("python_initialize") void
python_initialize(void)
{
    start();
    PyObject *agent = PyImport_ImportModule("_python_wasm");
    if (agent != NULL) {
        agent_request = PyObject_GetAttrString(agent, "request");
        agent_escaped = PyObject_GetAttrString(agent, "escaped");
        Py_DECREF(agent);
    }
    if (agent_request == NULL || agent_escaped == NULL) {
        exit(pymain_exit_err_print());
    }
}

// pymain_run_python() without its prompt: the host has a better one and asks
// for block after block by python_request. Returns the exit status; a program
// that ends by SystemExit without -i ends the process.
EXPORT("python_run_main") int32_t
python_run_main(void)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    PyConfig *config = (PyConfig *)_PyInterpreterState_GetConfig(interp);
    PyObject *main_importer_path = NULL;
    PyObject *path0 = NULL;
    int status = 1;

    ARRIVE();
    if (_PyStatus_EXCEPTION(_PyPathConfig_UpdateGlobal(config))) {
        return pymain_exit_err_print();
    }
    if (config->run_filename != NULL
        && pymain_get_importer(config->run_filename, &main_importer_path, &status)) {
        return status;
    }
    if (main_importer_path != NULL) {
        path0 = Py_NewRef(main_importer_path);
    }
    else if (!config->safe_path
             && _PyPathConfig_ComputeSysPath0(&config->argv, &path0) < 0) {
        return pymain_exit_err_print();
    }
    if (path0 != NULL && pymain_sys_path_add_path0(interp, path0) < 0) {
        status = pymain_exit_err_print();
        goto done;
    }

    _PyInterpreterState_SetRunningMain(interp);
    if (config->run_command) {
        status = pymain_run_command(config->run_command);
    }
    else if (config->run_module) {
        status = pymain_run_module(config->run_module, 1);
    }
    else if (main_importer_path != NULL) {
        status = pymain_run_module(L"__main__", 0);
    }
    else if (config->run_filename != NULL) {
        status = pymain_run_file(config);
    }
    else {
        // Nothing to run: what comes before the first prompt.
        status = 0;
        pymain_set_inspect(config, 0);
        (void)pymain_run_startup(config, &status);
    }
    _PyInterpreterState_SetNotRunningMain(interp);
    if (_PyRuntime.signals.unhandled_keyboard_interrupt) {
        status = exit_sigint();
    }

done:
    Py_XDECREF(path0);
    Py_XDECREF(main_importer_path);
    return status;
}

// Where the host writes its next request; valid until the next call, NULL
// when there is no memory for it.
static char *request_buffer;

EXPORT("python_buffer") void *
python_buffer(int32_t size)
{
    PyMem_RawFree(request_buffer);
    request_buffer = size < 0 ? NULL : PyMem_RawMalloc((size_t)size);
    return request_buffer;
}

// One request to the agent and its answer, both in marshal's format. The
// answer is valid until the next call. NULL when there is no memory to tell
// anything; no bytes when the agent no longer works, for it is a Python module
// that the program can take apart.
struct answer {
    const char *bytes;
    int32_t size;
};

EXPORT("python_request") const struct answer *
python_request(int32_t size)
{
    static PyObject *kept;
    static struct answer answer;

    ARRIVE();
    Py_CLEAR(kept);
    PyObject *request = PyBytes_FromStringAndSize(request_buffer, size);
    if (request != NULL) {
        kept = PyObject_CallOneArg(agent_request, request);
        Py_DECREF(request);
    }
    // An interrupt may strike in the agent's own first or last line, and the next one here.
    for (int tries = 0; kept == NULL && tries < 3; tries++) {
        PyObject *exception = PyErr_GetRaisedException();
        kept = PyObject_CallOneArg(agent_escaped, exception);
        Py_DECREF(exception);
    }
    if (kept == NULL || !PyBytes_Check(kept)) {
        int no_memory = kept == NULL && PyErr_ExceptionMatches(PyExc_MemoryError);
        PyErr_Clear();
        Py_CLEAR(kept);
        answer = (struct answer){0};
        return no_memory ? NULL : &answer;
    }
    answer.bytes = PyBytes_AS_STRING(kept);
    answer.size = (int32_t)PyBytes_GET_SIZE(kept);
    return &answer;
}

// A folder that the host has granted after libc looked for them. 0, or the errno.
EXPORT("python_grant") int32_t
python_grant(int32_t fd)
{
    __wasi_prestat_t prestat;
    __wasi_errno_t error = __wasi_fd_prestat_get(fd, &prestat);
    if (error != 0) {
        return error;
    }
    size_t size = prestat.u.dir.pr_name_len;
    char *name = malloc(size + 1);
    if (name == NULL) {
        return ENOMEM;
    }
    error = __wasi_fd_prestat_dir_name(fd, (uint8_t *)name, size);
    name[size] = '\0';
    if (error == 0 && __wasilibc_register_preopened_fd(fd, name) != 0) {
        error = ENOMEM;
    }
    free(name);
    return error;
}

// Bounds how deep C may call itself from here on: for a host whose own stack
// ends before CPython's usual bound is reached, as those of browsers do.
EXPORT("python_limit_c_recursion") void
python_limit_c_recursion(int32_t depth)
{
    PyThreadState_Get()->c_recursion_remaining = depth;
}

// What python3 does after the program: exit handlers, finalisation, flushing.
// The status is `status` unless flushing failed. Nothing may be called after.
EXPORT("python_finalize") int32_t
python_finalize(int32_t status)
{
    ARRIVE();
    release();
    return Py_FinalizeEx() < 0 ? 120 : status;
}
