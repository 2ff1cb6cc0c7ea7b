// Past the memory limit malloc returns NULL, and the guest goes on.
#include "guest.h"

int main(void) {
    size_t blocks = 0;
    // Write to it, or the compiler removes the allocation.
    for (char *block; (block = malloc(1 << 20)) != NULL; blocks++) *(volatile char *)block = 1;
    CHECK(blocks >= 4 && blocks < 16);
    EQUAL((size_t)-1, __builtin_wasm_memory_grow(0, 65535));
    puts("refused");
}
