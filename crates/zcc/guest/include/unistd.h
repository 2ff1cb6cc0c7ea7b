// What POSIX declares here and wasi-libc leaves out (posix.c).

#include_next <unistd.h>

#ifndef ZCC_UNISTD_H
#define ZCC_UNISTD_H

#ifdef __cplusplus
extern "C" {
#endif

int chown(const char *, uid_t, gid_t);
int fchown(int, uid_t, gid_t);
int lchown(const char *, uid_t, gid_t);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
pid_t getppid(void);

#ifdef __cplusplus
}
#endif

#endif
