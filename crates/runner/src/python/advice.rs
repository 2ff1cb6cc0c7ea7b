//! What a program is told of a path that it cannot use because the sandbox does not have it.

use python_wasm_sandbox::place::inside;
use wasi_core::WasiCtx;

use super::world::HOME;

/// The folders of every sandbox whose names on the host may have files that people ask for.
const OWN: [&str; 2] = ["/tmp", HOME];

/// What the guest asks.
pub(crate) struct Question<'a> {
    /// An absolute path without dots, which the guest could not use.
    pub(crate) path: &'a str,
    /// Whether it was to be changed, as far as is known.
    pub(crate) write: bool,
    /// Whether somebody types at a prompt, who can grant more.
    pub(crate) at_prompt: bool,
}

impl Question<'_> {
    /// Returns a line for the user that says what would have granted the path; `None` if the sandbox is not
    /// the reason. `mounts` are the guest's names of its folders.
    ///
    /// The answer depends on the path and on what was granted, never on what the host has there: it goes to
    /// the guest.
    pub(crate) fn advice(&self, mounts: &[String], wasi: &WasiCtx) -> Option<String> {
        let path = self.path;
        let granted = mounts.iter().filter(|name| *name != "/" && inside(path, name).is_some());
        let Some(mount) = granted.max_by_key(|name| name.len()) else {
            let grant = self.grant(path, self.write);
            return Some(format!("python-wasm: {path} is not granted to the sandbox; {grant} grants it"));
        };
        if let Some(target) = wasi.ungranted_target(path) {
            let grants = self.either(&target);
            return Some(format!(
                "python-wasm: {path} leads to {target}, which is not granted to the sandbox; {grants}"
            ));
        }
        if !self.write && OWN.contains(&mount.as_str()) && path != mount && wasi.is_in_memory(mount) {
            let grants = self.either(path);
            return Some(format!(
                "python-wasm: {path} is not granted to the sandbox, which has a {mount} of its own; {grants}"
            ));
        }
        None
    }

    /// Says what grants the folder of a path to read, and to write.
    fn either(&self, path: &str) -> String {
        let (read, write) = (self.grant(path, false), self.grant(path, true));
        format!("{read} grants it, {write} also to write there")
    }

    /// Returns the option or the command that grants the folder of a path.
    fn grant(&self, path: &str, write: bool) -> String {
        let folder = match path.trim_end_matches('/').rsplit_once('/') {
            None => "/",
            Some(("", _)) => path,
            Some((folder, _)) => folder,
        };
        match (self.at_prompt, write) {
            (true, true) => format!("%grant {folder}"),
            (true, false) => format!("%grant {folder}:ro"),
            (false, true) => format!("--dir {folder}"),
            (false, false) => format!("--ro-dir {folder}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use wasi_core::fs::{Dir, MemoryDir, Quota, ReadOnly, TimeSource};

    use super::*;

    fn wasi() -> WasiCtx {
        let memory = || MemoryDir::new(Quota::unlimited(), TimeSource::system());
        let builder = WasiCtx::builder().preopen("/home/me/p", Box::new(ReadOnly::new(Box::new(memory()))));
        builder.preopen("/tmp", Box::new(memory()) as Box<dyn Dir>).build().unwrap()
    }

    fn advice(path: &str, write: bool, at_prompt: bool) -> Option<String> {
        let mounts = ["/", "/home/me/p", "/tmp", "/tmp/granted"].map(str::to_owned);
        Question { path, write, at_prompt }.advice(&mounts, &wasi())
    }

    #[test]
    fn advice_names_the_folder_that_would_grant_a_file() {
        let to_read = |path| advice(path, false, false);
        assert_eq!(
            to_read("/etc/passwd").as_deref(),
            Some("python-wasm: /etc/passwd is not granted to the sandbox; --ro-dir /etc grants it")
        );
        assert!(to_read("/data").unwrap().contains("--ro-dir /data grants"));
        assert!(advice("/srv/new", true, false).unwrap().contains("; --dir /srv grants"));
        assert!(advice("/srv/new", true, true).unwrap().contains("; %grant /srv grants"));
        assert!(advice("/srv/new", false, true).unwrap().contains("; %grant /srv:ro grants"));
        assert_eq!(to_read("/home/me/p/missing.txt"), None);
        assert!(to_read("/home/me/p2/x").is_some());
    }

    #[test]
    fn a_file_of_the_host_s_tmp_is_not_granted_as_any_other() {
        assert_eq!(
            advice("/tmp/d/x.csv", false, false).as_deref(),
            Some(
                "python-wasm: /tmp/d/x.csv is not granted to the sandbox, which has a /tmp of its own; \
                 --ro-dir /tmp/d grants it, --dir /tmp/d also to write there"
            )
        );
        assert!(
            advice("/tmp/x", false, true).unwrap().contains("%grant /tmp:ro grants it, %grant /tmp also")
        );
        assert_eq!(advice("/tmp/granted/missing", false, false), None);
        assert_eq!(advice("/tmp", false, false), None);
    }
}
