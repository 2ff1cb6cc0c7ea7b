//! Fetches from Debian's source packages, whose `.orig` tarballs are the projects' own releases.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _};
use crate::workshop::Workshop;

/// The release of Debian that has the pinned versions.
const RELEASE: &str = "trixie";

/// Fetches the tarball `orig` of `package` with apt, which gets its own folders and source list. The
/// machine's stay untouched, and root is not needed.
pub(super) fn source(shop: &mut Workshop<'_>, package: &str, orig: &str) -> Result<PathBuf, Error> {
    let apt = shop.work().join("apt");
    for folder in ["lists/partial", "cache/archives/partial"] {
        let folder = apt.join(folder);
        fs::create_dir_all(&folder).on("create", &folder)?;
    }
    let sources = apt.join("debian.sources");
    fs::write(&sources, source_list(Path::new("/etc/apt"), &code_name())).on("write", &sources)?;
    let configuration = apt.join("apt.conf");
    let text = format!(
        "Dir::State \"{apt}\";\n\
         Dir::State::Lists \"{apt}/lists\";\n\
         Dir::State::Status \"/dev/null\";\n\
         Dir::Cache \"{apt}/cache\";\n\
         Dir::Etc::SourceList \"{apt}/debian.sources\";\n\
         Dir::Etc::SourceParts \"/dev/null\";\n\
         APT::Sandbox::User \"root\";\n\
         Acquire::Languages \"none\";\n\
         APT::Update::Error-Mode \"any\";\n\
         Acquire::http::Timeout \"15\";\n\
         Acquire::https::Timeout \"15\";\n",
        apt = apt.display()
    );
    fs::write(&configuration, text).on("write", &configuration)?;
    for arguments in [&["update"][..], &["source", "--download-only", package]] {
        let mut command = shop.fetching("apt-get");
        command.current_dir(&apt).env("APT_CONFIG", &configuration).args(arguments);
        shop.run(&mut command)?;
    }
    Ok(apt.join(orig))
}

/// Returns the code name of the machine's release, such as "bookworm", or an empty string if it has none.
fn code_name() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let line = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    line.unwrap_or_default().trim_matches('"').to_owned()
}

/// Returns a source list for the machine's own mirrors of its distribution, but for the release with our
/// packages, in the deb822 format of [sources.list(5)].
///
/// [sources.list(5)]: https://manpages.debian.org/stable/apt/sources.list.5.en.html
fn source_list(apt: &Path, code_name: &str) -> String {
    let mut files = vec![apt.join("sources.list")];
    if let Ok(entries) = fs::read_dir(apt.join("sources.list.d")) {
        files.extend(entries.flatten().map(|entry| entry.path()));
    }
    files.sort();
    let mut list = String::new();
    for path in files {
        // An unreadable list means one mirror less. If none is left, apt reports it.
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mirrors: Vec<_> = match path.extension().and_then(|name| name.to_str()) {
            Some("sources") => text.split("\n\n").filter_map(|part| of_stanza(part, code_name)).collect(),
            Some("list") => text.lines().filter_map(|line| of_line(line, code_name)).collect(),
            _ => Vec::new(),
        };
        for Mirror { uris, signed_by } in mirrors {
            let _ = writeln!(list, "Types: deb-src\nURIs: {uris}\nSuites: {RELEASE}\nComponents: main");
            if let Some(key) = signed_by {
                let _ = writeln!(list, "Signed-By: {key}");
            }
            list.push('\n');
        }
    }
    list
}

/// A mirror of the distribution itself. Its entries have the code name as a suite and "main" as a component;
/// entries of other repositories do not.
struct Mirror {
    uris: String,
    signed_by: Option<String>,
}

fn of_stanza(text: &str, code_name: &str) -> Option<Mirror> {
    let field = |name| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let has = |name, word| field(name).is_some_and(|value| value.split_whitespace().any(|w| w == word));
    if !has("Suites:", code_name) || !has("Components:", "main") {
        return None;
    }
    // This keeps the name of a key file, but not a key that is written out in the list.
    let signed_by = field("Signed-By:").filter(|key| !key.is_empty()).map(str::to_owned);
    Some(Mirror { uris: field("URIs:")?.to_owned(), signed_by })
}

fn of_line(text: &str, code_name: &str) -> Option<Mirror> {
    let rest = text.trim().strip_prefix("deb ")?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let (uris, suite) = (words.next()?.to_owned(), words.next()?);
    if suite != code_name || !words.any(|word| word == "main") {
        return None;
    }
    let signed_by = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
    Some(Mirror { uris, signed_by: signed_by.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str, text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sources.list.d")).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        source_list(folder.path(), "bookworm")
    }

    const EXPECTED: &str = "Types: deb-src\nURIs: http://mirror/debian\nSuites: trixie\n\
                            Components: main\nSigned-By: /key.gpg\n\n";

    #[test]
    fn the_distributions_own_stanza_is_asked_for_the_source_package() {
        let text = "Types: deb\n# a comment\nURIs: http://mirror/debian\n\
                    Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /key.gpg\n\n\
                    Types: deb\nURIs: http://mirror/security\nSuites: bookworm-security\nComponents: main\n";
        assert_eq!(list("sources.list.d/debian.sources", text), EXPECTED);
    }

    #[test]
    fn a_line_of_the_older_format_is_understood() {
        let text = "# deb http://no/debian bookworm main\n\
                    deb [arch=amd64 signed-by=/key.gpg] http://mirror/debian bookworm main contrib\n";
        assert_eq!(list("sources.list", text), EXPECTED);
    }

    #[test]
    fn other_repositories_are_ignored() {
        let text = "deb https://download.example/linux/debian bookworm stable\n\
                    deb https://apt.example bookworm-pgdg main\ndeb https://node.example nodistro main\n";
        assert_eq!(list("sources.list.d/other.list", text), "");
    }
}
