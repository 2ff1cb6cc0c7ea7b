// Uses every function of the header and asserts what they do, one test for each; prints one line at the end.

#define _POSIX_C_SOURCE 200809L

#include "python_wasm.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// The folder of the host that test_new() mounts.
static const char *folder;

static python_wasm *
new(void)
{
    python_wasm *py;
    char *error;
    assert(python_wasm_new(NULL, &py, &error) == PYTHON_WASM_OK && py != NULL && error == NULL);
    return py;
}

// Asserts what a string of the library is, and frees it.
static void
check(char *text, const char *expected)
{
    if (text == NULL || strcmp(text, expected) != 0) {
        fprintf(stderr, "%s is not %s\n", text == NULL ? "NULL" : text, expected);
    }
    assert(text != NULL && strcmp(text, expected) == 0);
    python_wasm_string_free(text);
}

static void
check_part(char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        fprintf(stderr, "%s is not in %s\n", part, text == NULL ? "NULL" : text);
    }
    assert(text != NULL && strstr(text, part) != NULL);
    python_wasm_string_free(text);
}

static void
test_new(void)
{
    python_wasm_mount mount = {.host = folder, .guest = "/data", .access = PYTHON_WASM_READ_ONLY};
    python_wasm_options options = {.mounts = &mount, .mount_count = 1, .fuel = 50000000, .output = 1000};
    python_wasm *py;
    char *error, *text;
    assert(python_wasm_new(&options, &py, &error) == PYTHON_WASM_OK && py != NULL && error == NULL);
    assert(python_wasm_repr(py, "open('/data/a').read()", &text, NULL) == PYTHON_WASM_OK);
    check(text, "'from a file'");
    assert(python_wasm_exec(py, "open('/data/b', 'w')", NULL, NULL) == PYTHON_WASM_EXCEPTION);
    assert(python_wasm_exec(py, "while True: pass", NULL, NULL) == PYTHON_WASM_OUT_OF_FUEL);
    // Each call may print as much.
    for (int i = 0; i < 3; i++) {
        assert(python_wasm_exec(py, "print('x' * 900)", NULL, NULL) == PYTHON_WASM_OK);
    }
    assert(python_wasm_exec(py, "print('x' * 1000)", NULL, NULL) == PYTHON_WASM_OUTPUT_LIMIT);
    python_wasm_free(py);

    mount.access = PYTHON_WASM_OVERLAY;
    assert(python_wasm_new(&options, &py, NULL) == PYTHON_WASM_OK);
    assert(python_wasm_exec(py, "open('/data/a', 'w').close()", NULL, NULL) == PYTHON_WASM_OK);
    python_wasm_free(py);

    mount.host = "/no/such/folder";
    assert(python_wasm_new(&options, &py, &error) == PYTHON_WASM_CONFIG && py == NULL);
    check_part(error, "/no/such/folder");
    mount.host = folder;
    mount.access = 7;
    assert(python_wasm_new(&options, &py, &error) == PYTHON_WASM_ARGUMENT && py == NULL);
    check_part(error, "7 is not a value of python_wasm_access");
    assert(python_wasm_new(NULL, NULL, NULL) == PYTHON_WASM_ARGUMENT);
}

