//! The files of the package that are not text: the core, Python's code, its memory, its library.

use std::fs;
use std::path::Path;

use cpython::Artefact;

use crate::Error;

/// The licences of the Rust crates in the core, which are among those of the library, and of the one that is not.
const CRATES: &[u8] = include_bytes!("../../runner/licenses.txt");
const MORE_CRATES: &[u8] = include_bytes!("../licenses.txt");

/// Writes all files into a folder.
pub(crate) fn write(artefact: &Artefact, core: &Path, folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder)?;
    let image = read(&artefact.image())?;
    let beginning = unpatched(&read(&artefact.beginning())?, &image)?;
    put(folder, "core.wasm", &read(core)?)?;
    put(folder, "python.wasm", &cpython::metered(&read(&artefact.code())?)?)?;
    put(folder, "rest.wasm", &cpython::metered(&zstd::decode_all(&*read(&artefact.rest())?)?)?)?;
    put(folder, "python.image", &image)?;
    put(folder, "beginning.image", &beginning)?;
    put(folder, "library.zip", &read(&artefact.library())?)?;
    let licenses = [&*read(&artefact.licenses())?, b"\n", CRATES, b"\n", MORE_CRATES].concat();
    put(folder, "licenses.txt", &licenses)?;
    let identity = hexadecimal(&read(&artefact.identity())?);
    let info = format!("{{\"python\": \"{}\", \"identity\": \"{identity}\"}}\n", artefact.version());
    put(folder, "info.json", info.as_bytes())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

/// Unpacks what was compressed as a difference from `base`.
fn unpatched(packed: &[u8], base: &[u8]) -> Result<Vec<u8>, Error> {
    let mut decoder = zstd::Decoder::with_ref_prefix(packed, base)?;
    decoder.window_log_max(31)?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut decoder, &mut bytes)?;
    Ok(bytes)
}
