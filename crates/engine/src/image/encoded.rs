//! The encoded form of an image, which the build embeds into the binary: a header of one page, then the pages
//! that are not all zero, in a few runs.
//!
//! The header holds a magic number, then numbers of 8 bytes, little endian: the length of the memory, the
//! stack pointer, the number of runs, and each run's address, length and offset in the encoded form.

use std::io;
use std::sync::Arc;

use super::{Contents, Image, Place, Run, runs};
use crate::layer::Layer;
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
            Ok((layer, offset)) if offset.is_multiple_of(page_size() as u64) && page_size() == PAGE => {
                let layer = Arc::new(layer);
                let places = places.into_iter().map(|(start, len, at)| (start, len, at + offset));
                let runs = places.map(|place| Run::of(&layer, place)).collect();
                Ok(Self(Arc::new(Contents { runs, len, stack_pointer, origin: Some(encoded) })))
            }
            _ => Self::embedded_copy(encoded),
        }
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

/// Encodes a memory, to be embedded into a program.
pub(crate) fn encode(memory: &[u8], stack_pointer: i32) -> Vec<u8> {
    let runs = runs(memory, stack_pointer);
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
    assert!(header.len() <= HEADER, "{} runs do not fit into one page", runs.len());
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
    let count = usize::try_from(numbers.next()?).ok()?;
    let mut places = Vec::new();
    for _ in 0..count {
        let (start, size, offset) = (numbers.next()? as usize, numbers.next()? as usize, numbers.next()?);
        let fits = start.checked_add(size)? <= len
            && usize::try_from(offset).ok()?.checked_add(size)? <= encoded.len()
            && start.is_multiple_of(PAGE)
            && size.is_multiple_of(PAGE);
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
    fn a_damaged_image_is_refused() {
        let encoded = encode(&memory(), 8);
        // The name, the number of runs, the first one's start and length.
        for at in [0, 33, 40, 48] {
            let mut damaged = encoded.clone();
            damaged[at] ^= 0xff;
            assert!(Image::embedded(damaged.leak()).is_err(), "{at}");
        }
        assert!(Image::embedded(encoded[..3 * PAGE].to_vec().leak()).is_err());
        assert!(Image::embedded(b"").is_err());
    }
}
