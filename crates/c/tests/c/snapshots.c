// Snapshots: taken, gone on from, kept in files and bytes; forks and pools.

#include "check.h"

// A folder of the host to write to.
static const char *folder;

static const char *
in_folder(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static python_wasm_snapshot *
taken(python_wasm *py)
{
    python_wasm_snapshot *snapshot = NULL;
    OK(python_wasm_snapshot_take(py, &snapshot, &error));
    assert(snapshot != NULL);
    return snapshot;
}

static void
test_snapshot_take_and_snapshot_spawn(void)
{
    python_wasm *py = made(NULL), *other;
    runs(py, "x = [1]; open('/tmp/f', 'w').write('kept')");
    python_wasm_snapshot *snapshot = taken(py);
    assert(python_wasm_snapshot_size(snapshot) > 0 && python_wasm_snapshot_size(NULL) == 0);
    runs(py, "x.append(2)");
    python_wasm_limits limits = {.size = sizeof limits, .timeout_ms = 200};
    const char *environment[] = {"A=own"};
    python_wasm_options options = {
        .size = sizeof options, .limits = &limits, .environment = environment, .environment_count = 1};
    OK(python_wasm_snapshot_spawn(snapshot, &options, &other, &error));
    shows(other, "x, open('/tmp/f').read(), __import__('os').environ['A']", "([1], 'kept', 'own')");
    FAILS(PYTHON_WASM_TIMEOUT, "out of time", python_wasm_exec(other, "while True: pass", NULL, NULL, &error));
    python_wasm_free(other);
    limits.disk = 5;
    FAILS(PYTHON_WASM_CONFIG, "disk(5)", python_wasm_snapshot_spawn(snapshot, &options, &other, &error));
    assert(other == NULL);
    uint64_t clock_ms = 0;
    options = (python_wasm_options){.size = sizeof options, .clock_ms = &clock_ms};
    FAILS(PYTHON_WASM_CONFIG, "fixed_clock", python_wasm_snapshot_spawn(snapshot, &options, &other, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "is NULL", python_wasm_snapshot_spawn(NULL, NULL, &other, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the place of the snapshot", python_wasm_snapshot_take(py, NULL, &error));
    python_wasm_free(py);
    // A snapshot outlives its interpreter.
    OK(python_wasm_snapshot_spawn(snapshot, NULL, &other, &error));
    shows(other, "x", "[1]");
    python_wasm_free(other);
    assert(python_wasm_snapshot_free(snapshot) == PYTHON_WASM_OK);
}

static void
test_checkpoint_and_restore(void)
{
    python_wasm *py = made(NULL);
    python_wasm_snapshot *before;
    runs(py, "rows = [1, 2]");
    OK(python_wasm_checkpoint(py, &before, &error));
    FAILS(PYTHON_WASM_EXIT, "1", python_wasm_exec(py, "rows.clear(); import os; os._exit(1)", NULL, NULL, &error));
    assert(python_wasm_is_usable(py) == 0);
    OK(python_wasm_restore(py, before, &error));
    shows(py, "rows", "[1, 2]");
    FAILS(PYTHON_WASM_ARGUMENT, "the snapshot is NULL", python_wasm_restore(py, NULL, &error));
    python_wasm_snapshot_free(before);
    python_wasm_free(py);
}

static void
test_fork(void)
{
    python_wasm *py = made(NULL), *fork;
    runs(py, "x = 1");
    python_wasm_options options = {.size = sizeof options, .input = "line", .input_size = 4};
    OK(python_wasm_fork(py, &options, &fork, &error));
    shows(fork, "x, input()", "(1, 'line')");
    runs(fork, "x = 2");
    shows(py, "x", "1");
    FAILS(PYTHON_WASM_ARGUMENT, "the place of the fork", python_wasm_fork(py, NULL, NULL, &error));
    python_wasm_free(py);
    shows(fork, "x", "2");
    python_wasm_free(fork);
}

static void
test_snapshot_save_and_snapshot_load(void)
{
    python_wasm *py = made(NULL), *again;
    python_wasm_snapshot *loaded;
    char file[4096], *json;
    snprintf(file, sizeof file, "%s", in_folder("s.snap"));
    runs(py, "x = 41");
    python_wasm_snapshot *snapshot = taken(py);
    OK(python_wasm_snapshot_save(snapshot, file, &error));
    OK(python_wasm_snapshot_load(file, &loaded, &error));
    OK(python_wasm_snapshot_spawn(loaded, NULL, &again, &error));
    shows(again, "x + 1", "42");
    python_wasm_free(again);
    python_wasm_limits limits = {.size = sizeof limits, .fuel = 50000000};
    python_wasm_options options = {.size = sizeof options, .limits = &limits};
    OK(python_wasm_resume(file, &options, &again, &error));
    FAILS(PYTHON_WASM_OUT_OF_FUEL, "fuel", python_wasm_exec(again, "while True: pass", NULL, NULL, &error));
    python_wasm_free(again);
    OK(python_wasm_snapshot_inspect(file, &json, &error));
    assert(strstr(json, "\"fits\":true") != NULL && strstr(json, "\"misfit\":null") != NULL);
    HAS(json, "\"made_by\":\"python-wasm ");
    python_wasm_snapshot_free(loaded);
    FAILS(PYTHON_WASM_IO, "No such file", python_wasm_snapshot_load(in_folder("none"), &loaded, &error));
    assert(loaded == NULL);
    FAILS(PYTHON_WASM_SNAPSHOT, "not a snapshot", python_wasm_snapshot_load(in_folder("a"), &loaded, &error));
    FAILS(PYTHON_WASM_SNAPSHOT, "not a snapshot", python_wasm_snapshot_inspect(in_folder("a"), &json, &error));
    FAILS(PYTHON_WASM_IO, "No such file", python_wasm_resume(in_folder("none"), NULL, &again, &error));
    FAILS(PYTHON_WASM_IO, "No such file", python_wasm_snapshot_save(snapshot, in_folder("none/s"), &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the path is NULL", python_wasm_snapshot_save(snapshot, NULL, &error));
    python_wasm_snapshot_free(snapshot);
    python_wasm_free(py);
}

static void
test_snapshot_to_bytes_and_snapshot_from_bytes(void)
{
    python_wasm *py = made(NULL), *again;
    python_wasm_snapshot *snapshot, *loaded;
    unsigned char *content;
    size_t size;
    char *json;
    runs(py, "x = 41");
    snapshot = taken(py);
    OK(python_wasm_snapshot_to_bytes(snapshot, &content, &size, &error));
    OK(python_wasm_snapshot_from_bytes(content, size, &loaded, &error));
    OK(python_wasm_snapshot_spawn(loaded, NULL, &again, &error));
    shows(again, "x", "41");
    python_wasm_free(again);
    python_wasm_snapshot_free(loaded);
    OK(python_wasm_resume_bytes(content, size, NULL, &again, &error));
    shows(again, "x", "41");
    python_wasm_free(again);
    OK(python_wasm_snapshot_inspect_bytes(content, size, &json, &error));
    HAS(json, "\"fits\":true");
    // Of another CPython: the identity begins after a name and a version.
    content[30] ^= 1;
    FAILS(PYTHON_WASM_SNAPSHOT, "another build of python-wasm",
          python_wasm_snapshot_from_bytes(content, size, &loaded, &error));
    OK(python_wasm_snapshot_inspect_bytes(content, size, &json, &error));
    HAS(json, "\"fits\":false");
    content[30] ^= 1;
    content[size - 1] ^= 1;
    FAILS(PYTHON_WASM_SNAPSHOT, "damaged", python_wasm_resume_bytes(content, size, NULL, &again, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the content are NULL", python_wasm_snapshot_from_bytes(NULL, 5, &loaded, &error));
    FAILS(PYTHON_WASM_SNAPSHOT, "not a snapshot", python_wasm_snapshot_from_bytes(NULL, 0, &loaded, &error));
    python_wasm_bytes_free(content);
    python_wasm_snapshot_free(snapshot);
    python_wasm_free(py);
}

static void
test_resume_with_a_folder(void)
{
    python_wasm_mount mount = {.size = sizeof mount, .host = folder, .guest = "/data"};
    python_wasm_options options = {.size = sizeof options, .mounts = &mount, .mount_count = 1};
    python_wasm *py = made(&options), *again;
    python_wasm_snapshot *snapshot = taken(py), *loaded;
    unsigned char *content;
    size_t size;
    char *json;
    OK(python_wasm_snapshot_to_bytes(snapshot, &content, &size, &error));
    OK(python_wasm_snapshot_inspect_bytes(content, size, &json, &error));
    HAS(json, "\"folders\":[\"/data\"]");
    FAILS(PYTHON_WASM_SNAPSHOT, "needs a folder granted as /data",
          python_wasm_snapshot_from_bytes(content, size, &loaded, &error));
    OK(python_wasm_resume_bytes(content, size, &options, &again, &error));
    shows(again, "open('/data/a').read()", "'from a file'");
    python_wasm_free(again);
    python_wasm_bytes_free(content);
    python_wasm_snapshot_free(snapshot);
    python_wasm_free(py);
}

static void
test_pool_new_and_pool_checkout(void)
{
    python_wasm *py = made(NULL), *one, *two, *three;
    python_wasm_pool *pool;
    runs(py, "import json; requests = 0");
    python_wasm_snapshot *snapshot = taken(py);
    OK(python_wasm_pool_new(snapshot, 2, &pool, &error));
    python_wasm_snapshot_free(snapshot);
    python_wasm_free(py);
    OK(python_wasm_pool_checkout(pool, 0, &one, &error));
    OK(python_wasm_pool_checkout(pool, 0, &two, &error));
    runs(one, "requests += 1");
    shows(two, "requests", "0");
    FAILS(PYTHON_WASM_EMPTY, "within 10 ms", python_wasm_pool_checkout(pool, 10, &three, &error));
    assert(three == NULL);
    assert(python_wasm_free(one) == PYTHON_WASM_OK);
    OK(python_wasm_pool_checkout(pool, 60000, &three, &error));
    shows(three, "requests", "0");
    python_wasm_free(three);
    FAILS(PYTHON_WASM_ARGUMENT, "is NULL", python_wasm_pool_checkout(NULL, 0, &one, &error));
    assert(python_wasm_pool_free(pool) == PYTHON_WASM_OK);
    assert(python_wasm_pool_free(pool) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_pool_free(NULL) == PYTHON_WASM_OK);
    // One that is out lives on.
    shows(two, "requests", "0");
    python_wasm_free(two);
    FAILS(PYTHON_WASM_ARGUMENT, "is NULL", python_wasm_pool_new(NULL, 2, &pool, &error));
}

int
main(int argc, char **argv)
{
    assert(argc == 2);
    folder = argv[1];
    test_snapshot_take_and_snapshot_spawn();
    test_checkpoint_and_restore();
    test_fork();
    test_snapshot_save_and_snapshot_load();
    test_snapshot_to_bytes_and_snapshot_from_bytes();
    test_resume_with_a_folder();
    test_pool_new_and_pool_checkout();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
