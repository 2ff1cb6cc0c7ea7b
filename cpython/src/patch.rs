//! Applies our changes to CPython's sources: unified diffs whose context must match exactly.

use std::fs;
use std::path::Path;

use crate::error::{Error, IoContext as _};
use crate::tree;

/// Applies every `.patch` file in `folder`, in the order of their names, to the files below `root`. A patch
/// may change several files, each named after `+++ b/`.
///
/// Fails with [`Error::Patch`] for one that does not apply.
pub(crate) fn apply_all(folder: &Path, root: &Path) -> Result<(), Error> {
    for name in tree::files(folder)? {
        if name.extension().is_some_and(|name| name == "patch") {
            let path = folder.join(&name);
            let text = fs::read_to_string(&path).on("read", &path)?;
            for part in parts(&text) {
                apply(&path, part, root)?;
            }
        }
    }
    Ok(())
}

/// Splits a patch into one part for each file, from its `--- a/` line to the next.
fn parts(text: &str) -> Vec<&str> {
    let starts: Vec<_> = text
        .match_indices("--- a/")
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || text[..*at].ends_with('\n'))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect()
}

fn apply(source: &Path, part: &str, root: &Path) -> Result<(), Error> {
    let failed = |file: &Path, reason: String| Error::Patch {
        patch: source.to_path_buf(),
        file: file.to_path_buf(),
        reason,
    };
    let change =
        diffy::Patch::from_str(part).map_err(|error| failed(Path::new("(unknown)"), error.to_string()))?;
    let name = change.modified().and_then(|name| name.strip_prefix("b/"));
    let Some(name) = name else {
        return Err(failed(Path::new("(unknown)"), "no line \"+++ b/...\"".to_owned()));
    };
    let path = root.join(name);
    let before = fs::read_to_string(&path).on("read", &path)?;
    let after = diffy::apply(&before, &change).map_err(|error| failed(&path, error.to_string()))?;
    // The old file is a hard link to the pristine one, so it is replaced and never written to.
    fs::remove_file(&path).on("replace", &path)?;
    fs::write(&path, after).on("write", &path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "Why: because.\n\n--- a/one\n+++ b/one\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n\
                         --- a/two\n+++ b/two\n@@ -1 +1 @@\n-1\n+2\n";

    fn patched(one: &str) -> Result<(String, String), Error> {
        let [patches, root] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        fs::write(patches.path().join("1.patch"), PATCH).unwrap();
        fs::write(root.path().join("one"), one).unwrap();
        fs::write(root.path().join("two"), "1\n").unwrap();
        apply_all(patches.path(), root.path())?;
        let read = |name| fs::read_to_string(root.path().join(name)).unwrap();
        Ok((read("one"), read("two")))
    }

    #[test]
    fn a_patch_may_change_several_files() {
        assert_eq!(patched("a\nb\nc\n").unwrap(), ("a\nx\nc\n".into(), "2\n".into()));
    }

    #[test]
    fn a_patch_whose_context_differs_is_refused_and_named() {
        let message = patched("a\nother\nc\n").unwrap_err().to_string();
        assert!(message.contains("1.patch does not apply to") && message.contains("one"), "{message}");
    }

    #[test]
    fn the_pristine_file_behind_a_hard_link_is_unchanged() {
        let [patches, root] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        fs::write(patches.path().join("1.patch"), "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-1\n+2\n").unwrap();
        fs::write(root.path().join("pristine"), "1\n").unwrap();
        fs::hard_link(root.path().join("pristine"), root.path().join("f")).unwrap();
        apply_all(patches.path(), root.path()).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("pristine")).unwrap(), "1\n");
        assert_eq!(fs::read_to_string(root.path().join("f")).unwrap(), "2\n");
    }
}
