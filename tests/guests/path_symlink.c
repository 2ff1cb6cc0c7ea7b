// A link needs a free name in an existing directory.
#include "guest.h"

int main(void) {
    OK(__wasi_path_symlink("target", ROOT, "link"));
    EQUAL(__WASI_FILETYPE_SYMBOLIC_LINK, stat_of(ROOT, "link").filetype);
    ERRNO(EXIST, __wasi_path_symlink("other", ROOT, "link"));
    ERRNO(NOENT, __wasi_path_symlink("target", ROOT, "none/link"));
    EITHER(NOENT, NOTDIR, __wasi_path_symlink("target", ROOT, "slash/"));
    EITHER(PERM, NOTCAPABLE, __wasi_path_symlink("/absolute", ROOT, "absolute"));
}
