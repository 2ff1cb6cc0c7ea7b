//! The blocks that can be recalled while a line is being edited: newest last, without repetitions.

use std::borrow::Cow;
use std::path::Path;

use rustyline::Result;
use rustyline::history::{History, SearchDirection, SearchResult};

use crate::margin;
use crate::state::SharedState;

/// The number of blocks that are kept, in memory and in the file.
pub(crate) const LIMIT: usize = 10_000;

/// The history for rustyline. A block is one entry, whatever its number of lines. Entries have the form
/// of the editor's buffer.
#[derive(Default)]
pub(crate) struct Recall {
    entries: Vec<String>,
    state: SharedState,
}

impl Recall {
    pub(crate) fn new(sources: &[String], state: SharedState) -> Self {
        let mut recall = Self { entries: Vec::new(), state };
        for source in sources {
            recall.entries.push(margin::encode(source));
        }
        recall
    }

    /// Makes `source` the newest entry. False if it is empty or already the newest.
    pub(crate) fn add_source(&mut self, source: &str) -> bool {
        let entry = margin::encode(source);
        if entry.is_empty() || self.entries.last() == Some(&entry) {
            return false;
        }
        self.entries.retain(|other| *other != entry);
        self.entries.push(entry);
        if self.entries.len() > LIMIT {
            self.entries.remove(0);
        }
        true
    }

    /// Returns the source of all entries, oldest first.
    pub(crate) fn sources(&self) -> Vec<String> {
        self.entries.iter().map(|entry| margin::decode(entry)).collect()
    }

    fn find(
        &self,
        start: usize,
        direction: SearchDirection,
        place: impl Fn(&str) -> Option<usize>,
    ) -> Option<SearchResult<'_>> {
        let hit = |index: usize| {
            let entry = self.entries.get(index)?;
            Some(SearchResult { entry: Cow::Borrowed(entry), idx: index, pos: place(entry)? })
        };
        match direction {
            SearchDirection::Reverse => (0..=start.min(self.entries.len())).rev().find_map(hit),
            SearchDirection::Forward => (start..self.entries.len()).find_map(hit),
        }
    }
}

impl History for Recall {
    fn get(&self, index: usize, _: SearchDirection) -> Result<Option<SearchResult<'_>>> {
        Ok(self.entries.get(index).map(|entry| {
            self.state.lock().recalled.clone_from(entry);
            SearchResult { entry: Cow::Borrowed(entry), idx: index, pos: entry.len() }
        }))
    }

    fn add(&mut self, line: &str) -> Result<bool> {
        Ok(self.add_source(&margin::decode(line)))
    }

    fn add_owned(&mut self, line: String) -> Result<bool> {
        self.add(&line)
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Does nothing: [`LIMIT`] applies.
    fn set_max_len(&mut self, _: usize) -> Result<()> {
        Ok(())
    }

    /// Does nothing: there are never repetitions.
    fn ignore_dups(&mut self, _: bool) -> Result<()> {
        Ok(())
    }

    fn ignore_space(&mut self, _: bool) {}

    /// Fails: [`crate::history`] writes the file, not the editor.
    fn save(&mut self, _: &Path) -> Result<()> {
        Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into())
    }

    fn append(&mut self, path: &Path) -> Result<()> {
        self.save(path)
    }

    fn load(&mut self, path: &Path) -> Result<()> {
        self.save(path)
    }

    fn clear(&mut self) -> Result<()> {
        self.entries.clear();
        Ok(())
    }

    fn search(
        &self,
        term: &str,
        start: usize,
        direction: SearchDirection,
    ) -> Result<Option<SearchResult<'_>>> {
        let found = self.find(start, direction, |entry| entry.find(term));
        if let Some(found) = &found {
            self.state.lock().recalled = found.entry.clone().into_owned();
        }
        Ok(found)
    }

    fn starts_with(
        &self,
        term: &str,
        start: usize,
        direction: SearchDirection,
    ) -> Result<Option<SearchResult<'_>>> {
        Ok(self.find(start, direction, |entry| entry.starts_with(term).then_some(term.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recall(sources: &[&str]) -> Recall {
        let mut recall = Recall::default();
        for source in sources {
            recall.add_source(source);
        }
        recall
    }

    #[test]
    fn a_repeated_block_moves_to_the_end() {
        assert_eq!(recall(&["a", "b", "a"]).entries, ["b", "a"]);
    }

    #[test]
    fn a_block_of_several_lines_is_one_entry() {
        let recall = recall(&["if x:\n    y"]);
        let found = recall.get(0, SearchDirection::Reverse).unwrap().unwrap();
        assert_eq!(found.entry, "if x:\n\t    y");
    }

    #[test]
    fn the_oldest_entries_are_dropped() {
        let mut recall = Recall::default();
        for number in 0..=LIMIT {
            recall.add_source(&number.to_string());
        }
        assert_eq!((recall.len(), recall.entries[0].as_str()), (LIMIT, "1"));
    }

    #[test]
    fn a_search_goes_both_ways() {
        let recall = recall(&["one", "two", "tone"]);
        let index = |start, direction| recall.search("one", start, direction).unwrap().map(|hit| hit.idx);
        assert_eq!(index(2, SearchDirection::Reverse), Some(2));
        assert_eq!(index(1, SearchDirection::Reverse), Some(0));
        assert_eq!(index(1, SearchDirection::Forward), Some(2));
        assert_eq!(recall.starts_with("t", 1, SearchDirection::Reverse).unwrap().unwrap().idx, 1);
    }
}
