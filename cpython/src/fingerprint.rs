//! Hashes everything that a stage's result depends on.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, IoContext as _};
use crate::tree;

/// The hash of a sequence of named inputs. Order and boundaries matter.
#[derive(Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// Adds one input.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) {
        for part in [name.as_bytes(), bytes] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// Adds a file, or all files below a folder in the order of their names, under `name`, wherever it is on
    /// this machine.
    pub(crate) fn add_path(&mut self, name: &str, path: &Path) -> Result<(), Error> {
        if path.is_dir() {
            for file in tree::files(path)? {
                let below = file.to_string_lossy().replace('\\', "/");
                self.add(&format!("{name}/{below}"), &fs::read(path.join(&file)).on("read", path)?);
            }
        } else {
            self.add(name, &fs::read(path).on("read", path)?);
        }
        Ok(())
    }

    /// Returns the hash as 64 hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Returns the sha256 of a file, in hexadecimal digits.
pub(crate) fn sha256(path: &Path) -> Result<String, Error> {
    let mut file = fs::File::open(path).on("open", path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).on("read", path),
        }
    }
}

/// Checks the sha256 of a file. Fails with [`Error::Checksum`] if it is not the expected one.
pub(crate) fn verify(path: &Path, expected: &str) -> Result<(), Error> {
    let found = sha256(path)?;
    if found == expected {
        return Ok(());
    }
    Err(Error::Checksum { path: path.to_path_buf(), expected: expected.to_owned(), found })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(inputs: &[(&str, &str)]) -> String {
        let mut fingerprint = Fingerprint::default();
        for (name, bytes) in inputs {
            fingerprint.add(name, bytes.as_bytes());
        }
        fingerprint.finish()
    }

    #[test]
    fn equal_inputs_have_equal_fingerprints() {
        assert_eq!(of(&[("a", "1"), ("b", "2")]), of(&[("a", "1"), ("b", "2")]));
    }

    #[test]
    fn a_byte_that_moves_between_inputs_changes_the_fingerprint() {
        assert_ne!(of(&[("a", "12"), ("b", "3")]), of(&[("a", "1"), ("b", "23")]));
        assert_ne!(of(&[("ab", "1")]), of(&[("a", "b1")]));
    }

    #[test]
    fn a_folder_is_hashed_by_names_and_contents_not_by_path() {
        let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        for folder in [&first, &second] {
            fs::create_dir(folder.path().join("sub")).unwrap();
            fs::write(folder.path().join("sub/file"), "text").unwrap();
        }
        let of = |path: &Path| {
            let mut fingerprint = Fingerprint::default();
            fingerprint.add_path("folder", path).unwrap();
            fingerprint.finish()
        };
        assert_eq!(of(first.path()), of(second.path()));
        fs::rename(second.path().join("sub/file"), second.path().join("sub/other")).unwrap();
        assert_ne!(of(first.path()), of(second.path()));
    }

    #[test]
    fn verify_names_both_sums() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        fs::write(&path, "abc").unwrap();
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        verify(&path, sum).unwrap();
        let message = verify(&path, "0000").unwrap_err().to_string();
        assert!(message.contains(sum) && message.contains("0000"), "{message}");
    }
}
