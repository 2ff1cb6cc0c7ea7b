//! Saves the descriptor table and opens it again.

use serde::{Deserialize, Serialize};

use super::descriptor::{Descriptor, OpenDir, OpenFile, Origin};
use super::descriptors::{Entry, Table};
use crate::fs::form::{SavedDir, SavedFile};
use crate::fs::saved::{Resumer, Saver};
use crate::fs::{DeviceNumbers, File};
use crate::lists::at_most;
use crate::world_error::WorldError;

/// The most descriptors that a saved context may have. One byte in a file can stand for one.
const NUMBERS_MAX: usize = 1 << 20;

/// All descriptors of a saved context. How many numbers stand for each is counted again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SavedTable {
    #[serde(deserialize_with = "at_most::<_, _, NUMBERS_MAX>")]
    numbers: Vec<Option<u32>>,
    #[serde(deserialize_with = "at_most::<_, _, NUMBERS_MAX>")]
    open: Vec<SavedDescriptor>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum SavedDescriptor {
    File {
        file: SavedFile,
        read: bool,
        write: bool,
        origin: Origin,
    },
    Dir {
        dir: SavedDir,
        preopen: Option<String>,
    },
    /// Nothing is open here.
    Closed,
}

impl SavedTable {
    /// Lists the names of the preopens that have to be granted again.
    pub(crate) fn grants(&self) -> impl Iterator<Item = String> {
        self.open.iter().filter_map(|open| match open {
            SavedDescriptor::Dir { dir, preopen: Some(name) } if dir.is_granted() => Some(name.clone()),
            _ => None,
        })
    }

    /// Returns how many numbers were ever in use.
    pub(crate) fn numbers(&self) -> u32 {
        u32::try_from(self.numbers.len()).unwrap_or(u32::MAX)
    }

    /// Returns a table with the same numbers for the same files. `granted` returns the streams and sockets.
    pub(crate) fn resume(
        &self,
        limit: u32,
        resumer: &Resumer<'_>,
        numbers: &mut DeviceNumbers,
        granted: &mut impl FnMut(Origin) -> Option<Box<dyn File>>,
    ) -> Result<Table, WorldError> {
        let mut open = Vec::new();
        for saved in &self.open {
            let descriptor = saved.resume(resumer, granted)?;
            if let Some(Descriptor::Dir(open)) = &descriptor {
                numbers.number(&*open.dir);
            }
            open.push(descriptor.map(|descriptor| Entry { descriptor, numbers: 0 }));
        }
        let mut table = Table { numbers: Vec::new(), open, limit };
        for number in &self.numbers {
            let index = number.map(|index| index as usize);
            if let Some(index) = index {
                let open = table.open.get_mut(index).and_then(Option::as_mut).ok_or(WorldError::Damaged)?;
                open.numbers += 1;
            }
            table.numbers.push(index);
        }
        let unused = |open: &mut Option<Entry>| open.as_ref().is_some_and(|open| open.numbers == 0);
        for open in table.open.iter_mut().filter_map(|open| unused(open).then_some(open)) {
            *open = None;
        }
        if self.numbers() > limit { Err(WorldError::Damaged) } else { Ok(table) }
    }
}

impl SavedDescriptor {
    fn resume(
        &self,
        resumer: &Resumer<'_>,
        granted: &mut impl FnMut(Origin) -> Option<Box<dyn File>>,
    ) -> Result<Option<Descriptor>, WorldError> {
        Ok(match self {
            Self::File { file, read, write, origin } => {
                let file = match granted(*origin) {
                    Some(file) => file,
                    None => resumer.file(file)?,
                };
                Some(Descriptor::File(OpenFile { file, read: *read, write: *write, origin: *origin }))
            }
            Self::Dir { dir, preopen } => {
                let dir = resumer.dir(dir, preopen.as_deref())?;
                Some(Descriptor::Dir(OpenDir { dir, preopen: preopen.clone(), listing: None }))
            }
            Self::Closed => None,
        })
    }
}

impl Table {
    pub(crate) fn save(&self, saver: &mut Saver) -> Result<SavedTable, WorldError> {
        let mut save = |open: &Option<Entry>| {
            Ok(match open.as_ref().map(|open| &open.descriptor) {
                Some(Descriptor::File(OpenFile { file, read, write, origin })) => {
                    let file =
                        if *origin == Origin::Opened { saver.file(&**file)? } else { SavedFile::lost() };
                    SavedDescriptor::File { file, read: *read, write: *write, origin: *origin }
                }
                Some(Descriptor::Dir(OpenDir { dir, preopen, listing: _ })) => {
                    SavedDescriptor::Dir { dir: saver.dir(&**dir)?, preopen: preopen.clone() }
                }
                None => SavedDescriptor::Closed,
            })
        };
        let open = self.open.iter().map(&mut save).collect::<Result<_, WorldError>>()?;
        let numbers = self.numbers.iter().map(|number| number.map(|index| index as u32)).collect();
        Ok(SavedTable { numbers, open })
    }
}
