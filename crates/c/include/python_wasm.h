/* CPython in a WebAssembly sandbox: the library python-wasm for C. docs/c.md is the guide.
 *
 * Handles. python_wasm, python_wasm_snapshot, python_wasm_pool, python_wasm_error and python_wasm_reply are opaque, and
 * the library never follows them as pointers: one that is NULL, was freed, or is of another kind is
 * PYTHON_WASM_ARGUMENT. Each *_free() ignores NULL.
 *
 * Threads. Every function may be called from any thread. One call at a time uses an interpreter: a second one
 * meanwhile, from another thread or from a callback of the first, is PYTHON_WASM_BUSY and changes nothing.
 * python_wasm_interrupt(), python_wasm_terminate(), python_wasm_is_usable() and python_wasm_free() are for any moment.
 * Snapshots and pools are used by any number of threads at once. After a fork() of the process only the parent or the
 * child may go on with what there was.
 *
 * Arguments. Strings are UTF-8 and end with NUL; a path of the host is any bytes that end with NUL. Bytes have a size
 * beside them. Nothing that is passed is used after the call has returned, except for callbacks with their user data.
 *
 * Results. Each is set whatever the status is: to NULL after a failure. The caller owns each string and frees it with
 * python_wasm_string_free(), bytes with python_wasm_bytes_free(), and an error with python_wasm_error_free(). NULL can
 * be passed as the place of an error, and of a string that is not needed.
 *
 * Structs begin with their size, `{.size = sizeof(python_wasm_options)}`. All other zeros are the defaults. Later
 * versions of the library add fields at the end; a program that was compiled with an earlier header keeps working. */
#ifndef PYTHON_WASM_H
#define PYTHON_WASM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PYTHON_WASM_VERSION "0.1.0"

typedef struct python_wasm python_wasm;                   /* an interpreter with one namespace, alone in its sandbox */
typedef struct python_wasm_snapshot python_wasm_snapshot; /* the state of one, to start others from */
typedef struct python_wasm_pool python_wasm_pool;         /* interpreters made in advance */
typedef struct python_wasm_error python_wasm_error;       /* why a call failed */
typedef struct python_wasm_reply python_wasm_reply;       /* the result of a function that Python calls */

/* How a call ended. An interpreter keeps all its variables as long as python_wasm_is_usable() returns 1. It does not
 * after PYTHON_WASM_TRAP, PYTHON_WASM_OUTPUT_LIMIT and python_wasm_terminate(), nor after an interrupt or a limit that
 * the program ignored. */
typedef enum python_wasm_status {
    PYTHON_WASM_OK = 0,
    PYTHON_WASM_EXCEPTION = 1,     /* Python raised an exception that the code did not handle */
    PYTHON_WASM_EXIT = 2,          /* sys.exit(); see python_wasm_error_exit_status() */
    PYTHON_WASM_INTERRUPTED = 3,   /* by python_wasm_interrupt() or python_wasm_terminate() */
    PYTHON_WASM_TIMEOUT = 4,
    PYTHON_WASM_OUT_OF_FUEL = 5,
    PYTHON_WASM_OUT_OF_MEMORY = 6, /* MemoryError; or the host has no memory for the result */
    PYTHON_WASM_OUTPUT_LIMIT = 7,
    PYTHON_WASM_DISK_LIMIT = 8,    /* OSError with ENOSPC */
    PYTHON_WASM_TRAP = 9,          /* Python did what WebAssembly forbids */
    PYTHON_WASM_CONVERSION = 10,   /* the value cannot be represented outside Python, or as JSON */
    PYTHON_WASM_ARGUMENT = 11,     /* NULL, freed, not UTF-8, not JSON, or not an identifier */
    PYTHON_WASM_CONFIG = 12,       /* the options contradict each other, or cannot be granted */
    PYTHON_WASM_IO = 13,           /* input or output of the host failed; see python_wasm_error_number() */
    PYTHON_WASM_UNUSABLE = 14,     /* an earlier call ended the interpreter */
    PYTHON_WASM_PANIC = 15,        /* a bug in this library */
    PYTHON_WASM_MEMORY_LIMIT = 16, /* the limit on memory is less than Python needs to start */
    PYTHON_WASM_SNAPSHOT = 17,     /* a snapshot cannot be taken, or cannot be used here */
    PYTHON_WASM_BUSY = 18,         /* the interpreter is in a call that has not ended */
    PYTHON_WASM_EMPTY = 19         /* no interpreter of a pool was ready in time */
} python_wasm_status;

