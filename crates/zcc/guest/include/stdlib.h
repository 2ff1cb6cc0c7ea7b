// What POSIX declares here and wasi-libc leaves out (posix.c).

#include_next <stdlib.h>

#ifndef ZCC_STDLIB_H
#define ZCC_STDLIB_H

#ifdef __cplusplus
extern "C" {
#endif

int mkstemp(char *);
int mkstemps(char *, int);
char *mkdtemp(char *);

#ifdef __cplusplus
}
#endif

#endif
