//! What a running guest was granted, to be shown and to be added to.

use std::fmt::Write as _;
use std::path::PathBuf;

use wasi_core::Errno;
use wasi_core::fs::{Dir, Quota, TimeSource};

use crate::mount::Mount;

/// One folder that a guest has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Its name there.
    pub(crate) name: String,
    /// What can be done with it, or what it is.
    pub(crate) what: &'static str,
    /// The folder of the host, if it is one.
    pub(crate) host: Option<PathBuf>,
}

/// All folders that a guest has, and the room that the writable ones share.
#[derive(Clone, Debug)]
pub struct Grants {
    list: Vec<Grant>,
    quota: Quota,
    time: TimeSource,
}

impl Grants {
    pub(crate) fn new(list: Vec<Grant>, quota: Quota, time: TimeSource) -> Self {
        Self { list, quota, time }
    }

    /// Adds a folder and opens it. [`Errno::Exist`] if there is one under that name.
    pub fn add(&mut self, name: &str, mount: Mount) -> Result<Box<dyn Dir>, Errno> {
        if self.has(name) {
            return Err(Errno::Exist);
        }
        let grant = mount.grant(name);
        let dir = mount.open(name, &[], &self.quota, &self.time)?;
        self.list.push(grant);
        Ok(dir)
    }

    /// Adds the folders of a saved session that are not among these.
    pub fn recall(&mut self, names: &[String]) {
        for name in names {
            if !self.has(name) {
                let what = if name == "/usr" { "the standard library" } else { "as it was saved" };
                self.list.push(Grant { name: name.clone(), what, host: None });
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// Returns the names under which the guest has them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|grant| grant.name.as_str())
    }

    /// Returns a table of one line each, the folders of the host first.
    pub fn table(&self) -> String {
        let width = |text: fn(&Grant) -> &str| self.list.iter().map(text).map(str::len).max().unwrap_or(0);
        let (names, whats) = (width(|grant| &grant.name), width(|grant| grant.what));
        let mut list: Vec<&Grant> = self.list.iter().collect();
        list.sort_by_key(|grant| grant.host.is_none());
        let mut text = String::new();
        for Grant { name, what, host } in list {
            let host = host.as_ref().map(|host| host.display().to_string()).unwrap_or_default();
            let line = format!("{name:<names$}  {what:<whats$}  {host}");
            let _infallible = writeln!(text, "{}", line.trim_end());
        }
        text.trim_end().to_owned()
    }
}
