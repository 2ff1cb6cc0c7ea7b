//! Folders of the host on a command line: `HOST[::GUEST]`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::Usage;
use super::values::text;
use crate::place::{NameError, absolute_name, normalized};
use crate::{Access, Mount};

/// A folder of the host, as it was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Folder {
    /// The option and its value, for the message when it cannot be opened.
    text: String,
    host: PathBuf,
    /// The name given behind `::`.
    guest: Option<String>,
    access: Access,
}

/// What a folder is called inside that is granted without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// By its absolute name; given names must be absolute, too.
    Absolute,
    /// As it was written.
    AsGiven,
}

impl Folder {
    /// Reads the value of an option. The error says what is wrong with it.
    pub fn read(option: &str, value: &OsStr, access: Access) -> Result<Self, String> {
        let bytes = value.as_bytes();
        let (host, guest) = match bytes.windows(2).position(|pair| pair == b"::") {
            Some(at) => (&bytes[..at], Some(text(OsStr::from_bytes(&bytes[at + 2..]))?.to_owned())),
            None => (bytes, None),
        };
        if host.is_empty() {
            return Err("the name of the host's folder is empty".into());
        }
        if guest.as_deref() == Some("") {
            return Err("the name inside the sandbox is empty".into());
        }
        let host = PathBuf::from(OsStr::from_bytes(host));
        Ok(Self { text: format!("{option} {}", value.display()), host, guest, access })
    }

    /// Opens the folder, and returns it with its name inside, which must not be `taken`.
    pub fn open(&self, names: Names, taken: impl Fn(&str) -> bool) -> Result<(String, Mount), Usage> {
        let guest = self.name(names)?;
        if taken(&guest) {
            return Err(Usage(format!("{}: something is granted as {guest} already", self.text)));
        }
        let mount = self.access.mount(&self.host);
        Ok((guest, mount.map_err(|error| Usage(format!("{}: {error}", self.text)))?))
    }

    /// The name of the folder inside.
    pub(super) fn name(&self, names: Names) -> Result<String, Usage> {
        let unnamed = match (&self.guest, names) {
            (Some(guest), Names::AsGiven) => return Ok(guest.clone()),
            (Some(guest), Names::Absolute) if guest.starts_with('/') => return Ok(normalized(guest)),
            (Some(guest), Names::Absolute) => {
                let text = &self.text;
                return Err(Usage(format!("{text}: the name inside the sandbox must be absolute: {guest}")));
            }
            (None, Names::AsGiven) => self.host.to_str().map(str::to_owned).ok_or(NameError::NotUtf8),
            (None, Names::Absolute) => absolute_name(&self.host),
        };
        unnamed.map_err(|error| match error {
            NameError::NotUtf8 => Usage(format!("{}: {error}; give it one by ::", self.text)),
            NameError::Io(_) => Usage(format!("{}: {error}", self.text)),
        })
    }

    #[cfg(test)]
    pub(super) fn parts(&self) -> (&str, Option<&str>, Access) {
        (self.host.to_str().unwrap(), self.guest.as_deref(), self.access)
    }
}