/* Returns a few words for a status, such as "out of fuel". They need not be freed. */
const char *python_wasm_status_name(int status);

/* Returns the version of the library, which PYTHON_WASM_VERSION is for the header. It need not be freed. */
const char *python_wasm_version(void);

/* ---- Errors ---- */

/* An error's strings belong to it: they are valid until python_wasm_error_free(). For what is not an error each
 * function returns PYTHON_WASM_ARGUMENT, NULL or 0. */
python_wasm_status python_wasm_error_status(const python_wasm_error *error);
/* One or more lines that name the value and the reason; for an exception "ValueError: ..." */
const char *python_wasm_error_message(const python_wasm_error *error);
/* An exception's traceback as Python prints it, and its type, such as "ValueError" or "json.decoder.JSONDecodeError".
 * NULL if the failure was not an exception. */
const char *python_wasm_error_traceback(const python_wasm_error *error);
const char *python_wasm_error_type(const python_wasm_error *error);
/* The status of sys.exit(), for PYTHON_WASM_EXIT. */
int python_wasm_error_exit_status(const python_wasm_error *error);
/* The host's errno, or 0 if it has nothing to do with the failure. */
int python_wasm_error_number(const python_wasm_error *error);
/* All of it as JSON: "status", "message"; of an exception "type", "text", "frames" ("file", "line", "function",
 * "source", the innermost last), "notes", "cause" and "traceback"; "exit_status"; "errno". */
const char *python_wasm_error_json(const python_wasm_error *error);
void python_wasm_error_free(python_wasm_error *error);

/* ---- Options ---- */

/* How much a sandbox may use. 0 is the default (or what it was, where a sandbox exists), UINT64_MAX is no limit. Time,
 * fuel, output and calls of functions are for each call; the rest is for the life of the sandbox. */
typedef struct python_wasm_limits {
    size_t size;
    uint64_t memory;               /* bytes, up to 4 GiB; default 1 GiB */
    uint64_t fuel;                 /* units of work; default 10,000,000,000 */
    uint64_t timeout_ms;           /* sleeping and waiting included; default one minute */
    uint64_t output;               /* bytes to standard output and error; default 50,000,000 */
    uint64_t disk;                 /* bytes by which all writable folders may grow; default 1 GiB */
    uint64_t files;                /* files and folders that may be made; default 100,000 */
    uint64_t open_files;           /* descriptors, about a dozen of the sandbox's own included; default 256 */
    uint64_t call_bytes;           /* bytes of one read or write, which is cut short; default 64 MiB */
    uint64_t host_calls;           /* calls of functions of the host; default no limit */
    uint64_t host_time_ms;         /* the time in functions of the host; default no limit */
} python_wasm_limits;

typedef enum python_wasm_access {
    PYTHON_WASM_READ_ONLY = 0,
    PYTHON_WASM_READ_WRITE = 1,
    PYTHON_WASM_OVERLAY = 2,       /* changes stay in memory: python_wasm_overlay_diff() */
    PYTHON_WASM_MEMORY = 3         /* an empty folder in memory; `host` is not used */
} python_wasm_access;

/* A folder of the host and its absolute path in the sandbox. All elements of an array have the same size. */
typedef struct python_wasm_mount {
    size_t size;
    const char *host;
    const char *guest;
    python_wasm_access access;
} python_wasm_mount;

/* Is called once with the user data of a callback, when that will not be called any more: when the last interpreter or
 * snapshot that has it is freed, on the thread that does so (or on one of a pool's); or at once if python_wasm_new() or
 * another function with options fails, unless a `size` in them is wrong. May be NULL. */
