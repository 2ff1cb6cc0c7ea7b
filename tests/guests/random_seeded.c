// Prints eight random bytes; with a seed they are the same in every run.
#include "guest.h"

int main(void) {
    uint8_t bytes[8];
    OK(__wasi_random_get(bytes, sizeof bytes));
    for (size_t i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
}
