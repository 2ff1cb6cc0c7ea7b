// What floods share: they say how much memory they had.
#pragma once
#include "guest.h"

/// The last line of every flood: the test holds the host's memory against it.
static inline void report_memory(void) {
    printf("memory %zu\n", __builtin_wasm_memory_size(0) * 65536);
}