typedef void (*python_wasm_finalize)(void *user_data);

/* Gets what Python prints: each line when it is printed, and what is left at the end of the call. Called on the thread
 * that made the call, and never after python_wasm_free(). Returns 0, or an errno such as EPIPE or EIO, which Python
 * raises as an OSError; if Python cannot be told any more, the call is PYTHON_WASM_IO. No limit or interrupt stops
 * Python while it waits for the callback. */
typedef struct python_wasm_stream {
    size_t size;
    int (*write)(void *user_data, const char *bytes, size_t size);
    void *user_data;
    python_wasm_finalize finalize;
} python_wasm_stream;

/* A function that Python finds in the module `host` and calls with any arguments.
 *
 * `call` gets a JSON array of the positional arguments and a JSON object of the keywords, as python_wasm_eval_json()
 * writes them, and leaves its result by python_wasm_reply_json() or an exception by python_wasm_reply_error(); without
 * either it is None. It is called on the thread that called Python. Forks and snapshots share it, so it is called by
 * several threads at once if their calls are. It may use any other interpreter; the one that calls it is
 * PYTHON_WASM_BUSY. It must return: neither longjmp() nor a C++ exception may leave it.
 *
 * With a `schema`, a JSON Schema of an object, the function is a tool: its properties are parameters with names and
 * defaults, those that are "required" also by position, and all of them arrive as keywords. What does not fit is a
 * TypeError in Python; the types are the callback's to check. */
typedef struct python_wasm_function {
    size_t size;
    const char *name;
    const char *description;       /* the docstring, and what a model is told; may be NULL */
    const char *schema;            /* may be NULL */
    void (*call)(void *user_data, const char *arguments, const char *keywords, python_wasm_reply *reply);
    void *user_data;
    python_wasm_finalize finalize;
} python_wasm_function;

typedef enum python_wasm_engine {
    PYTHON_WASM_ENGINE_DEFAULT = 0, /* or the snapshot's */
    PYTHON_WASM_ENGINE_WASMI = 1,   /* the interpreter, which every build has */
    PYTHON_WASM_ENGINE_NATIVE = 2   /* machine code compiled ahead of time, in builds with the feature `native` */
} python_wasm_engine;

/* What a sandbox may see and use. */
typedef struct python_wasm_options {
    size_t size;
    const python_wasm_limits *limits;
    const python_wasm_mount *mounts;
    size_t mount_count;
    const char *const *sites;       /* folders of the host with packages, as `pip install --target` makes them */
    size_t site_count;
    const char *bytecode_cache;     /* a folder of the host that keeps the bytecode of what is only read */
    const char *const *environment; /* NAME=value */
    size_t environment_count;
    const char *const *arguments;   /* sys.argv */
    size_t argument_count;
    const void *input;              /* standard input */
    size_t input_size;
    const python_wasm_stream *output; /* NULL: python_wasm_stdout() has it */
    const python_wasm_stream *errors; /* NULL: python_wasm_stderr() has it */
    const python_wasm_function *functions;
    size_t function_count;
    const uint64_t *seed;           /* makes all randomness a function of this number */
    const uint64_t *clock_ms;       /* milliseconds since 1970 at which time stands still, except for sleep */
    python_wasm_engine engine;
    const char *image;              /* a file of the host that python_wasm_prepare() wrote, to start from */
} python_wasm_options;

/* ---- Interpreters ---- */

/* Makes an interpreter. `options` may be NULL. */
python_wasm_status python_wasm_new(const python_wasm_options *options, python_wasm **py, python_wasm_error **error);

/* Runs source code, and writes the Python that has run it to a file of the host: `image` of other options starts from
 * there, with everything imported. What the source has put into __main__ is dropped; the content of `sites` is kept.
 * PYTHON_WASM_SNAPSHOT if it has left files open. docs/images.md says what an image is. */
python_wasm_status python_wasm_prepare(const python_wasm_options *options, const char *source, const char *file,
                                       python_wasm_error **error);

