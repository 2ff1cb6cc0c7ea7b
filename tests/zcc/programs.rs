//! What a program sees that starts by its name, and what it does not.

use std::fs;

use python_wasm_tests::Program;

use crate::Project;

#[test]
fn a_program_starts_by_its_name_with_what_its_caller_has() {
    let source = r#"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int count, char **words) {
    char folder[4096], line[64];
    for (int i = 0; i < count; i++) puts(words[i]);
    puts(getcwd(folder, sizeof folder));
    puts(getenv("GREETING"));
    fputs(fgets(line, sizeof line, stdin), stdout);
    fputs("error\n", stderr);
    return 3;
}
"#;
    let project = Project::compiled(source);
    let ended = project
        .program("./a.out")
        .args(["one", "two words"])
        .variable("GREETING", "good day")
        .stdin("in\n")
        .run();
    let path = project.path();
    ended
        .with_status(3)
        .printing(&format!("{0}/./a.out\none\ntwo words\n{0}\ngood day\nin\n", path.display()));
    assert_eq!(ended.stderr(), "error\n");
}

const FILES: &str = r#"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(words[i], "a");
        printf("%s\n", file ? "open" : strerror(errno));
        if (file) { fputs("x", file); fclose(file); }
    }
    return 0;
}
"#;

#[test]
fn it_writes_in_the_current_folder_and_sees_no_other() {
    let project = Project::compiled(FILES);
    fs::create_dir(project.path().join("sub")).unwrap();
    let outside = project.path().parent().unwrap().join("python-wasm-outside");
    let absolute = project.path().join("absolute");
    let words = ["relative", "sub/deep", absolute.to_str().unwrap(), "../python-wasm-outside", "/etc/passwd"];
    let ended = project.program("./a.out").args(words).run();
    let lines: Vec<_> = ended.well().stdout().lines().collect();
    assert_eq!(lines[..3], ["open"; 3], "{ended}");
    assert!(lines[3..].iter().all(|line| *line != "open"), "{ended}");
    assert!(!outside.exists());
    assert_eq!(fs::read_to_string(absolute).unwrap(), "x");
}

#[test]
fn without_inherit_it_has_nothing_of_its_caller() {
    let project = Project::compiled(FILES);
    let path = project.path().join("a.out");
    let run = || Program::wasi_run().folder(&project.path());
    assert_ne!(run().arg(&path).arg("file").run().well().stdout(), "open\n");
    run().grant("--dir", &project.path(), ".").arg(&path).arg("file").run().well().printing("open\n");
}

#[test]
fn options_of_wasi_run_count_for_a_program_that_starts_by_its_name() {
    let project = Project::compiled(FILES);
    let other = Project::new(&[]);
    let grant = format!("--dir {}", other.path().display());
    let file = other.path().join("file");
    let run =
        |options: &str| project.program("./a.out").arg(&file).variable("WASI_RUN_OPTIONS", options).run();
    assert_ne!(run("").well().stdout(), "open\n");
    run(&grant).well().printing("open\n");
    run("--no-such-option").refused(2, &["wasi-run: unknown option --no-such-option"]);
}

#[test]
fn a_program_that_changes_folders_goes_up_and_down() {
    let source = r#"
#include <stdio.h>
#include <unistd.h>
int main(void) {
    char folder[4096];
    if (chdir("sub")) perror("sub");
    puts(getcwd(folder, sizeof folder));
    FILE *file = fopen("../a.c", "r");
    puts(file ? "found" : "not found");
    if (chdir("..")) perror("..");
    return 0;
}
"#;
    let project = Project::compiled(source);
    fs::create_dir(project.path().join("sub")).unwrap();
    project.run(&["./a.out"]).well().printing(&format!("{}/sub\nfound\n", project.path().display()));
}

#[test]
fn what_posix_has_beside_wasi_is_there_as_far_as_it_can_be() {
    let source = r#"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
static int signalled;
static void handler(int number) { signalled = number; }
int main(void) {
    char name[] = "fileXXXXXX.txt", folder[] = "XXXXXX", text[8] = "";
    int fd = mkstemps(name, 4);
    printf("%d %d %d\n", fd >= 0, strcmp(name, "fileXXXXXX.txt") != 0, mkdtemp(folder) != NULL);
    printf("%d %d %d %d\n", chmod(name, 0600), fchmod(fd, 0600), chown(name, getuid(), getgid()), chmod("none", 0));
    FILE *file = tmpfile();
    fputs("kept", file);
    rewind(file);
    puts(fgets(text, sizeof text, file));
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    printf("%d %d %d %d\n", signalled == SIGUSR1, clock() >= 0, getpid() > 0, system(NULL));
    errno = 0;
    printf("%d %d\n", popen("ls", "r") == NULL, errno == ENOSYS);
    return 0;
}
"#;
    let project = Project::compiled(source);
    project.run(&["./a.out"]).well().printing("1 1 1\n0 0 0 -1\nkept\n1 1 1 0\n1 1\n");
}

#[test]
fn memory_is_the_recipe_s_allocator_unless_a_program_has_its_own() {
    // The compiler's own allocator rounds up to powers of two: of 64 MiB it can give 33 MiB once.
    let source = r#"
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    puts(malloc(40u << 20) ? "fits" : "does not fit");
    puts(malloc((size_t)-1) ? "given" : "refused");
    return 0;
}
"#;
    let project = Project::compiled(source);
    let run = project.program("./a.out").variable("WASI_RUN_OPTIONS", "--max-memory 64").run();
    run.well().printing("fits\nrefused\n");
    let own = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char memory[1000];
void *malloc(size_t size) { return size < sizeof memory ? memory : NULL; }
void free(void *pointer) { (void)pointer; }
char *strchr(const char *text, int letter) { (void)letter; return (char *)text; }
int main(void) {
    char letter = 'z';
    char *volatile block = malloc(10);
    printf("%d %s\n", block == memory, strchr("own", letter));
    return 0;
}
"#;
    Project::compiled(own).run(&["./a.out"]).well().printing("1 own\n");
}

#[test]
fn a_module_is_left_plain_by_name_or_by_option() {
    let project = Project::new(&[("a.c", "int main(void) { return 4; }")]);
    project.run(&["zcc", "a.c", "-o", "a.wasm"]).well();
    project.run(&["zcc", "a.c", "--module", "-o", "b"]).well();
    for name in ["a.wasm", "b"] {
        assert!(fs::read(project.path().join(name)).unwrap().starts_with(b"\0asm"), "{name}");
        Program::wasi_run().arg(project.path().join(name)).run().with_status(4);
    }
    project.run(&["zcc", "a.c", "--runner=wasi-run"]).well();
    let file = fs::read(project.path().join("a.out")).unwrap();
    assert!(file.starts_with(b"#!/bin/sh\nexec wasi-run --inherit $WASI_RUN_OPTIONS \"$0\" \"$@\"\n\0asm"));
    project.shell("PATH=$PATH:. a.out").with_status(4);
}

#[test]
fn a_hello_is_small() {
    let project =
        Project::new(&[("a.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }")]);
    project.run(&["zcc", "-O2", "a.c"]).well();
    project.run(&["./a.out"]).well().printing("hello\n");
    let size = fs::metadata(project.path().join("a.out")).unwrap().len();
    assert!(size < 8 << 10, "{size} bytes");
}
