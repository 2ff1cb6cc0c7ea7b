// The monotonic clock never runs backwards.
#include "guest.h"

int main(void) {
    __wasi_timestamp_t before, now;
    OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &before));
    for (int i = 0; i < 1000; i++) {
        OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &now));
        CHECK(now >= before);
        before = now;
    }
}