/* Frees an interpreter. A call of another thread is ended as by python_wasm_terminate() and waited for, so no callback
 * of this interpreter is called after it has returned. In such a callback it is PYTHON_WASM_BUSY. */
python_wasm_status python_wasm_free(python_wasm *py);

/* Raises KeyboardInterrupt in the code that is running. Does nothing between calls. */
python_wasm_status python_wasm_interrupt(const python_wasm *py);

/* Ends the code that is running, whatever it does, and the interpreter with it; between calls the next one. */
python_wasm_status python_wasm_terminate(const python_wasm *py);

/* Returns 1 if calls are possible, or one is under way; otherwise 0. */
int python_wasm_is_usable(const python_wasm *py);

/* Sets limits for the calls that follow. PYTHON_WASM_CONFIG for more memory than the sandbox was made with, and for
 * other limits on disk, files, open_files and call_bytes, which are for its whole life. */
python_wasm_status python_wasm_set_limits(python_wasm *py, const python_wasm_limits *limits, python_wasm_error **error);

/* Fills `limits`, whose size must be set, with those of the next call. UINT64_MAX is no limit. */
python_wasm_status python_wasm_get_limits(python_wasm *py, python_wasm_limits *limits, python_wasm_error **error);

/* ---- Calls ---- */

/* Runs source code in the namespace of __main__. Tracebacks show `file`, which may be NULL. *output is what was printed
 * to standard output, even after a failure; a NUL in it is U+FFFD. */
python_wasm_status python_wasm_exec(python_wasm *py, const char *source, const char *file, char **output,
                                    python_wasm_error **error);

/* Runs a file of the sandbox as `python3 path` does, in the same namespace; and a module as `python3 -m name` does. */
python_wasm_status python_wasm_run_file(python_wasm *py, const char *path, char **output, python_wasm_error **error);
python_wasm_status python_wasm_run_module(python_wasm *py, const char *name, const char *const *arguments,
                                          size_t argument_count, char **output, python_wasm_error **error);

/* Evaluates an expression and returns its value as JSON, dicts in their order. Tuples and sets become arrays, bytes
 * become arrays of numbers, infinities and NaN become null, and keys that are numbers, True, False or None become
 * strings. All integers of a value together have up to 100,000 digits. Other values are PYTHON_WASM_CONVERSION. */
python_wasm_status python_wasm_eval_json(python_wasm *py, const char *expression, char **json,
                                         python_wasm_error **error);

/* Evaluates an expression and returns the repr() of its value. */
python_wasm_status python_wasm_repr(python_wasm *py, const char *expression, char **repr, python_wasm_error **error);

/* Binds a name to a value in JSON. An integer has up to 100,000 digits. */
python_wasm_status python_wasm_set_json(python_wasm *py, const char *name, const char *json, python_wasm_error **error);

/* Calls a function by its name, which may be dotted. `arguments` is a JSON array and `keywords` a JSON object, or NULL.
 * Returns the result as python_wasm_eval_json() does. */
python_wasm_status python_wasm_call_json(python_wasm *py, const char *name, const char *arguments, const char *keywords,
                                         char **json, python_wasm_error **error);

/* What the last call printed, even if it failed, unless a callback got it. With `size` the bytes are as they are, and a
 * NUL follows them; without (NULL), a NUL among them is U+FFFD. */
python_wasm_status python_wasm_stdout(python_wasm *py, char **printed, size_t *size, python_wasm_error **error);
python_wasm_status python_wasm_stderr(python_wasm *py, char **printed, size_t *size, python_wasm_error **error);

/* What the last call cost. */
typedef struct python_wasm_stats {
    size_t size;
    uint64_t wall_ns;              /* the time, sleep and waiting included */
    uint64_t host_ns;              /* the part of it that functions of the host took */
    uint64_t fuel;
    uint64_t peak_memory;          /* the most bytes of memory since the interpreter was made */
    uint64_t syscalls;             /* calls to WASI */
    uint64_t bytes_in;             /* read from files and streams */
    uint64_t bytes_out;            /* written to files and streams */
} python_wasm_stats;

