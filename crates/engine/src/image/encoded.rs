//! The encoded form of an image, which the build embeds into the binary, and other files may have in them: a header of
//! one page, then the pages that are not all zero, in a few runs.
//!
//! The header holds a magic number, then numbers of 8 bytes, little endian: the length of the memory, the
//! stack pointer, the number of runs, and each run's address, length and offset in the encoded form.

use std::io;
use std::sync::Arc;

use python_wasm_contract::{ADDRESSABLE, WASM_PAGE};

use super::{Contents, GAP, Image, Place, Run, runs};
use crate::layer::{Layer, MappedFile};
use crate::pages::{PAGE, page_size};

const MAGIC: &[u8; 16] = b"python-wasm img1";

/// Bytes in the header of the encoded form.
const HEADER: usize = PAGE;

impl Image {
    /// Opens an image in encoded form that is part of this executable.
    ///
    /// It is mapped from the executable's own file if the host says which file that is (Linux does) and has
    /// pages of 4 KiB. Otherwise it is copied once.
    ///
    /// Fails with `InvalidData` if it is damaged.
    pub fn embedded(encoded: &'static [u8]) -> io::Result<Self> {
        let (len, stack_pointer, places) = decode(encoded)?;
        match Layer::embedded(encoded) {
            Ok((layer, offset)) if is_mappable(offset) => {
                let runs = runs_of(&Arc::new(layer), &places, offset);
                Ok(Self(Arc::new(Contents { runs, len, stack_pointer, origin: Some(encoded) })))
            }
            _ => Self::embedded_copy(encoded),
        }
    }

    /// Opens an image in encoded form that begins at `offset` in a file, and may have more behind it.
    ///
    /// It is mapped from there if that is where a page of the host begins, and the host has pages of 4 KiB. Otherwise
    /// it is copied once. All processes that map it share its pages.
    ///
    /// Fails with `InvalidData` if it is damaged.
    pub fn in_file(file: &MappedFile, offset: usize) -> io::Result<Self> {
        let encoded = file.as_ref().get(offset..).unwrap_or_default();
        if !is_mappable(offset as u64) {
            return Self::read(encoded);
        }
        let (len, stack_pointer, places) = decode(encoded)?;
        let stored = places.iter().map(|(_, len, _)| len).sum();
        let runs = runs_of(&Arc::new(Layer::shared(file, stored)?), &places, offset as u64);
        Ok(Self(Arc::new(Contents { runs, len, stack_pointer, origin: None })))
    }

    /// Opens an image like [`embedded`](Self::embedded), but copies it into a file in memory, from which it
    /// is mapped in one piece: for a process that has many instances of it.
    ///
    /// Fails with `InvalidData` if it is damaged.
    pub fn embedded_copy(encoded: &'static [u8]) -> io::Result<Self> {
        Self::read_as(encoded, Some(encoded))
    }

    /// Copies an image in encoded form into a file in memory.
    ///
    /// Fails with `InvalidData` if it is damaged.
    pub fn read(encoded: &[u8]) -> io::Result<Self> {
        Self::read_as(encoded, None)
    }

    fn read_as(encoded: &[u8], origin: Option<&'static [u8]>) -> io::Result<Self> {
        let (len, stack_pointer, places) = decode(encoded)?;
        let parts = places.iter().map(|&(start, len, offset)| {
            let bytes = encoded.get(offset as usize..).and_then(|rest| rest.get(..len));
            (start, bytes.unwrap_or_default())
        });
        Self::copy(parts, len, stack_pointer, origin)
    }
}

/// Returns whether an encoded image at this offset of a file can be mapped.
fn is_mappable(offset: u64) -> bool {
    page_size() == PAGE && offset.is_multiple_of(PAGE as u64)
}

/// Returns the runs of an encoded image that begins at `offset` in the layer's file.
fn runs_of(layer: &Arc<Layer>, places: &[Place], offset: u64) -> Vec<Run> {
    places.iter().map(|&(start, len, at)| Run::of(layer, (start, len, at + offset))).collect()
}

/// The most runs that the header has room for.
const MOST_RUNS: usize = (HEADER - MAGIC.len() - 3 * 8) / (3 * 8);

