// Shared by the floods: they print how much memory they had.
#pragma once
#include "guest.h"

/// Prints the last line of a flood; the test compares the host's memory with it.
static inline void report_memory(void) {
    printf("memory %zu\n", __builtin_wasm_memory_size(0) * 65536);
}
