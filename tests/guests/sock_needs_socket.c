// Socket calls on other descriptors are NOTSOCK.
#include "guest.h"

int main(void) {
    uint8_t byte = 0;
    __wasi_iovec_t in = {&byte, 1};
    __wasi_ciovec_t out = {&byte, 1};
    __wasi_size_t count;
    __wasi_roflags_t flags;
    __wasi_fd_t other, file = must_open(ROOT, "file", CREAT, READ | WRITE);
    ERRNO(NOTSOCK, __wasi_sock_accept(file, 0, &other));
    ERRNO(NOTSOCK, __wasi_sock_recv(file, &in, 1, 0, &count, &flags));
    ERRNO(NOTSOCK, __wasi_sock_send(file, &out, 1, 0, &count));
    ERRNO(NOTSOCK, __wasi_sock_shutdown(file, __WASI_SDFLAGS_WR));
    ERRNO(NOTSOCK, __wasi_sock_send(ROOT, &out, 1, 0, &count));
}
