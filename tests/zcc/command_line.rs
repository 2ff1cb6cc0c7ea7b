//! The command line of `cc`: outputs, inputs, statuses, and what is refused.

use std::fs;

use crate::Project;

const HELLO: &str = "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n";

#[test]
fn objects_and_libraries_become_a_program() {
    let project = Project::new(&[
        ("main.c", "int twice(int); int half(int); int main(void) { return twice(half(14)); }"),
        ("twice.c", "int twice(int n) { return 2 * n; }"),
        ("half.c", "int half(int n) { return n / 2; }"),
    ]);
    project.run(&["zcc", "-c", "main.c", "twice.c", "half.c"]).well();
    project.run(&["zcc", "main.o", "twice.o", "half.o", "-o", "one"]).well();
    project.run(&["./one"]).with_status(14);
    project.run(&["zar", "rcs", "libnumbers.a", "twice.o", "half.o"]).well();
    project.run(&["zranlib", "libnumbers.a"]).well();
    project.run(&["zcc", "main.c", "-L.", "-lnumbers", "-lm", "-lpthread", "-ldl", "-o", "two"]).well();
    project.run(&["./two"]).with_status(14);
    project.run(&["zcc", "-r", "twice.o", "half.o", "-o", "both.o"]).well();
    project.run(&["zcc", "main.c", "both.o", "-o", "three"]).well();
    project.run(&["./three"]).with_status(14);
}

#[test]
fn each_stage_can_be_looked_at() {
    let project = Project::new(&[("a.c", "#define N 5\nint main(void) { return N; }\n")]);
    let ended = project.run(&["zcc", "-E", "a.c"]);
    assert!(ended.well().stdout().ends_with("int main(void) { return 5; }\n"), "{ended}");
    project.run(&["zcc", "-S", "a.c"]).well();
    assert!(fs::read_to_string(project.path().join("a.s")).unwrap().contains("i32.const"));
    project.run(&["zcc", "a.s", "-o", "a"]).well();
    project.run(&["./a"]).with_status(5);
}

#[test]
fn dependencies_are_written_beside_what_they_are_for() {
    let project =
        Project::new(&[("a.c", "#include \"a.h\"\nint main(void) { return N; }"), ("a.h", "#define N 1\n")]);
    let read = |name: &str| fs::read_to_string(project.path().join(name)).unwrap();
    for _again in 0..2 {
        project.run(&["zcc", "-MMD", "-MP", "-c", "a.c", "-o", "b.o"]).well();
        assert_eq!(read("b.d"), "b.o: a.c a.h\na.h:\n");
        fs::remove_file(project.path().join("b.d")).unwrap();
        project.run(&["zcc", "-MMD", "a.c", "-o", "c"]).well();
        assert_eq!(read("c.d"), "c: a.c a.h\n");
        project.run(&["zcc", "-MMD", "-MF", "x.d", "-MT", "target", "-c", "a.c"]).well();
        assert_eq!(read("x.d"), "target: a.c a.h\n");
    }
    project.run(&["zcc", "-MM", "a.c"]).well().printing("a.o: a.c a.h\n");
}

#[test]
fn source_comes_from_standard_input_and_words_from_a_file() {
    let project = Project::new(&[("words", "-DGREETING=\\\"hi\\\" -o 'a program'\n")]);
    let source = "#include <stdio.h>\nint main(void) { puts(GREETING); return 0; }";
    project.program("zcc").args(["-x", "c", "-", "@words"]).stdin(source).run().well();
    project.run(&["./a program"]).well().printing("hi\n");
    let many = (0..20_000).fold(String::from("-x c - -o many "), |words, n| words + &format!("-DN{n}=1 "));
    project.write("many.txt", &many);
    project.program("zcc").arg("@many.txt").stdin("int main(void) { return N19999; }").run().well();
    project.run(&["./many"]).with_status(1);
}

#[test]
fn errors_are_those_of_a_compiler_with_its_status() {
    let project =
        Project::new(&[("a.c", "int main(void) { return x; }"), ("b.c", "int main(void) { return f(); }")]);
    project
        .run(&["zcc", "a.c"])
        .complaining(&["a.c:1:25: error: use of undeclared identifier 'x'"])
        .with_status(1);
    project.run(&["zcc", "-w", "b.c"]).with_status(1);
    assert!(!project.path().join("a.out").exists());
    for (words, line) in [
        (&["zcc"][..], "zcc: error: no input files; --help tells more"),
        (&["zcc", "-c"], "zcc: error: no input files; --help tells more"),
        (&["zcc", "none.c"], "zcc: error: no such file or directory: 'none.c'"),
        (&["zcc", "a.c", "-o"], "zcc: error: -o needs a value"),
        (&["zcc", "a.c", "-o", "no/x"], "zcc: error: -o no/x: there is no folder no"),
        (
            &["zcc", "-c", "a.c", "b.c", "-o", "x"],
            "zcc: error: cannot specify -o when generating multiple output files",
        ),
        (&["zcc", "-shared", "a.c"], "zcc: error: -shared: WASI has no shared libraries"),
        (
            &["zcc", "--target=arm-linux", "a.c"],
            "zcc: error: target arm-linux: this compiler has wasm32-wasi alone",
        ),
        (&["zcc", "-r", "a.c"], "zcc: error: -r: a.c is not an object; compile it by -c first"),
        (&["zcc", "--runner=", "a.c"], "zcc: error: --runner=: this is not the name of a program"),
        (&["zcc", "--links=no"], "zcc: error: cannot make the link no/z++"),
    ] {
        project.run(words).refused(1, &[line]);
    }
}

#[test]
fn what_the_engine_lacks_is_said_at_the_end() {
    let project = Project::new(&[("a.c", "#include <setjmp.h>\nint main(void) { return 0; }")]);
    project.run(&["zcc", "a.c"]).with_status(1).complaining(&["zcc: there is no setjmp"]);
}

#[test]
fn questions_about_the_compiler_are_answered() {
    let project = Project::new(&[]);
    let ended = project.run(&["zcc", "--version"]);
    assert!(ended.well().stdout().starts_with("clang version "), "{ended}");
    project.run(&["zcc", "-dumpmachine"]).well().printing("wasm32-unknown-wasi\n");
    assert!(project.run(&["zcc", "--help"]).well().stdout().starts_with("usage: zcc [options] file..."));
}

#[test]
fn a_program_replaces_one_that_is_there_and_devices_stay() {
    let project = Project::new(&[("a.c", HELLO), ("b.c", "int main(void) { return 6; }")]);
    project.run(&["zcc", "a.c", "-o", "x"]).well();
    project.run(&["zcc", "b.c", "-o", "x"]).well();
    project.run(&["./x"]).with_status(6);
    project.run(&["zcc", "b.c", "-o", "/dev/null"]).well();
    let names = fs::read_dir(project.path()).unwrap().count();
    assert_eq!(names, 3, "nothing is left behind");
}
