//! What the documents say of this repository: links lead somewhere, and `docs/updating-cpython.md` lists every place
//! that names the version of CPython.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the pinned release stands.
const PIN: &str = "cpython/src/stages/source.rs";

/// The list of what names it.
const LIST: &str = "docs/updating-cpython.md";

/// What a row of the list says of its file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// So many lines name the pinned version.
    Follows(usize),
    /// It names the version that it was measured with or compared to.
    OfItsOwn,
}

/// The pinned release of CPython, three numbers, and its series, the first two.
struct Version {
    release: String,
    series: String,
}

impl Version {
    fn pinned() -> Self {
        let text = read(PIN);
        let (_, rest) = text.split_once("const VERSION: &str = \"").expect("the constant VERSION");
        let (release, _) = rest.split_once('"').expect("the end of a string");
        let (series, _) = release.rsplit_once('.').expect("a version of three numbers");
        Self { release: release.to_owned(), series: series.to_owned() }
    }

    /// Whether a line names the series: with a dot, as a tuple, or as a tag of compiled files.
    fn is_in(&self, line: &str) -> bool {
        let digits = self.series.replace('.', "");
        !self.releases(line).is_empty()
            || line.contains(&format!("({}", self.series.replace('.', ", ")))
            || ["cp", "cpython-"].iter().any(|tag| line.contains(&format!("{tag}{digits}")))
    }

    /// Each mention of the series in a line, with the third number if there is one.
    fn releases<'a>(&self, line: &'a str) -> Vec<&'a str> {
        let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
        let mentions = line.split(|letter| !is_part(letter)).map(|number| number.trim_end_matches('.'));
        mentions
            .filter(|number| {
                let after = number.strip_prefix(&self.series);
                after.is_some_and(|after| after.is_empty() || after.starts_with('.'))
            })
            .collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is a folder of the workspace")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The name of every text file of the repository, with its text. Lock files are left out: they hold hashes; and folders
/// of what was built or is kept by tools.
fn texts() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of the repository") {
            let entry = entry.expect("an entry of it");
            let (name, path) = (entry.file_name(), folder.join(entry.file_name()));
            if entry.file_type().expect("its type").is_dir() {
                let hidden = name.as_encoded_bytes().starts_with(b".") && name != ".ci";
                if !hidden && name != "target" && name != "node_modules" {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(entry.path())
                && name != "Cargo.lock"
                && name != ".git"
            {
                found.insert(path.to_str().expect("a name in UTF-8").to_owned(), text);
            }
        }
    }
    found
}

/// The rows of the list: "| `file` | lines | what to do |", and "own" instead of a number.
fn listed() -> BTreeMap<String, Place> {
    let place = |row: &str| {
        let (file, rest) = row.strip_prefix("| `")?.split_once("` | ")?;
        let lines = rest.split(" |").next()?;
        let place = match lines {
            "own" => Place::OfItsOwn,
            lines => Place::Follows(lines.parse().ok()?),
        };
        Some((file.to_owned(), place))
    };
    read(LIST).lines().filter_map(place).collect()
}

#[test]
fn the_list_has_every_file_that_names_the_version_of_cpython() {
    let (version, listed) = (Version::pinned(), listed());
    let mut missing = Vec::new();
    for (file, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            if file != LIST && !listed.contains_key(&file) && version.is_in(line) {
                missing.push(format!("{file}:{}: {line}", number + 1));
            }
        }
    }
    assert!(missing.is_empty(), "{LIST} does not list\n{}", missing.join("\n"));
}

#[test]
fn every_file_on_the_list_names_the_pinned_version() {
    let (version, listed, texts) = (Version::pinned(), listed(), texts());
    assert!(listed.contains_key(PIN), "{LIST} has lost its table");
    let mut wrong = Vec::new();
    for (file, place) in listed {
        let Some(text) = texts.get(&file) else {
            wrong.push(format!("{file} is listed and does not exist"));
            continue;
        };
        let Place::Follows(lines) = place else {
            if !names_a_version(text) {
                wrong.push(format!("{file} names no version"));
            }
            continue;
        };
        let naming = text.lines().filter(|line| version.is_in(line)).count();
        if naming != lines {
            wrong
                .push(format!("{file} has {naming} lines that name CPython {}, not {lines}", version.series));
        }
        let releases = text.lines().flat_map(|line| version.releases(line));
        let others = releases.filter(|&release| release != version.series && release != version.release);
        wrong.extend(others.map(|release| format!("{file} names {release}, not {}", version.release)));
    }
    assert!(wrong.is_empty(), "{LIST} does not agree with\n{}", wrong.join("\n"));
}

#[test]
fn every_relative_link_of_a_document_leads_somewhere() {
    let is_document = |name: &str| Path::new(name).extension().is_some_and(|extension| extension == "md");
    let documents: BTreeMap<_, _> = texts().into_iter().filter(|(name, _)| is_document(name)).collect();
    let mut broken = Vec::new();
    let mut followed = 0;
    for (name, text) in &documents {
        let folder = Path::new(name).parent().expect("a file's folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.contains("://") {
                continue;
            }
            followed += 1;
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { name.clone() } else { resolved(&folder.join(path)) };
            let is_there = root().join(&target).exists();
            let has_heading =
                || documents.get(&target).is_some_and(|text| anchors(text).any(|it| it == heading));
            if !is_there || !(heading.is_empty() || has_heading()) {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    assert!(followed > 10, "only {followed} links were found");
}

#[test]
fn every_reason_that_the_code_points_to_is_in_the_rationale() {
    // In two parts, so that this file does not hold what it looks for.
    let pointer = concat!("RATIONALE.md", ", \"");
    let rationale = read("RATIONALE.md");
    let headings: Vec<_> = rationale.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut followed = 0;
    for (file, text) in texts() {
        for rest in text.split(pointer).skip(1) {
            let (heading, _) = rest.split_once('"').expect("the end of a quotation");
            // A comment may break the line inside it.
            let words = heading.split_whitespace().filter(|word| !matches!(*word, "//" | "///" | "//!"));
            let heading = words.collect::<Vec<_>>().join(" ");
            assert!(headings.contains(&&*heading), "{file}: RATIONALE.md has no heading {heading:?}");
            followed += 1;
        }
    }
    assert!(followed > 0, "no file points to the rationale");
}

/// Whether a text has a number that may be a version of Python 3.
fn names_a_version(text: &str) -> bool {
    text.split("3.").skip(1).any(|after| after.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// A path of the repository without `.` and `..`.
fn resolved(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.to_str().expect("a path in UTF-8").split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The names by which links reach a document's headings: as GitHub makes them.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title.chars().filter(|&letter| letter.is_alphanumeric() || letter == '-' || letter == '_').collect()
    })
}
