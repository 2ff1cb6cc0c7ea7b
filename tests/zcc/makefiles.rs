//! Builds by others: a configure script's questions, and a Makefile.

use std::fs;

use crate::Project;

const CONFIGURE: &str = include_str!("configure.sh");

#[test]
fn a_configure_script_gets_its_answers() {
    let project = Project::new(&[("configure", CONFIGURE)]);
    project.shell("CC=zcc sh ./configure").well().printing(
        "executable: a.out\n\
         cross compiling: no\n\
         object: o\n\
         strdup: yes\n\
         fork: no\n\
         no_such_function: no\n\
         sys/stat.h: yes\n\
         windows.h: no\n\
         -lm: yes\n\
         -lnosuch: no\n\
         sizeof long: 4\n\
         -E: yes\n",
    );
}

const MAKEFILE: &str = "
CFLAGS = -O2 -Wall -Werror -MMD -MP -Iinclude
OBJECTS = src/count.o src/reverse.o

words: src/main.o libwords.a
\t$(CC) $(CFLAGS) -o $@ src/main.o -L. -lwords
libwords.a: $(OBJECTS)
\t$(AR) rcs $@ $(OBJECTS)
\t$(RANLIB) $@
check: words
\ttest \"$$(printf 'one two' | ./words)\" = '2 owt eno'
clean:
\trm -f words libwords.a src/*.o src/*.d
-include src/*.d
";

#[test]
fn a_makefile_builds_checks_and_builds_again_what_has_changed() {
    let main = "#include <stdio.h>\n#include \"words.h\"\nint main(void) {\n    char text[99];\n    \
        size_t length = fread(text, 1, sizeof text - 1, stdin);\n    text[length] = 0;\n    \
        printf(\"%d \", count(text));\n    reverse(text);\n    puts(text);\n    return EXTRA;\n}\n";
    let project = Project::new(&[
        ("Makefile", MAKEFILE),
        ("include/words.h", "#define EXTRA 0\nint count(const char *);\nvoid reverse(char *);\n"),
        ("src/main.c", main),
        (
            "src/count.c",
            "#include \"words.h\"\nint count(const char *t) { int n = 1; for (; *t; t++) n += *t == ' '; return n; }\n",
        ),
        (
            "src/reverse.c",
            "#include <string.h>\n#include \"words.h\"\nvoid reverse(char *t) {\n    \
             for (char *e = t + strlen(t); e-- > t; t++) { char c = *t; *t = *e; *e = c; }\n}\n",
        ),
    ]);
    let make = |target: &str| project.shell(&format!("make -s CC=zcc AR=zar RANLIB=zranlib {target}"));
    make("check").well();
    assert!(fs::read_to_string(project.path().join("src/main.d")).unwrap().contains("include/words.h"));
    project.write("include/words.h", "#define EXTRA 9\nint count(const char *);\nvoid reverse(char *);\n");
    make("words").well();
    project.program("./words").stdin("a b").run().with_status(9).printing("2 b a\n");
}
