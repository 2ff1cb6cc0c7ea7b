// The size of the terminal. WASI has no ioctl(): the host looks.

#include <errno.h>

#include "host.h"

// For os.get_terminal_size(); 0, or -1 with errno set.
int
python_wasm_terminal_size(int fd, int *columns, int *lines)
{
    int32_t answer = ask_number(HOST_TERMINAL_SIZE, &fd, sizeof fd);
    if (answer < 0) {
        errno = -answer;
        return -1;
    }
    *columns = answer & 0xffff;
    *lines = answer >> 16;
    return 0;
}
