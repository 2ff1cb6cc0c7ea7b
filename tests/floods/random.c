// 128 MiB of randomness in one call.
#include "flood.h"

int main(void) {
    const size_t size = 128 << 20;
    uint8_t *bytes = malloc(size);
    OK(__wasi_random_get(bytes, size));
    uint64_t last;
    memcpy(&last, bytes + size - sizeof last, sizeof last);
    CHECK(last != 0);
    report_memory();
}
