// Random bytes of any number, including none.
#include "guest.h"

int main(void) {
    const size_t large = 4 << 20;
    uint8_t *bytes = calloc(large, 1), untouched = 42;
    OK(__wasi_random_get(&untouched, 0));
    EQUAL(42, untouched);
    OK(__wasi_random_get(bytes, large));
    long long histogram[256] = {0};
    for (size_t i = 0; i < large; i++) histogram[bytes[i]]++;
    // 16,384 of each value are expected, with a standard deviation of 128.
    for (int value = 0; value < 256; value++) CHECK(histogram[value] > 15000 && histogram[value] < 18000);
}
