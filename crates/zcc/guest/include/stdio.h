// What POSIX declares here and wasi-libc leaves out (posix.c).

// There it is declared as deprecated.
#define tmpfile zcc_no_tmpfile
#include_next <stdio.h>
#undef tmpfile

#ifndef ZCC_STDIO_H
#define ZCC_STDIO_H

#ifdef __cplusplus
extern "C" {
#endif

FILE *tmpfile(void);
FILE *popen(const char *, const char *);
int pclose(FILE *);

#ifdef __cplusplus
}
#endif

#endif
