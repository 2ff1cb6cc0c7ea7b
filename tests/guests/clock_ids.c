// Clocks 0 and 1 exist, clocks from 4 on are invalid, and the two CPU clocks may be missing.
#include "guest.h"

int main(void) {
    __wasi_timestamp_t time;
    for (int id = 0; id < 2; id++) {
        OK(__wasi_clock_res_get(id, &time));
        CHECK(time > 0);
        OK(__wasi_clock_time_get(id, 0, &time));
        CHECK(time > 0);
    }
    for (int id = 2; id < 4; id++) {
        EITHER(SUCCESS, BADF, __wasi_clock_time_get(id, 0, &time));
        EITHER(SUCCESS, BADF, __wasi_clock_res_get(id, &time));
    }
    ERRNO(INVAL, __wasi_clock_time_get(4, 0, &time));
    ERRNO(INVAL, __wasi_clock_res_get(UINT32_MAX, &time));
}
