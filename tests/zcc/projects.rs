//! Programs by others, from the crates that carry their C sources: they are what the recipe links into Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::Project;

/// Returns the folder of crates. Cargo fetches them where its registry does not have them, and checks them against
/// the recipe's Cargo.lock.
fn crates() -> &'static Path {
    static CRATES: OnceLock<PathBuf> = OnceLock::new();
    CRATES.get_or_init(|| {
        let folder = python_wasm_tests::scratch("zcc-projects");
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("cpython/c-libraries");
        for name in ["Cargo.toml", "Cargo.lock"] {
            fs::copy(manifest.join(name), folder.join(name)).unwrap();
        }
        fs::write(folder.join("none.rs"), "").unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["vendor", "--quiet", "--locked", "vendor"]).current_dir(&folder);
        let output = cargo.output().expect("cargo starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the crates of {} are not fetched:\n{errors}", manifest.display());
        folder.join("vendor")
    })
}

/// Copies what lies in a folder of a crate.
fn project(folder: &str) -> Project {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let project = Project::new(&[]);
    copy(&crates().join(folder), &project.path());
    project
}

#[test]
fn bzip2_builds_by_its_makefile_and_passes_its_own_tests() {
    let bzip2 = project("bzip2-sys/bzip2-1.0.8");
    let ended = bzip2.shell("make CC=zcc AR=zar RANLIB=zranlib CFLAGS='-O2 -D_FILE_OFFSET_BITS=64' check");
    ended.with_status(0);
    assert!(ended.stdout().contains("cmp sample3.tst sample3.ref"), "{ended}");
    let round =
        "cp sample1.ref x && ./bzip2 x && test ! -e x && ./bunzip2 x.bz2 && cmp x sample1.ref && echo same";
    bzip2.shell(&format!("ln -s bzip2 bunzip2; {round}")).with_status(0).printing("same\n");
    bzip2.shell("./bzip2 -t sample1.ref").with_status(2).complaining(&["bad magic number"]);
}

#[test]
fn zlib_compresses_files_and_reads_what_the_host_has_compressed() {
    let zlib = project("libz-sys/src/zlib");
    zlib.write(
        "main.c",
        "#include <stdio.h>\n#include \"zlib.h\"\nint main(int count, char **words) {\n    char text[4096];\n    \
         gzFile file = gzopen(words[1], count > 2 ? \"wb9\" : \"rb\");\n    if (!file) return 1;\n    \
         if (count > 2) gzputs(file, words[2]);\n    else { int n = gzread(file, text, 4096); fwrite(text, 1, n, stdout); }\n    \
         return gzclose(file) != Z_OK;\n}\n",
    );
    let build =
        "zcc -O2 -c -DHAVE_UNISTD_H *.c && rm main.o && zar rcs libz.a *.o && zcc -O2 main.c -L. -lz -o z";
    zlib.shell(build).well();
    let text = "hello hello hello hello";
    zlib.run(&["./z", "x.gz", text]).well();
    zlib.run(&["./z", "x.gz"]).well().printing(text);
    // python3, which builds CPython, is another reader and writer.
    zlib.shell("python3 -c \"import gzip; print(gzip.open('x.gz').read().decode())\"")
        .well()
        .printing(&format!("{text}\n"));
    zlib.shell("python3 -c \"import gzip; gzip.open('y.gz', 'wb').write(b'from the host')\" && ./z y.gz")
        .well()
        .printing("from the host");
}

#[test]
fn sqlite_keeps_a_database_in_the_current_folder() {
    let sqlite = project("libsqlite3-sys/sqlite3");
    sqlite.write(
        "main.c",
        "#include <stdio.h>\n#include \"sqlite3.h\"\nstatic int row(void *p, int n, char **values, char **names) {\n    \
         (void)p, (void)names;\n    for (int i = 0; i < n; i++) printf(\"%s%s\", i ? \"|\" : \"\", values[i]);\n    \
         puts(\"\");\n    return 0;\n}\nint main(int count, char **words) {\n    sqlite3 *db;\n    char *why = 0;\n    \
         if (sqlite3_open(words[1], &db)) return 1;\n    for (int i = 2; i < count; i++)\n        \
         if (sqlite3_exec(db, words[i], row, 0, &why)) { puts(why); return 1; }\n    return sqlite3_close(db);\n}\n",
    );
    let options = ["-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION"];
    sqlite.program("zcc").args(["-O1"]).args(options).args(["main.c", "sqlite3.c", "-o", "sql"]).run().well();
    let run = |statements: &[&str]| sqlite.program("./sql").arg("test.db").args(statements).run();
    run(&["create table t(a, b)", "insert into t values (1, 'x'), (2, 'y')"]).well();
    run(&["select sum(a), group_concat(b) from t"]).well().printing("3|x,y\n");
    run(&["select missing"]).with_status(1).printing("no such column: missing\n");
    // The host's SQLite reads the same file.
    let check = "python3 -c \"import sqlite3; print(sqlite3.connect('test.db').execute('select count(*) from t').fetchone())\"";
    sqlite.shell(check).well().printing("(2,)\n");
}
