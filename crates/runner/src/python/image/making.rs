//! From a Python that has run a program to an image.

use wasi_core::fs::Dir;

use super::{Image, file, packages};
use crate::error::Error;
use crate::python::guest::Guest;
use crate::value::Value;

/// What was there before the program that prepares an image.
pub(crate) struct Before {
    /// `sys.path`.
    path: Value,
    /// How many descriptors were open.
    open_files: usize,
}

impl Before {
    /// Notes what Python has when all that the host tells it is told.
    pub(crate) fn of(guest: &mut Guest) -> Result<Self, Error> {
        let path = guest.request("evaluate", vec!["[*__import__('sys').path]".into(), "<image>".into()])?;
        Ok(Self { path, open_files: guest.instance().wasi().open_files() })
    }

    /// Makes an image of what the program has left in Python, and of its folders of packages. The guest cannot be used
    /// afterwards.
    ///
    /// [`Error::Snapshot`] if the program has left files open, or if a folder cannot be packed.
    pub(crate) fn image(self, guest: &mut Guest) -> Result<Image, Error> {
        let names = texts(guest.request("leave", vec![self.path])?);
        let others = guest.instance().wasi().open_files().saturating_sub(self.open_files);
        if others > 0 || !names.is_empty() {
            let which = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            return Err(Error::snapshot(format!(
                "the program has left files open, which no image can have{which}"
            )));
        }
        let memory = guest.freeze()?;
        let instance = guest.instance();
        let pack = |name: &str| -> Result<(String, Vec<u8>), Error> {
            let dir: Option<&dyn Dir> = instance.wasi().preopen(name);
            let dir = dir.ok_or_else(|| Error::snapshot(format!("the folder {name} is gone")))?;
            let packed = packages::pack(dir).map_err(|error| {
                Error::snapshot_because(format!("{name} cannot be packed: {error}"), error)
            })?;
            Ok((name.to_owned(), packed))
        };
        let sites = instance.state().all_sites().map(pack).collect::<Result<Vec<_>, Error>>()?;
        Image::of(&file::write(&memory, &sites)?)
    }
}

/// Returns the texts in a list.
fn texts(list: Value) -> Vec<String> {
    let Value::List(list) = list else { return Vec::new() };
    let text = |value| if let Value::Str(text) = value { Some(text) } else { None };
    list.into_iter().filter_map(text).collect()
}
