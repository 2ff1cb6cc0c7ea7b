// What the shim's files use of each other.

#ifndef PYTHON_WASM_SHIM_H
#define PYTHON_WASM_SHIM_H

#include "Python.h"

#define EXPORT(name) __attribute__((export_name(name)))

// Requests to the host (crates/contract/src/host_call.rs; a test compares the numbers).
enum {
    HOST_AGAIN = 0,      // the last answer once more, for a larger buffer
    HOST_CWD = 1,        // -> the folder to start in
    HOST_READLINE = 2,   // a kind byte and the prompt -> a line with its newline
    HOST_GRANT = 3,      // a GRANT_ byte and an absolute path -> advice when it is not granted
    HOST_ENDED = 4,      // a byte for the limit that an uncaught exception met
    HOST_DUP = 5,        // one descriptor, or two -> the new one, or minus errno
    HOST_PAGE = 6,       // a text to read at the terminal, a screen at a time
    HOST_FUNCTION = 7,   // a message about functions of the host -> the answer
    HOST_SET_LOCK = 8,   // a lock -> 0, or minus errno
    HOST_FIND_LOCK = 9,  // a lock -> the kind of one in its way, or minus errno
    HOST_TERMINAL_SIZE = 10,  // a descriptor -> columns, and rows times 65536, or minus errno
};

// Asks the host for one number; minus ENOTSUP where it has no answer.
int32_t ask_number(int32_t op, const void *input, size_t input_size);

// Sets or releases a lock on a file; 0, or -1 with errno set.
int python_wasm_set_lock(int fd, int type, off_t start, off_t length);

// The command line, as the host gives it; it stays for as long as the process.
char **read_arguments(int *count);

// Reads a line by the host's editor, for PyOS_ReadlineFunctionPointer.
char *read_line(FILE *sys_stdin, FILE *sys_stdout, const char *prompt);

// The module _python_wasm_host.
PyMODINIT_FUNC PyInit__python_wasm_host(void);

// Makes the module's excepthook Python's own; -1 with an exception set.
int set_excepthook(void);

// Keeps memory back for the handling of MemoryError. Before Python allocates any.
void keep_reserve(void);

// Goes where the program was started. When that is not granted, stays in "/".
void enter_cwd(void);

// Calls `preload` of the guest agent; -1 with an exception set.
int preload(void);

// Calls `adopt` of the guest agent; -1 with an exception set.
int adopt_environment(PyObject *environment, const wchar_t *pythonpath);

#endif