/* Fills `stats`, whose size must be set. */
python_wasm_status python_wasm_get_stats(python_wasm *py, python_wasm_stats *stats, python_wasm_error **error);

/* ---- Functions of the host ---- */

/* Leave the result of a function that Python calls, as JSON; or an exception, whose `type` is the name of a built-in
 * one, or NULL for host.Error. The last one counts. What is not JSON, or not UTF-8, is PYTHON_WASM_ARGUMENT here and an
 * exception in Python. A reply ends with its callback: after that it is PYTHON_WASM_ARGUMENT. */
python_wasm_status python_wasm_reply_json(python_wasm_reply *reply, const char *json);
python_wasm_status python_wasm_reply_error(python_wasm_reply *reply, const char *type, const char *message);

/* The functions with a schema as language models are told of them: a JSON array of "name", "description" and
 * "parameters". */
python_wasm_status python_wasm_tools(python_wasm *py, char **json, python_wasm_error **error);

/* ---- Files ---- */

/* `mount` is the name of a folder in the sandbox: one that was mounted, or "/tmp". A path is relative to it and cannot
 * lead out of it. What is written counts for the limits on disk and files. They work before Python starts, and after it
 * is lost. What the program wrote and has not flushed is not there yet. PYTHON_WASM_ARGUMENT if no folder has the name.
 */
python_wasm_status python_wasm_file_read(python_wasm *py, const char *mount, const char *path, unsigned char **content,
                                         size_t *size, python_wasm_error **error);
python_wasm_status python_wasm_file_write(python_wasm *py, const char *mount, const char *path, const void *content,
                                          size_t size, python_wasm_error **error);
/* {"name": ..., "kind": "file", "folder", "link" or "other", "size": bytes}; a link is not followed. */
python_wasm_status python_wasm_file_entry(python_wasm *py, const char *mount, const char *path, char **json,
                                          python_wasm_error **error);
/* Removes a file, a link or an empty folder. */
python_wasm_status python_wasm_file_remove(python_wasm *py, const char *mount, const char *path,
                                           python_wasm_error **error);
python_wasm_status python_wasm_folder_create(python_wasm *py, const char *mount, const char *path,
                                             python_wasm_error **error);
/* An array of such entries, sorted by name. The path "." is the mounted folder. */
python_wasm_status python_wasm_folder_list(python_wasm *py, const char *mount, const char *path, char **json,
                                           python_wasm_error **error);

/* The changes in a folder that is PYTHON_WASM_OVERLAY, as [{"path": ..., "kind": "added", "changed" or "removed"}].
 * Commit applies them to the folder of the host and returns them (`json` may be NULL); discard forgets them. */
python_wasm_status python_wasm_overlay_diff(python_wasm *py, const char *mount, char **json, python_wasm_error **error);
python_wasm_status python_wasm_overlay_commit(python_wasm *py, const char *mount, char **json,
                                              python_wasm_error **error);
python_wasm_status python_wasm_overlay_discard(python_wasm *py, const char *mount, python_wasm_error **error);

/* ---- Snapshots ---- */

/* Takes the whole state of an interpreter: objects, open files, files in memory. Not possible in a callback. A
 * checkpoint is quicker to take and slower to start from: it suits a state to which one hardly ever goes back. */
python_wasm_status python_wasm_snapshot_take(python_wasm *py, python_wasm_snapshot **snapshot,
                                             python_wasm_error **error);
python_wasm_status python_wasm_checkpoint(python_wasm *py, python_wasm_snapshot **snapshot, python_wasm_error **error);
python_wasm_status python_wasm_snapshot_free(python_wasm_snapshot *snapshot);

/* Makes an interpreter that goes on from a snapshot, or from the state of another one. It has the limits, the functions
 * and the folders that were there, and those of `options`, which may be NULL: functions replace those of the same
 * names. Streams are its own. PYTHON_WASM_CONFIG for what does not fit a Python that has started: a clock, a variable
 * PYTHON..., a folder at a name that is taken, other limits on disk, files, open_files and call_bytes. */
