// Uses every function of the header and asserts what they do; prints one line at the end.

#include "python_wasm.h"
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void *
interrupt(void *py)
{
    python_wasm_interrupt(py);
    return NULL;
}

int
main(int argc, char **argv)
{
    assert(argc == 2);
    python_wasm_mount mount = {.host = argv[1], .guest = "/data", .access = PYTHON_WASM_READ_ONLY};
    python_wasm_options options = {.mounts = &mount, .mount_count = 1, .fuel = 50000000};
    python_wasm *py;
    char *output, *error, *text;
    assert(python_wasm_new(&options, &py, &error) == PYTHON_WASM_OK && py != NULL && error == NULL);

    assert(python_wasm_exec(py, "x = 40\nprint('hi')", &output, &error) == PYTHON_WASM_OK);
    assert(strcmp(output, "hi\n") == 0 && error == NULL);
    python_wasm_string_free(output);

    assert(python_wasm_eval_json(py, "{'x': x + 2, 'l': (1, None)}", &text, NULL) == PYTHON_WASM_OK);
    assert(strcmp(text, "{\"l\":[1,null],\"x\":42}") == 0);
    python_wasm_string_free(text);

    assert(python_wasm_set_json(py, "rows", "[[\"a\", 1.5], [\"b\", 2]]", NULL) == PYTHON_WASM_OK);
    assert(python_wasm_repr(py, "rows, open('/data/a').read()", &text, NULL) == PYTHON_WASM_OK);
    assert(strcmp(text, "([['a', 1.5], ['b', 2]], 'from a file')") == 0);
    python_wasm_string_free(text);

    assert(python_wasm_exec(py, "print('before')\n1 / 0", &output, &error) == PYTHON_WASM_EXCEPTION);
    assert(strcmp(output, "before\n") == 0);
    assert(strstr(error, "ZeroDivisionError: division by zero") != NULL);
    python_wasm_string_free(output);
    python_wasm_string_free(error);

    assert(python_wasm_exec(py, "while True: pass", NULL, NULL) == PYTHON_WASM_OUT_OF_FUEL);
    assert(python_wasm_exec(py, "import sys; sys.exit(3)", NULL, &error) == PYTHON_WASM_EXIT);
    python_wasm_string_free(error);
    assert(python_wasm_eval_json(py, "object()", &text, NULL) == PYTHON_WASM_CONVERSION && text == NULL);
    assert(python_wasm_exec(py, "\xff", NULL, NULL) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_exec(py, NULL, NULL, NULL) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_exec(NULL, "1", NULL, NULL) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_set_json(py, "x", "{", NULL) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_set_json(py, "no name", "1", NULL) == PYTHON_WASM_ARGUMENT);

    // Between calls an interrupt does nothing, whatever thread it comes from.
    pthread_t thread;
    assert(pthread_create(&thread, NULL, interrupt, py) == 0);
    assert(pthread_join(thread, NULL) == 0);

    assert(python_wasm_is_usable(py) == 1);
    assert(python_wasm_exec(py, "import os; os._exit(1)", NULL, NULL) == PYTHON_WASM_EXIT);
    assert(python_wasm_is_usable(py) == 0);
    assert(python_wasm_exec(py, "1", NULL, NULL) == PYTHON_WASM_UNUSABLE);
    python_wasm_free(py);

    mount.host = "/no/such/folder";
    assert(python_wasm_new(&options, &py, &error) == PYTHON_WASM_CONFIG && py == NULL);
    assert(strstr(error, "/no/such/folder") != NULL);
    python_wasm_string_free(error);
    python_wasm_free(NULL);
    python_wasm_string_free(NULL);
    puts("all is well");
    return 0;
}
