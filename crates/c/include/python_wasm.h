/* CPython in a WebAssembly sandbox: the library python-wasm for C.
 *
 * A python_wasm is one interpreter with one namespace. One thread uses it at a
 * time, which may be another one each time; python_wasm_interrupt() alone may be
 * called from any thread while another one runs Python. After a fork() of the
 * process only one of the two may use it.
 *
 * Strings that go in are UTF-8 and end with NUL; strings that come out are the
 * caller's, to be given back to python_wasm_string_free(). Where a string that
 * comes out is not wanted, its place may be NULL.
 */
#ifndef PYTHON_WASM_H
#define PYTHON_WASM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct python_wasm python_wasm;

/* How a call ended. Except after PYTHON_WASM_UNUSABLE, _TRAP and _OUTPUT_LIMIT,
 * and where python_wasm_is_usable() says otherwise, every variable is still there. */
typedef enum python_wasm_status {
    PYTHON_WASM_OK = 0,
    PYTHON_WASM_EXCEPTION = 1,     /* not handled; the error is Python's traceback */
    PYTHON_WASM_EXIT = 2,          /* sys.exit(); the error names the status */
    PYTHON_WASM_INTERRUPTED = 3,
    PYTHON_WASM_TIMEOUT = 4,
    PYTHON_WASM_OUT_OF_FUEL = 5,
    PYTHON_WASM_OUT_OF_MEMORY = 6,
    PYTHON_WASM_OUTPUT_LIMIT = 7,
    PYTHON_WASM_DISK_LIMIT = 8,
    PYTHON_WASM_TRAP = 9,
    PYTHON_WASM_CONVERSION = 10,   /* a value that has no form outside of Python */
    PYTHON_WASM_ARGUMENT = 11,     /* NULL, no UTF-8, or no identifier */
    PYTHON_WASM_CONFIG = 12,       /* the options do not fit together, or cannot be had */
    PYTHON_WASM_IO = 13,           /* the host's own input or output failed */
    PYTHON_WASM_UNUSABLE = 14,     /* an earlier call ended the interpreter */
    PYTHON_WASM_PANIC = 15         /* a bug of this library */
} python_wasm_status;

typedef enum python_wasm_access {
    PYTHON_WASM_READ_ONLY = 0,
    PYTHON_WASM_READ_WRITE = 1,
    PYTHON_WASM_OVERLAY = 2        /* changes are kept in memory, and go with the interpreter */
} python_wasm_access;

/* A folder of the host, under an absolute name in the sandbox. */
typedef struct python_wasm_mount {
    const char *host;
    const char *guest;
    python_wasm_access access;
} python_wasm_mount;

/* What the sandbox may see and use. All zeros is the default: no folder, 1 GiB of
 * memory, 50,000,000 bytes of output; for each call a minute and 10,000,000,000
 * units of fuel. UINT64_MAX is no limit on time or fuel. */
typedef struct python_wasm_options {
    const python_wasm_mount *mounts;
    size_t mount_count;
    uint64_t memory;               /* bytes */
    uint64_t fuel;                 /* for each call */
    uint64_t timeout_ms;           /* for each call */
    uint64_t output;               /* bytes, in all */
} python_wasm_options;

/* Makes an interpreter. `options` may be NULL. On failure *py is NULL. */
python_wasm_status python_wasm_new(const python_wasm_options *options, python_wasm **py, char **error);

/* Runs source code. *output is what it printed, also after an error. */
python_wasm_status python_wasm_exec(python_wasm *py, const char *source, char **output, char **error);

/* The value of an expression as JSON. What JSON has not: tuples and sets are arrays, bytes are
 * arrays of numbers, infinities and NaN are null. */
python_wasm_status python_wasm_eval_json(python_wasm *py, const char *expression, char **json, char **error);

/* The repr() of the value of an expression. */
python_wasm_status python_wasm_repr(python_wasm *py, const char *expression, char **repr, char **error);

/* Binds a name to a value that is given as JSON. */
python_wasm_status python_wasm_set_json(python_wasm *py, const char *name, const char *json, char **error);

/* Raises KeyboardInterrupt where the code is. Nothing between calls. From any thread. */
void python_wasm_interrupt(const python_wasm *py);

/* Whether calls can still be made: 1 or 0. */
int python_wasm_is_usable(const python_wasm *py);

/* Frees an interpreter, and a string that came out. NULL is nothing. */
void python_wasm_free(python_wasm *py);
void python_wasm_string_free(char *string);

#ifdef __cplusplus
}
#endif

#endif
