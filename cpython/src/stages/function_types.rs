//! Every function of CPython that stands in a table has the type that its place in the table demands.
//!
//! C compilers cannot see it: slots are `void *`, methods are cast. Native code does not mind an argument
//! too many or a result too few, but WebAssembly traps at the call, which may be the last one of a program.

mod object;
mod places;
#[cfg(test)]
mod tests;

use std::fs;

use self::object::Object;
use crate::error::{Error, IoContext as _};
use crate::tree;
use crate::workshop::Workshop;

use super::{compiler, cross};

/// Reads every object of CPython, and fails with all functions that are not what their places demand.
pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    compiler::install(shop, &shop.work().join("bin"))?;
    let build = shop.result("cross").join("build");
    let (mut wrong, mut checked) = (Vec::new(), places::Checked::default());
    for (number, archive) in cross::ARCHIVES.iter().enumerate() {
        let folder = shop.work().join(number.to_string());
        fs::create_dir(&folder).on("create", &folder)?;
        let mut unpack = shop.command("../bin/ar");
        shop.run(unpack.current_dir(&folder).arg("x").arg(build.join(archive)))?;
        for name in tree::files(&folder)? {
            let path = folder.join(&name);
            let bytes = fs::read(&path).on("read", &path)?;
            let object = Object::read(&bytes)
                .map_err(|error| Error::Object { path: name.clone(), reason: error.to_string() })?;
            let name = name.display();
            wrong.extend(places::check(&object, &mut checked).iter().map(|line| format!("{name}: {line}")));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::FunctionTypes { wrong });
    }
    let report = shop.out().join("checked.txt");
    fs::write(&report, format!("{checked:#?}\n")).on("write", &report)
}
