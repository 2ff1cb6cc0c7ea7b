//! The file of an image, which may come from anybody.
//!
//! It is a name, a version, the build of this program, a checksum of the rest, and the [`Contents`] in postcard's format;
//! then, each from the beginning of a page, the memory as the engine encodes it and the archives of packages.

use std::io::Write as _;
use std::ops::Range;

use python_wasm_engine::{self as engine, MappedFile};
use serde::{Deserialize, Serialize};
use wasi_core::fs::Archive;

use crate::error::Error;
use crate::python::embedded;

/// The first bytes of a file.
const MAGIC: &[u8; 20] = b"python-wasm prepared";

/// The version of the format.
const VERSION: u32 = 1;

/// Where the contents begin, behind the checksum.
const HEADER: usize = MAGIC.len() + 4 + 32 + 4;

/// What begins here can be mapped by hosts with pages of any size.
const ALIGNMENT: usize = 1 << 16;

/// The most bytes of a file that is copied: what 4 GiB of memory and an archive of 4 GiB take.
pub(super) const LARGEST: u64 = 9 << 30;

/// What is in a file: the ranges of its bytes.
#[derive(Serialize, Deserialize)]
struct Contents {
    memory: Range<u64>,
    sites: Vec<(String, Range<u64>)>,
}

/// An image that was read.
pub(super) struct Opened {
    pub(super) memory: engine::Image,
    pub(super) sites: Vec<(String, Archive)>,
    pub(super) checksum: u32,
}

/// Makes the bytes of a file.
pub(super) fn write(memory: &[u8], sites: &[(String, Vec<u8>)]) -> Result<Vec<u8>, Error> {
    let mut next = ALIGNMENT as u64;
    let mut place = |bytes: &[u8]| {
        let range = next..next + bytes.len() as u64;
        next = range.end.next_multiple_of(ALIGNMENT as u64);
        range
    };
    let contents = Contents {
        memory: place(memory),
        sites: sites.iter().map(|(name, archive)| (name.clone(), place(archive))).collect(),
    };
    let contents = postcard::to_stdvec(&contents)
        .map_err(|error| Error::snapshot_because("the image cannot be described", error))?;
    if HEADER + 4 + contents.len() > ALIGNMENT {
        return Err(Error::snapshot("the names of the image's folders are too long"));
    }
    let mut rest = (contents.len() as u32).to_le_bytes().to_vec();
    rest.extend(&contents);
    for part in std::iter::once(memory).chain(sites.iter().map(|(_, archive)| &archive[..])) {
        rest.resize((HEADER + rest.len()).next_multiple_of(ALIGNMENT) - HEADER, 0);
        rest.write_all(part)?;
    }
    let checksum = crc32fast::hash(&rest).to_le_bytes();
    Ok([&MAGIC[..], &VERSION.to_le_bytes(), &embedded::IDENTITY[..], &checksum, &rest].concat())
}

/// Checks a file and opens what is in it.
pub(super) fn read(file: &MappedFile) -> Result<Opened, Error> {
    let bytes = file.as_ref();
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| Error::snapshot(NO_IMAGE))?;
    let (version, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(Error::snapshot(format!(
            "the image has format {version}, and only {VERSION} can be read"
        )));
    }
    let (identity, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
    if *identity != embedded::IDENTITY[..] {
        return Err(Error::snapshot("the image was prepared by another build of python-wasm"));
    }
    let (checksum, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let checksum = u32::from_le_bytes(*checksum);
    if crc32fast::hash(rest) != checksum {
        return Err(damaged());
    }
    let (length, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let contents = rest.get(..u32::from_le_bytes(*length) as usize).ok_or_else(damaged)?;
    let Contents { memory, sites } =
        postcard::from_bytes(contents).map_err(|error| Error::snapshot_because(DAMAGED, error))?;
    let memory = usize::try_from(memory.start).map_err(|_too_far| damaged())?;
    let memory =
        engine::Image::in_file(file, memory).map_err(|error| Error::snapshot_because(DAMAGED, error))?;
    if memory.memory_size() < embedded::image().map_err(Error::of_engine)?.memory_size() {
        return Err(damaged());
    }
    let open = |(name, range): (String, Range<u64>)| {
        let part = Part { file: file.clone(), range: range.start as usize..range.end as usize };
        let is_name = name.starts_with('/') && !name.contains('\0');
        let archive = Archive::open(part).map_err(|error| Error::snapshot_because(DAMAGED, error))?;
        if is_name { Ok((name, archive)) } else { Err(damaged()) }
    };
    let sites = sites.into_iter().map(open).collect::<Result<_, Error>>()?;
    Ok(Opened { memory, sites, checksum })
}

/// A part of a file. It is empty if the file has no such part.
struct Part {
    file: MappedFile,
    range: Range<usize>,
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        self.file.as_ref().get(self.range.clone()).unwrap_or_default()
    }
}

pub(super) const NO_IMAGE: &str = "this is not an image that python-wasm --prepare has made";

const DAMAGED: &str = "the image is damaged";

fn damaged() -> Error {
    Error::snapshot(DAMAGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        match read(&MappedFile::of(bytes).unwrap()) {
            Err(error @ Error::Snapshot { .. }) => error.to_string(),
            Err(error) => panic!("{error:?}"),
            Ok(_) => panic!("it was read"),
        }
    }

    #[test]
    fn other_files_are_no_images() {
        assert_eq!(refusal(b""), NO_IMAGE);
        assert_eq!(refusal(b"python-wasm snapshot"), NO_IMAGE);
    }

    #[test]
    fn a_damaged_image_is_refused_and_so_is_one_of_another_build() {
        let bytes = write(&[0; 100], &[]).unwrap();
        for at in [HEADER - 1, HEADER, HEADER + 5, ALIGNMENT, ALIGNMENT + 99] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(refusal(&damaged), DAMAGED, "{at}");
        }
        // The checksum is right, and what it stands for is no memory.
        assert_eq!(refusal(&bytes), DAMAGED);
        for cut in [25, HEADER - 2, HEADER + 2, ALIGNMENT + 50] {
            assert_eq!(refusal(&bytes[..cut]), DAMAGED, "{cut}");
        }
        let mut other = bytes.clone();
        other[30] ^= 1;
        assert!(refusal(&other).ends_with("another build of python-wasm"));
        let mut other = bytes;
        other[20] = 9;
        assert!(refusal(&other).contains("format 9"));
    }
}
