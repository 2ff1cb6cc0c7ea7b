/* CPython in a WebAssembly sandbox: the library python-wasm for C.
 *
 * A python_wasm is one interpreter with one namespace. Threads may share it, but only
 * one may use it at a time; python_wasm_interrupt() alone may be called from any thread
 * while another one runs Python. After a fork() of the process, only the parent or the
 * child may use the interpreter, not both.
 *
 * Arguments are strings in UTF-8 that end with NUL. The caller owns every string that a
 * function returns and frees it with python_wasm_string_free(). Pass NULL as the place of
 * a string that is not needed.
 */
#ifndef PYTHON_WASM_H
#define PYTHON_WASM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct python_wasm python_wasm;

/* How a call ended. The interpreter keeps all its variables as long as python_wasm_is_usable()
 * returns 1; it is never usable after PYTHON_WASM_UNUSABLE, _TRAP and _OUTPUT_LIMIT. */
typedef enum python_wasm_status {
    PYTHON_WASM_OK = 0,
    PYTHON_WASM_EXCEPTION = 1,     /* not caught; the error is Python's traceback */
    PYTHON_WASM_EXIT = 2,          /* sys.exit(); the error names the status */
    PYTHON_WASM_INTERRUPTED = 3,
    PYTHON_WASM_TIMEOUT = 4,
    PYTHON_WASM_OUT_OF_FUEL = 5,
    PYTHON_WASM_OUT_OF_MEMORY = 6,
    PYTHON_WASM_OUTPUT_LIMIT = 7,
    PYTHON_WASM_DISK_LIMIT = 8,
    PYTHON_WASM_TRAP = 9,
    PYTHON_WASM_CONVERSION = 10,   /* the value cannot be represented outside Python, or as JSON */
    PYTHON_WASM_ARGUMENT = 11,     /* NULL, not UTF-8, not JSON, or not an identifier */
    PYTHON_WASM_CONFIG = 12,       /* the options contradict each other, or cannot be granted */
    PYTHON_WASM_IO = 13,           /* input or output of the host failed */
    PYTHON_WASM_UNUSABLE = 14,     /* an earlier call ended the interpreter */
    PYTHON_WASM_PANIC = 15         /* a bug in this library */
} python_wasm_status;

typedef enum python_wasm_access {
    PYTHON_WASM_READ_ONLY = 0,
    PYTHON_WASM_READ_WRITE = 1,
    PYTHON_WASM_OVERLAY = 2        /* changes stay in memory and are dropped with the interpreter */
} python_wasm_access;

/* A folder of the host and its absolute path in the sandbox. */
typedef struct python_wasm_mount {
    const char *host;
    const char *guest;
    python_wasm_access access;
} python_wasm_mount;

/* What the sandbox may see and use. All zeros are the defaults: no folders, 1 GiB of memory,
 * and for each call 50,000,000 bytes of output, one minute and 10,000,000,000 units of fuel.
 * UINT64_MAX lifts the limit on time or fuel. */
typedef struct python_wasm_options {
    const python_wasm_mount *mounts;
    size_t mount_count;
    uint64_t memory;               /* bytes */
    uint64_t fuel;                 /* for each call */
    uint64_t timeout_ms;           /* for each call */
    uint64_t output;               /* bytes, for each call */
} python_wasm_options;

/* Makes an interpreter. `options` may be NULL for the defaults. On failure *py is NULL. */
python_wasm_status python_wasm_new(const python_wasm_options *options, python_wasm **py, char **error);

/* Runs source code. *output is what the code printed to standard output, even after an error. */
python_wasm_status python_wasm_exec(python_wasm *py, const char *source, char **output, char **error);

/* What the last call of exec, eval_json, repr or set_json printed, even if it failed. */
python_wasm_status python_wasm_stdout(python_wasm *py, char **printed);
python_wasm_status python_wasm_stderr(python_wasm *py, char **printed);

/* Evaluates an expression and returns its value as JSON, dicts in their order. Tuples and sets become
 * arrays, bytes become arrays of numbers, infinities and NaN become null, and keys that are numbers, True,
 * False or None become strings. All integers of a value together have up to 100,000 digits. Other values
 * are PYTHON_WASM_CONVERSION. */
python_wasm_status python_wasm_eval_json(python_wasm *py, const char *expression, char **json, char **error);

/* Evaluates an expression and returns the repr() of its value. */
python_wasm_status python_wasm_repr(python_wasm *py, const char *expression, char **repr, char **error);

/* Binds a name to a value in JSON. An integer has up to 100,000 digits. */
python_wasm_status python_wasm_set_json(python_wasm *py, const char *name, const char *json, char **error);

/* Raises KeyboardInterrupt in the code that is running. Does nothing between calls. Any thread may call it. */
void python_wasm_interrupt(const python_wasm *py);

/* Returns 1 if calls are still possible, otherwise 0. */
int python_wasm_is_usable(const python_wasm *py);

/* Free an interpreter, and a string that a function returned. Both ignore NULL. */
void python_wasm_free(python_wasm *py);
void python_wasm_string_free(char *string);

#ifdef __cplusplus
}
#endif

#endif
