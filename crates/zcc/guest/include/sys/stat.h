// What POSIX declares here and wasi-libc leaves out (posix.c).

#include_next <sys/stat.h>

#ifndef ZCC_SYS_STAT_H
#define ZCC_SYS_STAT_H

#ifdef __cplusplus
extern "C" {
#endif

mode_t umask(mode_t);
int chmod(const char *, mode_t) __asm__("zcc_chmod");
int fchmod(int, mode_t) __asm__("zcc_fchmod");
int fchmodat(int, const char *, mode_t, int) __asm__("zcc_fchmodat");

#ifdef __cplusplus
}
#endif

#endif
