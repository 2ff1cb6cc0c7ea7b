// Preopens come in the given order with exactly the given names; BADF ends the list.
#include "guest.h"

static void check(__wasi_fd_t fd, const char *name) {
    __wasi_prestat_t prestat;
    char buffer[32] = "";
    OK(__wasi_fd_prestat_get(fd, &prestat));
    EQUAL(__WASI_PREOPENTYPE_DIR, prestat.tag);
    EQUAL(strlen(name), prestat.u.dir.pr_name_len);
    OK(__wasi_fd_prestat_dir_name(fd, (uint8_t *)buffer, strlen(name)));
    CHECK(strcmp(buffer, name) == 0);
    ERRNO(NAMETOOLONG, __wasi_fd_prestat_dir_name(fd, (uint8_t *)buffer, strlen(name) - 1));
}

int main(void) {
    __wasi_prestat_t prestat;
    check(3, ".");
    check(4, "/data");
    check(5, "größe");
    ERRNO(BADF, __wasi_fd_prestat_get(6, &prestat));
    ERRNO(BADF, __wasi_fd_prestat_get(0, &prestat));
}
