// What the shim's files use of each other.

#ifndef PYTHON_WASM_SHIM_H
#define PYTHON_WASM_SHIM_H

#define EXPORT(name) __attribute__((export_name(name)))

// The command line, as the host gives it; it stays for as long as the process.
char **read_arguments(int *count);

// Goes where the program was started. When that is not granted, stays in "/".
void enter_cwd(void);

// Calls `preload` of the guest agent; -1 with an exception set.
int preload(void);

// Calls `adopt` of the guest agent; -1 with an exception set.
int adopt_environment(PyObject *environment, const wchar_t *pythonpath);

#endif