static void
test_exec(void)
{
    python_wasm *py = new();
    char *output, *error;
    assert(python_wasm_exec(py, "x = 40\nprint('hi')", &output, &error) == PYTHON_WASM_OK && error == NULL);
    check(output, "hi\n");
    assert(python_wasm_exec(py, "print('before')\n1 / 0", &output, &error) == PYTHON_WASM_EXCEPTION);
    check(output, "before\n");
    check_part(error, "ZeroDivisionError: division by zero");
    assert(python_wasm_exec(py, "import sys; sys.exit(3)", &output, &error) == PYTHON_WASM_EXIT);
    check(output, "");
    check_part(error, "3");
    assert(python_wasm_exec(py, "print('a\\0b')", &output, NULL) == PYTHON_WASM_OK);
    check(output, "a\xef\xbf\xbd" "b\n");
    assert(python_wasm_exec(py, "\xff", NULL, NULL) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_exec(py, NULL, NULL, NULL) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_exec(NULL, "1", NULL, NULL) == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
}

static void
test_stdout(void)
{
    python_wasm *py = new();
    char *text;
    assert(python_wasm_stdout(py, &text) == PYTHON_WASM_OK);
    check(text, "");
    assert(python_wasm_repr(py, "print('in an expression')", NULL, NULL) == PYTHON_WASM_OK);
    assert(python_wasm_stdout(py, &text) == PYTHON_WASM_OK);
    check(text, "in an expression\n");
    assert(python_wasm_exec(py, "pass", NULL, NULL) == PYTHON_WASM_OK);
    assert(python_wasm_stdout(py, &text) == PYTHON_WASM_OK);
    check(text, "");
    assert(python_wasm_stdout(NULL, &text) == PYTHON_WASM_ARGUMENT && text == NULL);
    python_wasm_free(py);
}

static void
test_stderr(void)
{
    python_wasm *py = new();
    char *output, *text;
    const char *source = "import sys\nprint('out')\nprint('err', file=sys.stderr)\nraise KeyError";
    assert(python_wasm_exec(py, source, &output, NULL) == PYTHON_WASM_EXCEPTION);
    check(output, "out\n");
    assert(python_wasm_stderr(py, &text) == PYTHON_WASM_OK);
    check(text, "err\n");
    assert(python_wasm_stderr(py, &text) == PYTHON_WASM_OK);
    check(text, "err\n");
    assert(python_wasm_stderr(NULL, NULL) == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
}

static void
test_eval_json(void)
{
    static const char *const values[][2] = {
        {"{'x': 42, 'l': (1, None)}", "{\"x\":42,\"l\":[1,null]}"},
        {"b'ab'", "[97,98]"},
        {"[bytearray(b'a'), memoryview(b'')]", "[[97],[]]"},
        {"[float('nan'), float('inf'), -float('inf'), 1.5]", "[null,null,null,1.5]"},
        {"[{1}, frozenset()]", "[[1],[]]"},
        {"2 ** 64", "18446744073709551616"},
        {"-10 ** 50", "-100000000000000000000000000000000000000000000000000"},
        {"{1: 2, None: True, 'k': 'v\"'}", "{\"1\":2,\"null\":true,\"k\":\"v\\\"\"}"},
    };
    python_wasm *py = new();
    char *text, *error;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert(python_wasm_eval_json(py, values[i][0], &text, NULL) == PYTHON_WASM_OK);
        check(text, values[i][1]);
    }
    assert(python_wasm_eval_json(py, "object()", &text, &error) == PYTHON_WASM_CONVERSION && text == NULL);
    check_part(error, "object");
    assert(python_wasm_eval_json(py, "{(): 1}", &text, NULL) == PYTHON_WASM_CONVERSION && text == NULL);
    assert(python_wasm_eval_json(py, "1 << 10 ** 6", &text, NULL) == PYTHON_WASM_CONVERSION);
    assert(python_wasm_eval_json(py, "nope", &text, NULL) == PYTHON_WASM_EXCEPTION && text == NULL);
    assert(python_wasm_eval_json(py, NULL, NULL, NULL) == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
}

static void
test_repr(void)
{
    python_wasm *py = new();
    char *text;
    assert(python_wasm_repr(py, "[1, 'a', object]", &text, NULL) == PYTHON_WASM_OK);
    check(text, "[1, 'a', <class 'object'>]");
    assert(python_wasm_repr(py, "1 +", &text, NULL) == PYTHON_WASM_EXCEPTION && text == NULL);
    python_wasm_free(py);
}

static void
test_set_json(void)
{
    python_wasm *py = new();
    char *text, *error;
    assert(python_wasm_set_json(py, "rows", "[[\"a\", 1.5], {\"b\": null}]", NULL) == PYTHON_WASM_OK);
    assert(python_wasm_set_json(py, "n", "9007199254740993123456", NULL) == PYTHON_WASM_OK);
    assert(python_wasm_repr(py, "rows, n", &text, NULL) == PYTHON_WASM_OK);
    check(text, "([['a', 1.5], {'b': None}], 9007199254740993123456)");
    assert(python_wasm_set_json(py, "x", "{", &error) == PYTHON_WASM_ARGUMENT);
    check_part(error, "not JSON");
    assert(python_wasm_set_json(py, "no name", "1", NULL) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_set_json(py, NULL, "1", NULL) == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
}

static atomic_int is_interrupted;

// Interrupts until the call has noticed, for it may not have begun.
static void *
interrupt(void *py)
{
    while (!is_interrupted) {
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        python_wasm_interrupt(py);
    }
    return NULL;
}

static void
test_interrupt(void)
{
    python_wasm *py = new();
    pthread_t thread;
    assert(python_wasm_exec(py, "x = 5", NULL, NULL) == PYTHON_WASM_OK);
    // Between calls an interrupt does nothing, whatever thread it comes from.
    python_wasm_interrupt(py);
    assert(python_wasm_exec(py, "x += 1", NULL, NULL) == PYTHON_WASM_OK);
    assert(pthread_create(&thread, NULL, interrupt, py) == 0);
    assert(python_wasm_exec(py, "while True: pass", NULL, NULL) == PYTHON_WASM_INTERRUPTED);
    is_interrupted = 1;
    assert(pthread_join(thread, NULL) == 0);
    char *text;
    assert(python_wasm_repr(py, "x", &text, NULL) == PYTHON_WASM_OK);
    check(text, "6");
    python_wasm_interrupt(NULL);
    python_wasm_free(py);
}

static void
test_is_usable(void)
{
    python_wasm *py = new();
    char *output, *error;
    assert(python_wasm_is_usable(py) == 1);
    const char *source = "print('last words', end=''); import os; os._exit(1)";
    assert(python_wasm_exec(py, source, &output, NULL) == PYTHON_WASM_EXIT);
    check(output, "last words");
    assert(python_wasm_is_usable(py) == 0);
    assert(python_wasm_exec(py, "1", NULL, &error) == PYTHON_WASM_UNUSABLE);
    check_part(error, "no longer be used");
    assert(python_wasm_is_usable(NULL) == 0);
    python_wasm_free(py);
}

static void
test_free_and_string_free(void)
{
    python_wasm_free(new());
    python_wasm_free(NULL);
    python_wasm_string_free(NULL);
}

int
main(int argc, char **argv)
{
    assert(argc == 2);
    folder = argv[1];
    test_new();
    test_exec();
    test_stdout();
    test_stderr();
    test_eval_json();
    test_repr();
    test_set_json();
    test_interrupt();
    test_is_usable();
    test_free_and_string_free();
    puts("all is well");
    return 0;
}
