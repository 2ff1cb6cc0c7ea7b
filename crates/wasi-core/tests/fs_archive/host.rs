//! Threads that share an archive, and archives that are written.

use std::process::Command;

use wasi_core::fs::{Archive, ArchiveWriter};

use crate::{read, sample};

#[test]
fn one_archive_serves_many_threads() {
    let archive = Archive::open(sample()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let dir = archive.dir();
            scope.spawn(move || assert_eq!(read(&dir, "lib/long.py").unwrap().len(), 100_000));
        }
    });
}

/// Returns an archive of the folder `lib` and these files.
fn written(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArchiveWriter::new(&mut bytes, 19);
    writer.folder("lib/").unwrap();
    for (name, content) in files {
        writer.file(name, content).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn what_was_written_is_read() {
    let dir = Archive::open(written(&[("lib/é", "ü".as_bytes()), ("lib/big", &[7; 5000])])).unwrap().dir();
    assert_eq!(read(&dir, "lib/é").unwrap(), "ü".as_bytes());
    assert_eq!(read(&dir, "lib/big").unwrap(), [7; 5000]);
}

#[test]
fn another_reader_finds_names_sizes_and_stored_contents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.zip");
    std::fs::write(&path, written(&[("lib/é", "ü".as_bytes()), ("lib/big", &[7; 5000])])).unwrap();
    let script = "import sys, zipfile\n\
                  z = zipfile.ZipFile(sys.argv[1])\n\
                  print([(i.filename, i.file_size, i.compress_type, i.is_dir()) for i in z.infolist()])\n\
                  print(z.read('lib/é').decode())";
    let output = Command::new("python3").args(["-X", "utf8", "-c", script]).arg(&path).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "[('lib/', 0, 0, True), ('lib/é', 2, 0, False), ('lib/big', 5000, 93, False)]\nü\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
