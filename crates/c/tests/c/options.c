// What a sandbox is made from: limits, folders, variables, streams, and structs of other versions.

#include "check.h"

// A folder of the host with the file `a`.
static const char *folder;

static void
test_limits_of_options(void)
{
    python_wasm_limits limits = {.size = sizeof limits, .fuel = 50000000, .output = 1000, .memory = 64 << 20};
    python_wasm_options options = {.size = sizeof options, .limits = &limits};
    python_wasm *py = made(&options);
    FAILS(PYTHON_WASM_OUT_OF_FUEL, "out of fuel", python_wasm_exec(py, "while True: pass", NULL, NULL, &error));
    FAILS(PYTHON_WASM_OUT_OF_MEMORY, "out of memory",
          python_wasm_exec(py, "x = bytes(100_000_000)", NULL, NULL, &error));
    // Each call may print as much.
    for (int i = 0; i < 3; i++) {
        runs(py, "print('x' * 900)");
    }
    FAILS(PYTHON_WASM_OUTPUT_LIMIT, "output", python_wasm_exec(py, "print('x' * 1000)", NULL, NULL, &error));
    python_wasm_free(py);

    limits = (python_wasm_limits){.size = sizeof limits, .timeout_ms = 200, .disk = 1000, .files = 2};
    py = made(&options);
    FAILS(PYTHON_WASM_TIMEOUT, "out of time", python_wasm_exec(py, "while True: pass", NULL, NULL, &error));
    const char *fill = "with open('/tmp/large', 'w') as file: file.write('x' * 2000)";
    FAILS(PYTHON_WASM_DISK_LIMIT, "disk", python_wasm_exec(py, fill, NULL, NULL, &error));
    const char *name = "for n in range(4): open(f'/tmp/{n}', 'w').close()";
    FAILS(PYTHON_WASM_DISK_LIMIT, "disk", python_wasm_exec(py, name, NULL, NULL, &error));
    python_wasm_free(py);

    limits = (python_wasm_limits){.size = sizeof limits, .open_files = 20, .call_bytes = 1000};
    py = made(&options);
    runs(py, "import os; zero = open('/dev/zero', 'rb')");
    shows(py, "len(os.read(zero.fileno(), 5000))", "1000");
    const char *hoard = "files = [open('/dev/zero') for _ in range(30)]";
    FAILS(PYTHON_WASM_EXCEPTION, "OSError", python_wasm_exec(py, hoard, NULL, NULL, &error));
    python_wasm_free(py);

    limits = (python_wasm_limits){.size = sizeof limits, .memory = 4096};
    FAILS(PYTHON_WASM_MEMORY_LIMIT, "its limit is 4096", python_wasm_new(&options, &py, &error));
}

