// What the shim's files use of each other.

#ifndef PYTHON_WASM_SHIM_H
#define PYTHON_WASM_SHIM_H

#include "Python.h"

#define EXPORT(name) __attribute__((export_name(name)))

// What an export begins with that runs Python. numpy's functions are a part of the module that is fetched when one of
// them is called by its name (cpython/src/split). When memory was restored that knows their addresses, that is now.
#ifdef WITH_NUMPY
extern int numpy_used;
void numpy_arrive(void);
#define ARRIVE() (numpy_used ? numpy_arrive() : (void)0)
#else
#define ARRIVE() ((void)0)
#endif

// The command line, as the host gives it; it stays for as long as the process.
char **read_arguments(int *count);

// Reads a line by the host's editor, for PyOS_ReadlineFunctionPointer.
char *read_line(FILE *sys_stdin, FILE *sys_stdout, const char *prompt);

// The module _python_wasm_host.
PyMODINIT_FUNC PyInit__python_wasm_host(void);

// Functions of that module: what it offers for files.
extern PyMethodDef file_methods[];

// Makes the module's excepthook Python's own; -1 with an exception set.
int set_excepthook(void);

// Makes the module's chmod that of os; -1 with an exception set.
int set_chmod(void);

// Keeps memory back for the handling of MemoryError. Before Python allocates any.
void keep_reserve(void);

// Goes where the program was started. When that is not granted, stays in "/".
void enter_cwd(void);

// Calls `preload` of the guest agent; -1 with an exception set.
int preload(void);

// Calls `adopt` of the guest agent; -1 with an exception set.
int adopt_environment(PyObject *environment, const wchar_t *pythonpath);

#endif
