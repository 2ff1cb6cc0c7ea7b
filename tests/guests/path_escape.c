// No path and no link, whether made by guest or host, leads out of the preopen in any call.
#include "guest.h"

static void refuses(const char *path) {
    __wasi_filestat_t stat;
    EITHER(PERM, NOTCAPABLE, try_open(ROOT, path, FOLLOW, 0, READ));
    EITHER(PERM, NOTCAPABLE, try_open(ROOT, path, FOLLOW, CREAT, WRITE));
    EITHER(PERM, NOTCAPABLE, try_open(ROOT, path, FOLLOW, DIRECTORY, READ));
    EITHER(PERM, NOTCAPABLE, __wasi_path_filestat_get(ROOT, FOLLOW, path, &stat));
    EITHER(PERM, NOTCAPABLE, __wasi_path_filestat_set_times(ROOT, FOLLOW, path, 0, 0, 0));
}

static void refuses_name(const char *path) {
    __wasi_size_t used;
    uint8_t buffer[8];
    EITHER(PERM, NOTCAPABLE, __wasi_path_create_directory(ROOT, path));
    EITHER(PERM, NOTCAPABLE, __wasi_path_unlink_file(ROOT, path));
    EITHER(PERM, NOTCAPABLE, __wasi_path_remove_directory(ROOT, path));
    EITHER(PERM, NOTCAPABLE, __wasi_path_rename(ROOT, path, ROOT, "new"));
    EITHER(PERM, NOTCAPABLE, __wasi_path_rename(ROOT, "inside", ROOT, path));
    EITHER(PERM, NOTCAPABLE, __wasi_path_link(ROOT, 0, path, ROOT, "new"));
    EITHER(PERM, NOTCAPABLE, __wasi_path_link(ROOT, 0, "inside", ROOT, path));
    EITHER(PERM, NOTCAPABLE, __wasi_path_symlink("inside", ROOT, path));
    EITHER(PERM, NOTCAPABLE, __wasi_path_readlink(ROOT, path, buffer, sizeof buffer, &used));
}

int main(void) {
    make_file(ROOT, "inside", "mine");
    OK(__wasi_path_create_directory(ROOT, "d"));

    const char *paths[] = {"../secret", "/etc/passwd", "d/../../secret", "./.././secret", "host-link-up/secret"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        refuses(paths[i]);
        refuses_name(paths[i]);
    }
    // Links that the host made before: relative, absolute, and through another link.
    refuses("host-link-relative");
    refuses("host-link-absolute");
    refuses("host-link-chain");
    refuses("host-link-relative/");

    // The guest's own link: harmless until it is moved deeper or higher.
    OK(__wasi_path_create_directory(ROOT, "d/e"));
    EITHER(PERM, NOTCAPABLE, __wasi_path_symlink("/etc/passwd", ROOT, "absolute"));
    __wasi_errno_t made = __wasi_path_symlink("../../secret", ROOT, "d/e/link");
    if (made == 0) {
        OK(__wasi_path_rename(ROOT, "d/e/link", ROOT, "link"));
        refuses("link");
    }
    CHECK(holds(ROOT, "inside", "mine"));
}
