// Every known advice is accepted, an unknown one is INVAL, and lengths may reach past the end.
#include "guest.h"

int main(void) {
    __wasi_fd_t fd = must_open(ROOT, "file", CREAT, READ | WRITE);
    for (int advice = __WASI_ADVICE_NORMAL; advice <= __WASI_ADVICE_NOREUSE; advice++) {
        OK(__wasi_fd_advise(fd, 0, 0, advice));
        OK(__wasi_fd_advise(fd, 100, 1 << 20, advice));
    }
    ERRNO(INVAL, __wasi_fd_advise(fd, 0, 0, __WASI_ADVICE_NOREUSE + 1));
    EITHER(SUCCESS, INVAL, __wasi_fd_advise(fd, UINT64_MAX, UINT64_MAX, __WASI_ADVICE_NORMAL));
}
