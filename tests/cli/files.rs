//! Real work on real files: databases, large files, many files, and names in any script.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use python_wasm_tests::Program;
use sha2::{Digest, Sha256};
use tempfile::tempdir;

fn in_data(folder: &Path, code: &str) -> Program {
    Program::python().grant("--dir", folder, "/data").args(["-c", code])
}

#[test]
fn a_database_outlives_the_run_that_wrote_it() {
    let folder = tempdir().unwrap();
    let write = "
import sqlite3
with sqlite3.connect('/data/test.db') as db:
    db.execute('create table t (name text, value real)')
    db.executemany('insert into t values (?, ?)', ((f'größe {n}', n / 2) for n in range(1000)))";
    in_data(folder.path(), write).run().well();
    let read = "
import sqlite3
db = sqlite3.connect('/data/test.db')
print(db.execute('select count(*), sum(value), max(name) from t').fetchone(), db.execute('pragma integrity_check').fetchone())";
    in_data(folder.path(), read).run().well().printing("(1000, 249750.0, 'größe 999') ('ok',)\n");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["test.db"], "no journal is left behind");
}

#[test]
fn a_hundred_megabytes_are_copied() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("large");
    let mut file = File::create(&path).unwrap();
    let block: Vec<u8> =
        (0..1_u32 << 18).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    for n in 0..100_u8 {
        file.write_all(&[n]).unwrap();
        file.write_all(&block[1..]).unwrap();
    }
    drop(file);
    in_data(folder.path(), "import shutil; shutil.copyfile('/data/large', '/data/copy')").run().well();
    assert_eq!(sha256(&folder.path().join("copy")), sha256(&path));
}

fn sha256(path: &Path) -> Vec<u8> {
    let (mut file, mut digest, mut buffer) = (File::open(path).unwrap(), Sha256::new(), vec![0; 1 << 20]);
    while let count @ 1.. = file.read(&mut buffer).unwrap() {
        digest.update(&buffer[..count]);
    }
    digest.finalize().to_vec()
}

#[test]
fn ten_thousand_files_are_listed_and_read() {
    let folder = tempdir().unwrap();
    for n in 0..10_000 {
        fs::write(folder.path().join(format!("file{n}")), n.to_string()).unwrap();
    }
    let code = "
import os
names = os.listdir('/data')
print(len(names), len(set(names)))
with os.scandir('/data') as entries:
    print(sum(entry.is_file() for entry in entries))
total = 0
for name in names:
    with open('/data/' + name) as file:
        total += int(file.read())
print(total)";
    in_data(folder.path(), code).run().well().printing("10000 10000\n10000\n49995000\n");
}

#[test]
fn unicode_goes_in_and_out_everywhere() {
    let folder = tempdir().unwrap();
    let name = "größe 漢字 🐍 é";
    let below = folder.path().join(name);
    fs::create_dir(&below).unwrap();
    let script = below.join("скрипт.py");
    let code = "
import os, sys
print(sys.argv[1], os.environ['ŽLUTÝ'], os.path.basename(os.path.dirname(__file__)), os.path.basename(__file__))
print(sorted(os.listdir('/ziel')), input())
open('/ziel/نص.txt', 'w', encoding='utf-8').write('🐍')
print('ü', file=sys.stderr)
print(sys.stdout.encoding, sys.getfilesystemencoding(), '\\u2028'.encode())";
    fs::write(&script, code).unwrap();
    let target = tempdir().unwrap();
    fs::write(target.path().join("καλημέρα"), "").unwrap();
    let program = Program::python().grant("--dir", target.path(), "/ziel").args(["--env", "ŽLUTÝ=kůň"]);
    let ended = program.arg(&script).arg("аргумент").stdin("ввод\n").run();
    assert_eq!(ended.with_status(0).stderr(), "ü\n", "{ended}");
    ended.printing(&format!(
        "аргумент kůň {name} скрипт.py\n['καλημέρα'] ввод\nutf-8 utf-8 b'\\xe2\\x80\\xa8'\n"
    ));
    assert_eq!(fs::read_to_string(target.path().join("نص.txt")).unwrap(), "🐍");
}

#[test]
fn output_is_utf_8_in_every_locale_of_the_host() {
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1"] {
        let program = Program::python().args(["-c", "print('ü漢🐍')"]).variable("LC_ALL", locale);
        program.run().well().printing("ü漢🐍\n");
    }
}
