//! Completes the paths of host files, for the commands that take one.

use std::path::MAIN_SEPARATOR;

/// Returns the paths that begin with `typed`, sorted. Folders end with a slash.
///
/// A folder that cannot be read has no completions. `~` is not expanded.
pub(crate) fn beginning_with(typed: &str) -> Vec<String> {
    let (folder, prefix) = typed.rfind(MAIN_SEPARATOR).map_or(("", typed), |slash| typed.split_at(slash + 1));
    let Ok(entries) = std::fs::read_dir(if folder.is_empty() { "." } else { folder }) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            // Hidden files only if the dot was typed.
            let shown = name.starts_with(prefix) && (!name.starts_with('.') || prefix.starts_with('.'));
            let slash = if entry.path().is_dir() { "/" } else { "" };
            shown.then(|| format!("{folder}{name}{slash}"))
        })
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| format!("{}/{name}", folder.path().display());
        std::fs::create_dir(path("data")).unwrap();
        for name in ["dash.py", ".hidden", "other"] {
            std::fs::write(path(name), "").unwrap();
        }
        assert_eq!(beginning_with(&path("da")), [path("dash.py"), path("data/")]);
        assert_eq!(beginning_with(&path(".h")), [path(".hidden")]);
        assert_eq!(beginning_with(&path("")).len(), 3);
        assert_eq!(beginning_with("/no/such/folder/x"), [""; 0]);
    }
}
