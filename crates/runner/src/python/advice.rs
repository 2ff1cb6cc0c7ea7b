//! What a program is told of a path that it cannot find because the sandbox does not have it.

use python_wasm_sandbox::place::{inside, normalized};

/// Returns a line for the user that says what would have granted `path`, which the guest could not find;
/// `None` if the sandbox is not the reason. `mounts` are the guest's names of its folders.
///
/// The answer depends on the path and the mounts only, never on what the host has there: it goes to the
/// guest.
pub(crate) fn advice(mounts: &[String], path: &str, write: bool, at_prompt: bool) -> Option<String> {
    let path = normalized(path);
    if mounts.iter().any(|name| name != "/" && inside(&path, name).is_some()) {
        return None;
    }
    let folder = match path.rsplit_once('/') {
        Some(("", _)) | None => path.as_str(),
        Some((folder, _)) => folder,
    };
    let words = match (at_prompt, write) {
        (true, true) => format!("%grant {folder}"),
        (true, false) => format!("%grant {folder}:ro"),
        (false, true) => format!("--dir {folder}"),
        (false, false) => format!("--ro-dir {folder}"),
    };
    Some(format!("python-wasm: {path} is not granted to the sandbox; {words} grants it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_folder_that_would_grant_a_file() {
        let names = ["/".to_owned(), "/home/me/p".to_owned()];
        let to_read = |path| advice(&names, path, false, false);
        assert_eq!(
            to_read("/etc/passwd").as_deref(),
            Some("python-wasm: /etc/passwd is not granted to the sandbox; --ro-dir /etc grants it")
        );
        assert_eq!(
            to_read("/home/me/p/../q/./x.csv").as_deref(),
            Some(
                "python-wasm: /home/me/q/x.csv is not granted to the sandbox; --ro-dir /home/me/q grants it"
            )
        );
        assert!(to_read("/data").unwrap().contains("--ro-dir /data grants"));
        assert!(advice(&names, "/srv/new", true, false).unwrap().contains("; --dir /srv grants"));
        let at_prompt = |write| advice(&names, "/srv/new", write, true).unwrap();
        assert!(at_prompt(true).contains("; %grant /srv grants"));
        assert!(at_prompt(false).contains("; %grant /srv:ro grants"));
        assert_eq!(to_read("/home/me/p/missing.txt"), None);
        assert!(to_read("/home/me/p2/x").is_some());
    }
}
