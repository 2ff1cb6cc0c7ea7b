//! Names of folders: inside a guest, where they are text alone, and on the host.

use std::io;
use std::path::{Component, Path};

use wasi_core::Errno;
use wasi_core::fs::MemoryDir;

/// Why a path of the host has no absolute name that a guest can use.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// The host cannot tell where the path leads.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// WASI's names are UTF-8.
    #[error("the name is not UTF-8")]
    NotUtf8,
}

/// Returns the absolute name of a path of the host, without `.` and `..`.
///
/// A path with `..` must exist: only the host knows where `..` leads when there are links.
pub fn absolute_name(path: &Path) -> Result<String, NameError> {
    let absolute = if path.components().any(|part| part == Component::ParentDir) {
        path.canonicalize()?
    } else {
        std::path::absolute(path)?.components().collect()
    };
    absolute.into_os_string().into_string().map_err(|_| NameError::NotUtf8)
}

/// Returns an absolute path of a guest without `.`, `..` and doubled slashes. Looks at its text alone.
pub fn normalized(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Returns what follows `folder` in `path`: `b` for `/a/b` in `/a`, and an empty string for `/a` itself.
/// `None` if the path does not lie there.
pub fn inside<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Makes empty folders in `dir`, which is mounted as `name`, on the way to every place below it.
pub fn make_places(dir: &MemoryDir, name: &str, places: &[String]) -> Result<(), Errno> {
    let mut below = places.iter().filter_map(|place| inside(place, name)).filter(|rest| !rest.is_empty());
    below.try_for_each(|rest| dir.add_dir_all(rest))
}

#[cfg(test)]
mod tests {
    use wasi_core::fs::{Dir, Quota, TimeSource};

    use super::*;

    #[test]
    fn a_folder_in_memory_shows_the_way_to_what_lies_below_it() {
        let memory = MemoryDir::new(Quota::unlimited(), TimeSource::system());
        let places = ["/tmp", "/tmp/work/deep", "/usr"].map(str::to_owned);
        make_places(&memory, "/tmp", &places).unwrap();
        let names: Vec<_> = memory.entries().unwrap().map(|entry| entry.unwrap().name).collect();
        assert_eq!(names, ["work"]);
    }

    #[test]
    fn an_absolute_name_has_no_dots_left() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("sub")).unwrap();
        assert_eq!(
            absolute_name(&real.join("sub/./missing")).unwrap(),
            format!("{}/sub/missing", real.display())
        );
        assert_eq!(absolute_name(&real.join("sub/..")).unwrap(), real.to_str().unwrap());
        assert!(matches!(absolute_name(&real.join("missing/..")), Err(NameError::Io(_))));
    }
}
