//! Prepares what a program embeds instead of python.wasm, so that Python starts in milliseconds: the memory
//! of an initialised interpreter, and the module in parts.
//!
//! Python runs here, interpreted, so this stage needs an optimised build: see `tool.rs`.

mod called;
mod python;

use std::fs;
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;

use python_wasm_engine::{InstanceLimits, Module, Origin, unfused, validate};
use sha2::{Digest, Sha256};
use wasi_core::fs::Archive;

use self::python::{BoxError, host_call, initialise, world};
use super::link;
use crate::artefact::{APART, BEGINNING, CODE, CODE_COMPRESSED, IDENTITY, IMAGE, LIBRARY, MODULE, REST};
use crate::error::{Error, IoContext as _};
use crate::split::{self, Part, without_data};
use crate::tree;
use crate::workshop::Workshop;

/// Zstandard's level: the bytes are in every binary, so size matters more than seconds here.
const LEVEL: i32 = 19;

/// The logarithm of Zstandard's window: 32 MiB, so that it covers the whole image.
const WINDOW_LOG: u32 = 25;

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let (module, library) = (shop.result("link").join(MODULE), shop.result("library").join(LIBRARY));
    let apart = functions_set_apart(&shop.result("link"))?;
    let everyday = everyday(&shop.home().join("profile/train"))?;
    let wasm = fs::read(&module).on("read", &module)?;
    let archive = fs::read(&library).on("read", &library)?;
    let files = prepare(&wasm, &archive, &everyday, &apart, &mut || shop.step())
        .map_err(|error| Error::Prepare { module, reason: error.to_string() })?;
    for (name, content) in files {
        let path = shop.out().join(name);
        fs::write(&path, content).on("write", &path)?;
    }
    Ok(())
}

/// Returns the functions that nothing reaches before a library is imported: none, or those that the stage `link` has
/// noted.
fn functions_set_apart(link: &Path) -> Result<Vec<RangeInclusive<u32>>, Error> {
    let path = link.join(link::APART);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).on("read", &path)?;
    let numbers: Vec<u32> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    Ok(numbers.chunks_exact(2).map(|ends| ends[0]..=ends[1]).collect())
}

/// The program that the profile was trained with: its files' names and contents.
type Everyday = [(String, Vec<u8>)];

fn everyday(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let files = tree::files(folder)?.into_iter().map(|name| {
        let path = folder.join(&name);
        Ok((name.to_string_lossy().into_owned(), fs::read(&path).on("read", &path)?))
    });
    files.collect()
}

/// Returns the files of the result, by name. Calls `step` after each step.
fn prepare(
    wasm: &[u8],
    archive: &[u8],
    everyday: &Everyday,
    apart: &[RangeInclusive<u32>],
    step: &mut impl FnMut(),
) -> Result<Vec<(&'static str, Vec<u8>)>, BoxError> {
    let library = Archive::open(archive.to_vec())?;
    // Once here, because `Module::validated` takes its parts as they are.
    let wasm = &*unfused(wasm);
    let python = Module::new(wasm, Origin::Trusted, &[host_call()])?;
    let mut instance = python.instantiate(world(&library, None, &[])?, (), InstanceLimits::NONE)?;
    let beginning = instance.image()?;
    initialise(&mut instance)?;
    let image = instance.image()?;
    step();
    let called = called::functions(wasm, &library, everyday, step)?;
    let code = without_data(wasm).ok_or("the module is malformed")?;
    let part_of = |function| {
        if called.contains(&function) {
            Part::Near
        } else if apart.iter().any(|functions| functions.contains(&function)) {
            Part::Apart
        } else {
            Part::Rest
        }
    };
    let parts = split::split(code, part_of)?;
    // The parts are validated here, once. Programs that embed them rely on that: see `Module::validated`.
    validate(&parts.near)?;
    validate(&parts.rest)?;
    step();
    let identity = Sha256::new().chain_update(code).chain_update(&image).chain_update(archive).finalize();
    if let Some(apart) = &parts.apart {
        validate(apart)?;
    }
    let apart = parts.apart.map(|apart| zstd::bulk::compress(&apart, LEVEL)).transpose()?;
    Ok(vec![
        (CODE_COMPRESSED, zstd::bulk::compress(&parts.near, LEVEL)?),
        (CODE, parts.near),
        (REST, zstd::bulk::compress(&parts.rest, LEVEL)?),
        (BEGINNING, difference(&beginning, &image)?),
        (IMAGE, image),
        (IDENTITY, identity.to_vec()),
    ]
    .into_iter()
    .chain(apart.map(|apart| (APART, apart)))
    .collect())
}

/// Compresses `bytes` as a difference from `base`, with which it has most in common. See `--patch-from` in
/// [zstd(1)].
///
/// [zstd(1)]: https://manpages.debian.org/stable/zstd/zstd.1.en.html
fn difference(bytes: &[u8], base: &[u8]) -> Result<Vec<u8>, BoxError> {
    let mut encoder = zstd::Encoder::with_ref_prefix(Vec::new(), LEVEL, base)?;
    encoder.long_distance_matching(true)?;
    encoder.window_log(WINDOW_LOG)?;
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