/// Encodes a memory, to be embedded into a program.
pub(crate) fn encode(memory: &[u8], stack_pointer: i32) -> Vec<u8> {
    let mut gap = GAP;
    let mut runs = runs(memory, stack_pointer, gap);
    while runs.len() > MOST_RUNS {
        gap *= 2;
        runs = super::runs(memory, stack_pointer, gap);
    }
    let mut header = MAGIC.to_vec();
    header.extend((memory.len() as u64).to_le_bytes());
    header.extend(i64::from(stack_pointer).to_le_bytes());
    header.extend((runs.len() as u64).to_le_bytes());
    let mut offset = HEADER;
    for run in &runs {
        for number in [run.start, run.len(), offset] {
            header.extend((number as u64).to_le_bytes());
        }
        offset += run.len();
    }
    header.resize(HEADER, 0);
    let mut encoded = header;
    for run in &runs {
        encoded.extend(&memory[run.clone()]);
    }
    encoded
}

/// Returns length, stack pointer and runs of an encoded image.
fn decode(encoded: &[u8]) -> io::Result<(usize, i32, Vec<Place>)> {
    parse(encoded).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is damaged"))
}

fn parse(encoded: &[u8]) -> Option<(usize, i32, Vec<Place>)> {
    let numbers = encoded.get(..HEADER)?.strip_prefix(MAGIC)?;
    let mut numbers =
        numbers.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let len = usize::try_from(numbers.next()?).ok()?;
    let stack_pointer = i32::try_from(numbers.next()? as i64).ok()?;
    let is_memory = (len as u64).is_multiple_of(WASM_PAGE)
        && len as u64 <= ADDRESSABLE
        && usize::try_from(stack_pointer).is_ok_and(|stack_pointer| stack_pointer <= len);
    if !is_memory {
        return None;
    }
    let count = usize::try_from(numbers.next()?).ok()?;
    let mut places = Vec::new();
    // In the order of their addresses, without overlap.
    let mut end = 0;
    for _ in 0..count {
        let (start, size, offset) = (numbers.next()? as usize, numbers.next()? as usize, numbers.next()?);
        let fits = start.checked_add(size)? <= len
            && usize::try_from(offset).ok()?.checked_add(size)? <= encoded.len()
            && start.is_multiple_of(PAGE)
            && size.is_multiple_of(PAGE)
            && offset.is_multiple_of(PAGE as u64)
            && start >= end;
        end = start.saturating_add(size);
        if !fits {
            return None;
        }
        places.push((start, size, offset));
    }
    Some((len, stack_pointer, places))
}

#[cfg(test)]
mod tests {
    use super::super::tests::memory;
    use super::*;

    #[test]
    fn an_encoded_image_decodes_to_its_memory() {
        let memory = memory();
        let encoded: &'static [u8] = encode(&memory, 8).leak();
        assert_eq!(encoded.len(), 4 * PAGE);
        let image = Image::embedded(encoded).unwrap();
        for (number, page) in memory.chunks(PAGE).enumerate() {
            assert_eq!(image.page(number), page, "{number}");
        }
    }

    #[test]
    fn memory_in_many_pieces_is_encoded() {
        let mut memory = vec![0; 40 << 20];
        memory.iter_mut().step_by(100 << 10).for_each(|byte| *byte = 1);
        let image = Image::read(&encode(&memory, 0)).unwrap();
        for (number, page) in memory.chunks(PAGE).enumerate() {
            assert_eq!(image.page(number), page, "{number}");
        }
    }

    #[test]
    fn an_image_is_found_in_a_file_that_has_more_in_it() {
        let encoded = encode(&memory(), 8);
        for before in [0, PAGE, 100] {
            let file = [&vec![1; before][..], &encoded, b"more"].concat();
            let image = Image::in_file(&MappedFile::of(&file).unwrap(), before).unwrap();
            for (number, page) in memory().chunks(PAGE).enumerate() {
                assert_eq!(image.page(number), page, "{number}");
            }
        }
    }

    #[test]
    fn a_damaged_image_is_refused() {
        let encoded = encode(&memory(), 8);
        // The name, the length, the stack pointer, the number of runs, the first one's start, length and place.
        for at in [0, 17, 21, 26, 33, 40, 48, 56] {
            let mut damaged = encoded.clone();
            damaged[at] ^= 0xff;
            assert!(Image::embedded(damaged.leak()).is_err(), "{at}");
        }
        assert!(Image::embedded(encoded[..3 * PAGE].to_vec().leak()).is_err());
        assert!(Image::embedded(b"").is_err());
    }
}
