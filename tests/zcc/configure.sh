#!/bin/sh
# What autoconf asks of a compiler, in its words, as far as the answer matters.
set -e
CC=${CC-cc}
cat > conftest.c <<'_'
#include <stdio.h>
int main(void) { FILE *f = fopen("conftest.out", "w"); return ferror(f) || fclose(f) != 0; }
_
$CC conftest.c
test -f a.out && echo "executable: a.out"
./a.out && test -f conftest.out && echo "cross compiling: no"
rm -f a.out conftest.out
$CC -c conftest.c && test -f conftest.o && echo "object: o"
check() { # NAME PROLOGUE BODY
    printf '%s\nint main(void) { %s; return 0; }\n' "$2" "$3" > conftest.c
    if $CC -o conftest conftest.c $LIBS 2>conftest.err; then echo "$1: yes"; else echo "$1: no"; fi
}
check "strdup" "char strdup(void);" "return strdup()"
check "fork" "char fork(void);" "return fork()"
check "no_such_function" "char no_such_function(void);" "return no_such_function()"
check "sys/stat.h" "#include <sys/stat.h>" ""
check "windows.h" "#include <windows.h>" ""
LIBS=-lm check "-lm" "double cos(double);" "return (int)cos(0)"
LIBS=-lnosuch check "-lnosuch" "" ""
cat > conftest.c <<'_'
#include <stdio.h>
int main(void) { printf("%d", (int)sizeof(long)); return 0; }
_
$CC -o conftest conftest.c
echo "sizeof long: $(./conftest)"
echo '#ifdef __wasm__
yes
#endif' > conftest.c
$CC -E conftest.c | grep -q yes && echo "-E: yes"
