// A pointer or length outside memory is FAULT or another error: never success, and never a crash of the host.
#include "guest.h"

#define RAW(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int raw_##name
RAW(args_sizes_get)(uint32_t, uint32_t);
RAW(clock_time_get)(uint32_t, uint64_t, uint32_t);
RAW(environ_sizes_get)(uint32_t, uint32_t);
RAW(fd_fdstat_get)(uint32_t, uint32_t);
RAW(fd_filestat_get)(uint32_t, uint32_t);
RAW(fd_prestat_get)(uint32_t, uint32_t);
RAW(fd_prestat_dir_name)(uint32_t, uint32_t, uint32_t);
RAW(fd_read)(uint32_t, uint32_t, uint32_t, uint32_t);
RAW(fd_readdir)(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t);
RAW(fd_write)(uint32_t, uint32_t, uint32_t, uint32_t);
RAW(path_filestat_get)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
RAW(path_open)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint64_t, uint64_t, uint32_t, uint32_t);
RAW(poll_oneoff)(uint32_t, uint32_t, uint32_t, uint32_t);
RAW(random_get)(uint32_t, uint32_t);

#define FAULTS(call) ERRNO(FAULT, call)

int main(void) {
    uint32_t good = (uint32_t)(uintptr_t)malloc(64);
    uint32_t size = __builtin_wasm_memory_size(0) * 65536; // after malloc, which may grow it
    uint32_t bad[] = {size, size - 1, UINT32_MAX, UINT32_MAX - 7, 0x80000000u};
    uint32_t name = (uint32_t)(uintptr_t)"name";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t at = bad[i];
        FAULTS(raw_args_sizes_get(at, good));
        FAULTS(raw_args_sizes_get(good, at));
        FAULTS(raw_environ_sizes_get(good, at));
        FAULTS(raw_clock_time_get(0, 0, at));
        FAULTS(raw_fd_fdstat_get(1, at));
        FAULTS(raw_fd_filestat_get(1, at));
        FAULTS(raw_fd_prestat_get(ROOT, at));
        FAULTS(raw_fd_write(1, at, 1, good));
        FAULTS(raw_fd_read(0, at, 1, good));
        FAULTS(raw_fd_readdir(ROOT, at, 100, 0, good));
        FAULTS(raw_path_filestat_get(ROOT, 0, at, 4, good));
        FAULTS(raw_path_filestat_get(ROOT, 0, name, 0xfffffff0u, good));
        FAULTS(raw_path_open(ROOT, 0, at, 4, CREAT, WRITE, 0, 0, good));
        FAULTS(raw_poll_oneoff(at, good, 1, good));
        FAULTS(raw_random_get(at, 100));
    }
    // More iovecs than there are addresses: their size in bytes wraps around.
    CHECK(raw_fd_write(1, good, 0x20000001u, good) != 0);
    CHECK(raw_fd_read(0, good, UINT32_MAX, good) != 0);
    CHECK(raw_poll_oneoff(good, good, 0x10000000u, good) != 0);
    // One buffer of 4 GiB less one.
    *(uint32_t *)(uintptr_t)good = 0;
    *(uint32_t *)(uintptr_t)(good + 4) = UINT32_MAX;
    FAULTS(raw_fd_write(1, good, 1, good + 8));
    // No file is created if its descriptor cannot be returned.
    CHECK(raw_path_open(ROOT, 0, name, 4, CREAT, WRITE, 0, 0, size) != 0);
}
