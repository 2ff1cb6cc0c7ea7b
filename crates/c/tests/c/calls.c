// Running Python: what calls return, print and cost, and how they are stopped.

#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static void
test_new_and_free(void)
{
    python_wasm *py = made(NULL);
    OK(python_wasm_free(py));
    OK(python_wasm_free(NULL));
    assert(python_wasm_new(NULL, NULL, NULL) == PYTHON_WASM_ARGUMENT);
    FAILS(PYTHON_WASM_ARGUMENT, "the place of the interpreter is NULL", python_wasm_new(NULL, NULL, &error));
}

static void
test_exec(void)
{
    python_wasm *py = made(NULL);
    char *output;
    OK(python_wasm_exec(py, "x = 40\nprint('hi')", NULL, &output, &error));
    IS(output, "hi\n");
    FAILS(PYTHON_WASM_EXCEPTION, "ZeroDivisionError: division by zero",
          python_wasm_exec(py, "print('before')\n1 / 0", NULL, &output, &error));
    IS(output, "before\n");
    FAILS(PYTHON_WASM_EXIT, "python exited with status 3",
          python_wasm_exec(py, "import sys; sys.exit(3)", NULL, &output, &error));
    IS(output, "");
    OK(python_wasm_exec(py, "print('a\\0b')", NULL, &output, &error));
    IS(output, "a\xef\xbf\xbd" "b\n");
    FAILS(PYTHON_WASM_ARGUMENT, "the source is not UTF-8", python_wasm_exec(py, "\xff", NULL, &output, &error));
    assert(output == NULL);
    FAILS(PYTHON_WASM_ARGUMENT, "the source is NULL", python_wasm_exec(py, NULL, NULL, NULL, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the interpreter is NULL", python_wasm_exec(NULL, "1", NULL, NULL, &error));
    OK(python_wasm_exec(py, "import sys\nfile = sys._getframe().f_code.co_filename", "plugin.py", NULL, &error));
    shows(py, "file", "'plugin.py'");
    python_wasm_free(py);
}

static void
test_run_file_and_run_module(void)
{
    python_wasm *py = made(NULL);
    const char *source = "import sys\nprint(__name__, sys.argv[1:])\ny = 7";
    char *output;
    OK(python_wasm_file_write(py, "/tmp", "program.py", source, strlen(source), &error));
    OK(python_wasm_run_file(py, "/tmp/program.py", &output, &error));
    IS(output, "__main__ []\n");
    shows(py, "y", "7");
    runs(py, "sys.path.append('/tmp')");
    const char *arguments[] = {"-x", "y z"};
    OK(python_wasm_run_module(py, "program", arguments, COUNT(arguments), &output, &error));
    IS(output, "__main__ ['-x', 'y z']\n");
    FAILS(PYTHON_WASM_EXCEPTION, "FileNotFoundError", python_wasm_run_file(py, "/tmp/none.py", NULL, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the path is NULL", python_wasm_run_file(py, NULL, &output, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the arguments is NULL, and its count is 1",
          python_wasm_run_module(py, "program", NULL, 1, &output, &error));
    const char *none[] = {NULL};
    FAILS(PYTHON_WASM_ARGUMENT, "the arguments[0] is NULL",
          python_wasm_run_module(py, "program", none, 1, &output, &error));
    python_wasm_free(py);
}

static void
test_stdout(void)
{
    python_wasm *py = made(NULL);
    char *text;
    size_t size;
    OK(python_wasm_stdout(py, &text, NULL, &error));
    IS(text, "");
    OK(python_wasm_repr(py, "print('in an expression')", NULL, &error));
    OK(python_wasm_stdout(py, &text, NULL, &error));
    IS(text, "in an expression\n");
    runs(py, "print('a\\0b')");
    OK(python_wasm_stdout(py, &text, &size, &error));
    assert(size == 4 && memcmp(text, "a\0b\n", 5) == 0);
    python_wasm_string_free(text);
    OK(python_wasm_stdout(py, &text, NULL, &error));
    IS(text, "a\xef\xbf\xbd" "b\n");
    OK(python_wasm_stdout(py, NULL, &size, &error));
    assert(size == 4);
    FAILS(PYTHON_WASM_ARGUMENT, "is NULL", python_wasm_stdout(NULL, &text, NULL, &error));
    assert(text == NULL);
    python_wasm_free(py);
}

static void
test_stderr(void)
{
    python_wasm *py = made(NULL);
    char *output, *text;
    size_t size;
    const char *source = "import sys\nprint('out')\nprint('err', file=sys.stderr)\nraise KeyError";
    FAILS(PYTHON_WASM_EXCEPTION, "KeyError", python_wasm_exec(py, source, NULL, &output, &error));
    IS(output, "out\n");
    for (int i = 0; i < 2; i++) {
        OK(python_wasm_stderr(py, &text, &size, &error));
        assert(size == 4);
        IS(text, "err\n");
    }
    FAILS(PYTHON_WASM_ARGUMENT, "is NULL", python_wasm_stderr(NULL, &text, NULL, &error));
    python_wasm_free(py);
}

static void
test_eval_json(void)
{
    python_wasm *py = made(NULL);
    char *json;
    const char *expression = "{'a': (1, 2.5), 1: {None}, 'b': b'x', 'n': 2 ** 70, 'i': float('inf'), 't': True, 's': 'ä'}";
    OK(python_wasm_eval_json(py, expression, &json, &error));
    IS(json, "{\"a\":[1,2.5],\"1\":[null],\"b\":[120],\"n\":1180591620717411303424,\"i\":null,\"t\":true,\"s\":\"ä\"}");
    FAILS(PYTHON_WASM_CONVERSION, "has no form in JSON", python_wasm_eval_json(py, "object()", &json, &error));
    assert(json == NULL);
    FAILS(PYTHON_WASM_CONVERSION, "too many digits", python_wasm_eval_json(py, "1 << 400000", &json, &error));
    FAILS(PYTHON_WASM_EXCEPTION, "NameError", python_wasm_eval_json(py, "none_such", &json, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the expression is NULL", python_wasm_eval_json(py, NULL, &json, &error));
    python_wasm_free(py);
}

static void
test_repr(void)
{
    python_wasm *py = made(NULL);
    char *text;
    shows(py, "[1, 'a\\0b', range(3)]", "[1, 'a\\x00b', range(0, 3)]");
    FAILS(PYTHON_WASM_EXCEPTION, "SyntaxError", python_wasm_repr(py, "1 +", &text, &error));
    assert(text == NULL);
    python_wasm_free(py);
}

static void
test_set_json(void)
{
    python_wasm *py = made(NULL);
    OK(python_wasm_set_json(py, "rows", "[[\"a\", 1.5], {\"b\": null}]", &error));
    OK(python_wasm_set_json(py, "n", "9007199254740993123456", &error));
    shows(py, "rows, n", "([['a', 1.5], {'b': None}], 9007199254740993123456)");
    FAILS(PYTHON_WASM_ARGUMENT, "not JSON", python_wasm_set_json(py, "x", "{", &error));
    FAILS(PYTHON_WASM_ARGUMENT, "'no name' is not an identifier", python_wasm_set_json(py, "no name", "1", &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the name is NULL", python_wasm_set_json(py, NULL, "1", &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the value is NULL", python_wasm_set_json(py, "x", NULL, &error));
    python_wasm_free(py);
}

static void
test_call_json(void)
{
    python_wasm *py = made(NULL);
    char *json;
    runs(py, "import os\ndef f(*args, **kwargs): return [args, kwargs]");
    OK(python_wasm_call_json(py, "f", "[1, [2]]", "{\"b\": 3, \"a\": null}", &json, &error));
    IS(json, "[[1,[2]],{\"b\":3,\"a\":null}]");
    OK(python_wasm_call_json(py, "f", NULL, NULL, &json, &error));
    IS(json, "[[],{}]");
    OK(python_wasm_call_json(py, "os.path.join", "[\"a\", \"b\"]", NULL, &json, &error));
    IS(json, "\"a/b\"");
    OK(python_wasm_call_json(py, "f", NULL, NULL, NULL, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "not a JSON array", python_wasm_call_json(py, "f", "1", NULL, &json, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "not a JSON object", python_wasm_call_json(py, "f", NULL, "[]", &json, &error));
    FAILS(PYTHON_WASM_EXCEPTION, "NameError", python_wasm_call_json(py, "g", NULL, NULL, &json, &error));
    FAILS(PYTHON_WASM_EXCEPTION, "TypeError", python_wasm_call_json(py, "os.getpid", "[1]", NULL, &json, &error));
    python_wasm_free(py);
}

static void
test_get_stats(void)
{
    python_wasm *py = made(NULL);
    python_wasm_stats stats = {.size = sizeof stats};
    runs(py, "import time\nfor _ in range(10000): pass\ntime.sleep(0.01)\nopen('/tmp/f', 'w').write('x' * 1000)");
    OK(python_wasm_get_stats(py, &stats, &error));
    assert(stats.size == sizeof stats && stats.wall_ns > 10000000 && stats.host_ns == 0 && stats.fuel > 10000);
    assert(stats.peak_memory > 1 << 20 && stats.syscalls > 2 && stats.bytes_out >= 1000);
    uint64_t fuel = stats.fuel;
    runs(py, "pass");
    OK(python_wasm_get_stats(py, &stats, &error));
    assert(stats.fuel < fuel && stats.bytes_out == 0);
    stats.size = 8;
    FAILS(PYTHON_WASM_ARGUMENT, "stats.size is 8: set it to sizeof(python_wasm_stats)",
          python_wasm_get_stats(py, &stats, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the place of stats is NULL", python_wasm_get_stats(py, NULL, &error));
    python_wasm_free(py);
}

static atomic_int is_over;

// Stops until the call has noticed, for it may not have begun.
static void *
stop(void *argument)
{
    void **pair = argument;
    python_wasm_status (*how)(const python_wasm *) = *(python_wasm_status (**)(const python_wasm *))pair[1];
    while (!is_over) {
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
        how(pair[0]);
    }
    return NULL;
}

// Runs source, which another thread stops.
static void
stopped(python_wasm *py, const char *source, python_wasm_status (*how)(const python_wasm *))
{
    void *pair[] = {py, &how};
    pthread_t thread;
    is_over = 0;
    assert(pthread_create(&thread, NULL, stop, pair) == 0);
    FAILS(PYTHON_WASM_INTERRUPTED, "interrupted", python_wasm_exec(py, source, NULL, NULL, &error));
    is_over = 1;
    assert(pthread_join(thread, NULL) == 0);
}

static void
test_interrupt(void)
{
    python_wasm *py = made(NULL);
    runs(py, "x = 5");
    // Between calls an interrupt does nothing, whatever thread it comes from.
    assert(python_wasm_interrupt(py) == PYTHON_WASM_OK);
    runs(py, "x += 1");
    stopped(py, "while True: pass", python_wasm_interrupt);
    shows(py, "x", "6");
    assert(python_wasm_interrupt(NULL) == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
}

static void
test_terminate(void)
{
    python_wasm *py = made(NULL);
    const char *source = "while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass";
    stopped(py, source, python_wasm_terminate);
    assert(python_wasm_is_usable(py) == 0);
    FAILS(PYTHON_WASM_UNUSABLE, "no longer be used", python_wasm_exec(py, "1", NULL, NULL, &error));
    assert(python_wasm_terminate(NULL) == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
    // Between calls it ends the next one.
    py = made(NULL);
    runs(py, "x = 1");
    assert(python_wasm_terminate(py) == PYTHON_WASM_OK);
    FAILS(PYTHON_WASM_INTERRUPTED, "interrupted", python_wasm_exec(py, "x = 2", NULL, NULL, &error));
    assert(python_wasm_is_usable(py) == 0);
    python_wasm_free(py);
}

static void
test_is_usable(void)
{
    python_wasm *py = made(NULL);
    char *output;
    assert(python_wasm_is_usable(py) == 1);
    const char *source = "print('last words', end=''); import os; os._exit(1)";
    FAILS(PYTHON_WASM_EXIT, "1", python_wasm_exec(py, source, NULL, &output, &error));
    IS(output, "last words");
    assert(python_wasm_is_usable(py) == 0);
    FAILS(PYTHON_WASM_UNUSABLE, "no longer be used", python_wasm_exec(py, "1", NULL, NULL, &error));
    assert(python_wasm_is_usable(NULL) == 0);
    python_wasm_free(py);
}

static void
test_version_and_status_name(void)
{
    assert(strcmp(python_wasm_version(), PYTHON_WASM_VERSION) == 0);
    assert(strcmp(python_wasm_status_name(PYTHON_WASM_OK), "ok") == 0);
    assert(strcmp(python_wasm_status_name(PYTHON_WASM_EMPTY), "empty") == 0);
    assert(strcmp(python_wasm_status_name(PYTHON_WASM_EMPTY + 1), "unknown status") == 0);
    assert(strcmp(python_wasm_status_name(-1), "unknown status") == 0);
}

static void
test_string_free_and_bytes_free(void)
{
    python_wasm *py = made(NULL);
    char *text;
    OK(python_wasm_repr(py, "'a long text'", &text, &error));
    // A string that was shortened is freed all the same.
    text[3] = '\0';
    python_wasm_string_free(text);
    python_wasm_string_free(NULL);
    python_wasm_bytes_free(NULL);
    python_wasm_free(py);
}

int
main(void)
{
    test_new_and_free();
    test_exec();
    test_run_file_and_run_module();
    test_stdout();
    test_stderr();
    test_eval_json();
    test_repr();
    test_set_json();
    test_call_json();
    test_get_stats();
    test_interrupt();
    test_terminate();
    test_is_usable();
    test_version_and_status_name();
    test_string_free_and_bytes_free();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