static void
test_set_limits_and_get_limits(void)
{
    python_wasm *py = made(NULL);
    python_wasm_limits limits = {.size = sizeof limits};
    OK(python_wasm_get_limits(py, &limits, &error));
    assert(limits.size == sizeof limits && limits.memory == 1 << 30 && limits.fuel == 10000000000);
    assert(limits.timeout_ms == 60000 && limits.output == 50000000 && limits.open_files == 256);
    assert(limits.host_calls == UINT64_MAX && limits.host_time_ms == UINT64_MAX);
    limits = (python_wasm_limits){.size = sizeof limits, .timeout_ms = 300, .fuel = UINT64_MAX};
    OK(python_wasm_set_limits(py, &limits, &error));
    FAILS(PYTHON_WASM_TIMEOUT, "out of time", python_wasm_exec(py, "while True: pass", NULL, NULL, &error));
    OK(python_wasm_get_limits(py, &limits, &error));
    assert(limits.timeout_ms == 300 && limits.fuel == UINT64_MAX && limits.memory == 1 << 30);
    limits = (python_wasm_limits){.size = sizeof limits, .timeout_ms = UINT64_MAX, .memory = 64 << 20};
    OK(python_wasm_set_limits(py, &limits, &error));
    FAILS(PYTHON_WASM_OUT_OF_MEMORY, "memory", python_wasm_exec(py, "bytes(100_000_000)", NULL, NULL, &error));
    limits = (python_wasm_limits){.size = sizeof limits, .disk = 5};
    FAILS(PYTHON_WASM_CONFIG, "disk(5) does not fit", python_wasm_set_limits(py, &limits, &error));
    limits = (python_wasm_limits){.size = sizeof limits, .memory = (uint64_t)3 << 30};
    FAILS(PYTHON_WASM_CONFIG, "more than the sandbox was made with", python_wasm_set_limits(py, &limits, &error));
    limits.size = 0;
    FAILS(PYTHON_WASM_ARGUMENT, "limits.size is 0: set it to sizeof(python_wasm_limits)",
          python_wasm_set_limits(py, &limits, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "limits.size is 0", python_wasm_get_limits(py, &limits, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the place of limits is NULL", python_wasm_get_limits(py, NULL, &error));
    OK(python_wasm_set_limits(py, NULL, &error));
    python_wasm_free(py);
}

static void
test_mounts(void)
{
    python_wasm_mount mounts[] = {
        {.size = sizeof mounts[0], .host = folder, .guest = "/data", .access = PYTHON_WASM_READ_ONLY},
        {.size = sizeof mounts[0], .guest = "/work", .access = PYTHON_WASM_MEMORY},
    };
    python_wasm_options options = {.size = sizeof options, .mounts = mounts, .mount_count = COUNT(mounts)};
    python_wasm *py = made(&options);
    shows(py, "open('/data/a').read()", "'from a file'");
    FAILS(PYTHON_WASM_EXCEPTION, "PermissionError", python_wasm_exec(py, "open('/data/b', 'w')", NULL, NULL, &error));
    runs(py, "open('/work/b', 'w').write('in memory')");
    python_wasm_free(py);

    mounts[0].access = PYTHON_WASM_READ_WRITE;
    py = made(&options);
    runs(py, "open('/data/c', 'w').write('kept'); import os; os.unlink('/data/c')");
    python_wasm_free(py);

    mounts[0].access = (python_wasm_access)7;
    FAILS(PYTHON_WASM_ARGUMENT, "7 is not a value of python_wasm_access", python_wasm_new(&options, &py, &error));
    assert(py == NULL);
    mounts[0] = (python_wasm_mount){.size = sizeof mounts[0], .host = "/no/such/folder", .guest = "/data"};
    FAILS(PYTHON_WASM_CONFIG, "/no/such/folder", python_wasm_new(&options, &py, &error));
    mounts[0].host = NULL;
    FAILS(PYTHON_WASM_ARGUMENT, "options->mounts[0].host is NULL", python_wasm_new(&options, &py, &error));
    mounts[0].host = folder;
    mounts[0].guest = "data";
    FAILS(PYTHON_WASM_CONFIG, "\"data\" is not an absolute path", python_wasm_new(&options, &py, &error));
    mounts[1].size = 0;
    FAILS(PYTHON_WASM_ARGUMENT, "options->mounts[1].size is 0", python_wasm_new(&options, &py, &error));
    mounts[0].size = 0;
    FAILS(PYTHON_WASM_ARGUMENT, "options->mounts[0].size is 0", python_wasm_new(&options, &py, &error));
    options.mounts = NULL;
    FAILS(PYTHON_WASM_ARGUMENT, "options->mounts is NULL, and its count is 2", python_wasm_new(&options, &py, &error));
}

static void
test_surroundings(void)
{
    const char *environment[] = {"A=1", "B=x=y"}, *arguments[] = {"prog", "-v"}, *sites[] = {folder};
    char cache[4096];
    snprintf(cache, sizeof cache, "%s/cache", folder);
    uint64_t seed = 7, clock_ms = 1500;
    python_wasm_options options = {
        .size = sizeof options,
        .environment = environment,
        .environment_count = COUNT(environment),
        .arguments = arguments,
        .argument_count = COUNT(arguments),
        .sites = sites,
        .site_count = COUNT(sites),
        .bytecode_cache = cache,
        .input = "a line\n",
        .input_size = 7,
        .seed = &seed,
        .clock_ms = &clock_ms,
        .engine = PYTHON_WASM_ENGINE_WASMI,
    };
    char *first, *second;
    python_wasm *py = made(&options);
    runs(py, "import os, random, sys, time");
    shows(py, "os.environ['A'], os.environ['B'], sys.argv, input(), round(time.time(), 3)",
          "('1', 'x=y', ['prog', '-v'], 'a line', 1.5)");
    shows(py, "'/site' in sys.path, sorted(os.listdir('/site'))[0]", "(True, 'a')");
    OK(python_wasm_repr(py, "random.random()", &first, &error));
    python_wasm_free(py);
    py = made(&options);
    OK(python_wasm_repr(py, "__import__('random').random()", &second, &error));
    IS(first, second);
    python_wasm_string_free(second);
    python_wasm_free(py);

    environment[0] = "no equals sign";
    FAILS(PYTHON_WASM_ARGUMENT, "\"no equals sign\" in options->environment", python_wasm_new(&options, &py, &error));
    environment[0] = "A=1";
    options.input = NULL;
    FAILS(PYTHON_WASM_ARGUMENT, "options->input are NULL", python_wasm_new(&options, &py, &error));
    options.input_size = 0;
    clock_ms = UINT64_MAX;
    FAILS(PYTHON_WASM_ARGUMENT, "options->clock_ms is 18446744073709551615", python_wasm_new(&options, &py, &error));
    options.clock_ms = NULL;
    options.engine = (python_wasm_engine)9;
    FAILS(PYTHON_WASM_ARGUMENT, "9 is not a value of python_wasm_engine", python_wasm_new(&options, &py, &error));
}

static void
test_prepare(void)
{
    char file[4096];
    snprintf(file, sizeof file, "%s/tools.image", folder);
    OK(python_wasm_prepare(NULL, "import decimal; x = 1", file, &error));
    python_wasm_options options = {.size = sizeof options, .image = file};
    python_wasm *py = made(&options);
    shows(py, "'decimal' in __import__('sys').modules, 'x' in globals()", "(True, False)");
    python_wasm_free(py);
    FAILS(PYTHON_WASM_EXCEPTION, "ZeroDivisionError", python_wasm_prepare(NULL, "1 / 0", file, &error));
    FAILS(PYTHON_WASM_SNAPSHOT, "/tmp/f", python_wasm_prepare(NULL, "import sys; sys.f = open('/tmp/f', 'w')", file, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the source is NULL", python_wasm_prepare(NULL, NULL, file, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the path is NULL", python_wasm_prepare(NULL, "1", NULL, &error));
    FAILS(PYTHON_WASM_IO, "No such file", python_wasm_prepare(NULL, "1", "/no/such/folder/file", &error));
    options.image = folder;
    FAILS(PYTHON_WASM_SNAPSHOT, "not an image", python_wasm_new(&options, &py, &error));
    options.image = "/no/such/file";
    FAILS(PYTHON_WASM_IO, "No such file", python_wasm_new(&options, &py, &error));
}

// Options of a header with one more field.
typedef struct later_options {
    python_wasm_options known;
    size_t new;
} later_options;

static void
test_structs_of_other_versions(void)
{
    later_options later = {.known = {.size = sizeof later}};
    python_wasm *py = made(&later.known);
    python_wasm_free(py);
    later.new = 1;
    FAILS(PYTHON_WASM_ARGUMENT, "options uses fields that this version of the library does not have",
          python_wasm_new(&later.known, &py, &error));
    python_wasm_options options = {0};
    FAILS(PYTHON_WASM_ARGUMENT, "options.size is 0: set it to sizeof(python_wasm_options)",
          python_wasm_new(&options, &py, &error));
    options.size = sizeof options + 1;
    FAILS(PYTHON_WASM_ARGUMENT, "set it to sizeof(python_wasm_options)", python_wasm_new(&options, &py, &error));
    // A result is filled as far as both know it.
    struct {
        python_wasm_stats known;
        uint64_t new;
    } stats = {.known = {.size = sizeof stats}, .new = 77};
    py = made(NULL);
    runs(py, "pass");
    OK(python_wasm_get_stats(py, &stats.known, &error));
    assert(stats.known.size == sizeof stats && stats.known.fuel > 0 && stats.new == 77);
    python_wasm_free(py);
}

int
main(int argc, char **argv)
{
    assert(argc == 2);
    folder = argv[1];
    test_limits_of_options();
    test_set_limits_and_get_limits();
    test_mounts();
    test_surroundings();
    test_prepare();
    test_structs_of_other_versions();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
