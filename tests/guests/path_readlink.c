// Returns a link's text, silently truncated to the buffer; a file is not a link.
#include "guest.h"

int main(void) {
    uint8_t buffer[16] = "";
    __wasi_size_t used;
    make_file(ROOT, "file", "");
    OK(__wasi_path_symlink("some/target", ROOT, "link"));
    OK(__wasi_path_readlink(ROOT, "link", buffer, sizeof buffer, &used));
    EQUAL(11, used);
    CHECK(memcmp(buffer, "some/target", 12) == 0);
    OK(__wasi_path_readlink(ROOT, "link", buffer, 4, &used));
    EQUAL(4, used);
    OK(__wasi_path_readlink(ROOT, "link", buffer, 0, &used));
    EQUAL(0, used);
    ERRNO(INVAL, __wasi_path_readlink(ROOT, "file", buffer, sizeof buffer, &used));
    ERRNO(NOENT, __wasi_path_readlink(ROOT, "none", buffer, sizeof buffer, &used));
}
