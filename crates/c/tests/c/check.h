// What the tests in C share. Each program runs its tests and prints one line at the end.
#ifndef CHECK_H
#define CHECK_H

#define _POSIX_C_SOURCE 200809L

#include "python_wasm.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// Asserts that a call succeeds; prints why not.
#define OK(call)                                                                                                       \
    do {                                                                                                               \
        python_wasm_error *error = NULL;                                                                               \
        python_wasm_status status = (call);                                                                            \
        if (status != PYTHON_WASM_OK) {                                                                                \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, python_wasm_error_message(error));           \
            abort();                                                                                                   \
        }                                                                                                              \
        assert(error == NULL);                                                                                         \
    } while (0)

// Asserts that a call, whose place of an error is &error, fails with a status and a message that has a part.
#define FAILS(wanted, part, call)                                                                                      \
    do {                                                                                                               \
        python_wasm_error *error = NULL;                                                                               \
        python_wasm_status status = (call);                                                                            \
        const char *message = python_wasm_error_message(error);                                                        \
        if (status != (wanted) || message == NULL || strstr(message, part) == NULL) {                                  \
            fprintf(stderr, "%s:%d: %s: %s: %s\n", __FILE__, __LINE__, #call, python_wasm_status_name(status),         \
                    message == NULL ? "no message" : message);                                                         \
            abort();                                                                                                   \
        }                                                                                                              \
        assert(python_wasm_error_status(error) == (wanted));                                                           \
        python_wasm_error_free(error);                                                                                 \
    } while (0)

// Asserts what a string of the library is, and frees it.
#define IS(string, expected) is(__FILE__, __LINE__, string, expected)
#define HAS(string, part) has(__FILE__, __LINE__, string, part)

static inline void
is(const char *file, int line, char *text, const char *expected)
{
    if (text == NULL || strcmp(text, expected) != 0) {
        fprintf(stderr, "%s:%d: %s is not %s\n", file, line, text == NULL ? "NULL" : text, expected);
        abort();
    }
    python_wasm_string_free(text);
}

static inline void
has(const char *file, int line, char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        fprintf(stderr, "%s:%d: %s has no %s\n", file, line, text == NULL ? "NULL" : text, part);
        abort();
    }
    python_wasm_string_free(text);
}

// Makes an interpreter by options, or by the defaults.
static inline python_wasm *
made(const python_wasm_options *options)
{
    python_wasm *py = NULL;
    OK(python_wasm_new(options, &py, &error));
    assert(py != NULL);
    return py;
}

// Asserts what the repr() of an expression is.
static inline void
shows(python_wasm *py, const char *expression, const char *expected)
{
    char *text = NULL;
    OK(python_wasm_repr(py, expression, &text, &error));
    IS(text, expected);
}

static inline void
runs(python_wasm *py, const char *source)
{
    OK(python_wasm_exec(py, source, NULL, NULL, &error));
}

#endif