python_wasm_status python_wasm_snapshot_spawn(const python_wasm_snapshot *snapshot, const python_wasm_options *options,
                                              python_wasm **py, python_wasm_error **error);
python_wasm_status python_wasm_fork(python_wasm *py, const python_wasm_options *options, python_wasm **fork,
                                    python_wasm_error **error);

/* Replaces the state of an interpreter by a snapshot's. It keeps its streams, limits and functions, and is usable
 * again. */
python_wasm_status python_wasm_restore(python_wasm *py, const python_wasm_snapshot *snapshot,
                                       python_wasm_error **error);

/* Returns the bytes that a snapshot takes in memory, those that it shares with others included. */
size_t python_wasm_snapshot_size(const python_wasm_snapshot *snapshot);

/* Write a snapshot to a file or to bytes, and read it. Any program with the same CPython can read it. Functions are not
 * part of it, nor are folders of the host: a snapshot that needs some is PYTHON_WASM_SNAPSHOT here, and
 * python_wasm_resume() grants them. */
python_wasm_status python_wasm_snapshot_save(const python_wasm_snapshot *snapshot, const char *file,
                                             python_wasm_error **error);
python_wasm_status python_wasm_snapshot_to_bytes(const python_wasm_snapshot *snapshot, unsigned char **content,
                                                 size_t *size, python_wasm_error **error);
python_wasm_status python_wasm_snapshot_load(const char *file, python_wasm_snapshot **snapshot,
                                             python_wasm_error **error);
python_wasm_status python_wasm_snapshot_from_bytes(const void *content, size_t size, python_wasm_snapshot **snapshot,
                                                   python_wasm_error **error);

/* Make an interpreter that goes on from a file or from bytes, with what `options` grant: the folders of the host that
 * the saved one had, under the same names, and whatever python_wasm_snapshot_spawn() takes. */
python_wasm_status python_wasm_resume(const char *file, const python_wasm_options *options, python_wasm **py,
                                      python_wasm_error **error);
python_wasm_status python_wasm_resume_bytes(const void *content, size_t size, const python_wasm_options *options,
                                            python_wasm **py, python_wasm_error **error);

/* Tell what a saved snapshot is for without loading it: {"fits": whether this library can use it, "misfit": if not why,
 * "identity": the hash of the CPython that it needs, "made_by", "memory": bytes, "folders": the names that
 * python_wasm_resume() must grant, "size": bytes of the file, "format"}. PYTHON_WASM_SNAPSHOT if it is not one at all.
 */
python_wasm_status python_wasm_snapshot_inspect(const char *file, char **json, python_wasm_error **error);
python_wasm_status python_wasm_snapshot_inspect_bytes(const void *content, size_t size, char **json,
                                                      python_wasm_error **error);

/* ---- Pools ---- */

/* Makes `size` interpreters that go on from a snapshot, and a thread that replaces those that were used. The snapshot
 * can be freed. */
python_wasm_status python_wasm_pool_new(const python_wasm_snapshot *snapshot, size_t size, python_wasm_pool **pool,
                                        python_wasm_error **error);

/* Takes an interpreter out. Waits until one is ready, but no longer than `wait_ms`: then it is PYTHON_WASM_EMPTY. It is
 * used as any other, and python_wasm_free() gives it back, to be replaced by a fresh one. */
python_wasm_status python_wasm_pool_checkout(const python_wasm_pool *pool, uint64_t wait_ms, python_wasm **py,
                                             python_wasm_error **error);

/* Frees a pool. Interpreters that are out stay. Waits for threads that wait for one. */
python_wasm_status python_wasm_pool_free(python_wasm_pool *pool);

/* ---- Memory ---- */

/* Free a string, and bytes, that a function returned. Both ignore NULL. */
void python_wasm_string_free(char *string);
void python_wasm_bytes_free(unsigned char *bytes);

/* Returns how many interpreters, snapshots, pools and errors have not been freed: what checkers of leaks cannot see. */
size_t python_wasm_live_handles(void);

#ifdef __cplusplus
}
#endif

#endif
