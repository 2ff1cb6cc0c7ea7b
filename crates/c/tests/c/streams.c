// Callbacks that get what Python prints.

#include "check.h"

// What a stream got, and what it answers.
typedef struct sink {
    char text[1000];
    size_t size;
    int calls;
    int answer;
    int finalized;
} sink;

static int
take(void *user_data, const char *bytes, size_t size)
{
    sink *sink = user_data;
    sink->calls++;
    if (sink->answer != 0) {
        return sink->answer;
    }
    assert(sink->finalized == 0 && sink->size + size < sizeof sink->text);
    memcpy(sink->text + sink->size, bytes, size);
    sink->size += size;
    return 0;
}

static void
finalize(void *user_data)
{
    ((sink *)user_data)->finalized++;
}

static python_wasm_stream
stream_of(sink *sink)
{
    return (python_wasm_stream){.size = sizeof(python_wasm_stream), .write = take, .user_data = sink, .finalize = finalize};
}

static void
test_each_line_is_passed_on_when_it_is_printed(void)
{
    sink out = {0};
    python_wasm_stream output = stream_of(&out);
    python_wasm_options options = {.size = sizeof options, .output = &output};
    python_wasm *py = made(&options);
    char *text;
    const char *source = "import sys\nprint('one')\nprint('two', end='')\nprint('err', file=sys.stderr)";
    OK(python_wasm_exec(py, source, NULL, &text, &error));
    IS(text, "");
    assert(out.calls == 2 && strcmp(out.text, "one\ntwo") == 0);
    // The other stream is kept.
    OK(python_wasm_stderr(py, &text, NULL, &error));
    IS(text, "err\n");
    runs(py, "pass");
    OK(python_wasm_stderr(py, &text, NULL, &error));
    IS(text, "");
    // A fork has streams of its own.
    python_wasm *fork;
    OK(python_wasm_fork(py, NULL, &fork, &error));
    OK(python_wasm_exec(fork, "print('fork')", NULL, &text, &error));
    IS(text, "fork\n");
    assert(out.calls == 2 && out.finalized == 0);
    python_wasm_free(py);
    assert(out.finalized == 1);
    runs(fork, "print('fork')");
    assert(out.calls == 2);
    python_wasm_free(fork);
    assert(out.finalized == 1);
}

static void
test_a_failure_is_an_oserror(void)
{
    sink out = {.answer = EPIPE}, err = {0};
    python_wasm_stream output = stream_of(&out), errors = stream_of(&err);
    python_wasm_options options = {.size = sizeof options, .output = &output, .errors = &errors};
    python_wasm *py = made(&options);
    const char *source = "import sys\ntry:\n    print('x')\nexcept OSError as error:\n"
                         "    print(type(error).__name__, file=sys.stderr)";
    // What could not be written is tried again at the end of the call, which has nobody else to tell.
    python_wasm_status status = python_wasm_exec(py, source, NULL, NULL, NULL);
    assert(status == PYTHON_WASM_IO || status == PYTHON_WASM_OK);
    assert(strcmp(err.text, "BrokenPipeError\n") == 0);
    FAILS(PYTHON_WASM_EXCEPTION, "BrokenPipeError", python_wasm_exec(py, "print('x', flush=True)", NULL, NULL, &error));
    out.answer = -1;
    FAILS(PYTHON_WASM_EXCEPTION, "OSError", python_wasm_exec(py, "print('x', flush=True)", NULL, NULL, &error));
    out.answer = 0;
    runs(py, "print('again')");
    assert(strstr(out.text, "again\n") != NULL);
    python_wasm_free(py);
    assert(out.finalized == 1 && err.finalized == 1);
}

static void
test_a_stream_of_a_spawned_sandbox_is_its_own(void)
{
    sink out = {0};
    python_wasm_stream errors = stream_of(&out);
    python_wasm_options options = {.size = sizeof options, .errors = &errors};
    python_wasm *py = made(NULL), *other;
    python_wasm_snapshot *snapshot;
    runs(py, "import sys");
    OK(python_wasm_snapshot_take(py, &snapshot, &error));
    OK(python_wasm_snapshot_spawn(snapshot, &options, &other, &error));
    runs(other, "print('to the callback', file=sys.stderr)");
    runs(py, "print('to nobody', file=sys.stderr)");
    // Going back keeps the stream.
    OK(python_wasm_restore(other, snapshot, &error));
    runs(other, "print('again', file=sys.stderr)");
    assert(strcmp(out.text, "to the callback\nagain\n") == 0);
    python_wasm_free(other);
    assert(out.finalized == 1);
    python_wasm_snapshot_free(snapshot);
    python_wasm_free(py);
}

static void
test_user_data_is_finalized_if_nothing_is_made(void)
{
    sink out = {0}, err = {0};
    python_wasm_stream output = stream_of(&out), errors = stream_of(&err);
    python_wasm_mount mount = {.size = sizeof mount, .host = "/no/such/folder", .guest = "/data"};
    python_wasm_options options = {
        .size = sizeof options, .output = &output, .errors = &errors, .mounts = &mount, .mount_count = 1};
    python_wasm *py;
    FAILS(PYTHON_WASM_CONFIG, "/no/such/folder", python_wasm_new(&options, &py, &error));
    assert(out.finalized == 1 && err.finalized == 1);
    FAILS(PYTHON_WASM_ARGUMENT, "the place", python_wasm_new(&options, NULL, &error));
    assert(out.finalized == 2 && err.finalized == 2);
    errors.write = NULL;
    options.mount_count = 0;
    FAILS(PYTHON_WASM_ARGUMENT, "options->errors->write is NULL", python_wasm_new(&options, &py, &error));
    assert(out.finalized == 3 && err.finalized == 3);
    errors.size = 0;
    FAILS(PYTHON_WASM_ARGUMENT, "options->errors.size is 0", python_wasm_new(&options, &py, &error));
    assert(out.finalized == 3 && err.finalized == 3);
}

int
main(void)
{
    test_each_line_is_passed_on_when_it_is_printed();
    test_a_failure_is_an_oserror();
    test_a_stream_of_a_spawned_sandbox_is_its_own();
    test_user_data_is_finalized_if_nothing_is_made();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
