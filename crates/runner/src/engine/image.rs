//! The memory of an instance between two calls, to start others from: read by mapping it, never changed.
//!
//! Memory begins with the guest's stack, which grows down from the stack pointer: what lies below
//! that is left over from calls that have returned, and counts as zeros.
//!
//! The encoded form is what the build embeds into the binary: a page that says what there is, then
//! the pages that are not all zero, in a few runs.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::region::{View, page_size};
use super::snapshot::Snapshot;

/// The unit of images and of what changed since: the page of most hosts.
pub(super) const PAGE: usize = 4096;

const MAGIC: &[u8; 16] = b"python-wasm img1";

/// Runs that are this near to each other become one: a mapping costs more than a few zeros.
const GAP: usize = 64 * 1024;

/// Room for the runs of an encoded image.
const HEADER: usize = PAGE;

/// A page of zeros.
static ZEROS: [u8; PAGE] = [0; PAGE];

/// Immutable memory. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Image(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    file: File,
    runs: Vec<Run>,
    len: usize,
    stack_pointer: i32,
    bytes: Bytes,
    /// Bytes that are held in the file.
    stored: usize,
    /// Where the encoded form is that this was read from, if it is a part of this executable.
    origin: Option<&'static [u8]>,
}

/// The bytes that runs are read from: an offset in the file is an index here.
#[derive(Debug)]
enum Bytes {
    /// They lie in this executable, whose file begins that many bytes before them.
    Embedded {
        bytes: &'static [u8],
        offset: u64,
    },
    Mapped(View),
}

/// Bytes of the memory that are not all zero, and where they are in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) offset: u64,
}

impl Image {
    /// An image that is part of this executable, in encoded form.
    ///
    /// It is mapped from the executable's own file where the host says which one that is, and where
    /// pages are as large as the image's; elsewhere it is copied once.
    pub fn embedded(encoded: &'static [u8]) -> io::Result<Self> {
        let (len, stack_pointer, runs) = decode(encoded)?;
        match executable::file_of(encoded) {
            Ok((file, offset)) if offset.is_multiple_of(page_size() as u64) && page_size() == PAGE => {
                let runs = runs.into_iter().map(|run| Run { offset: run.offset + offset, ..run }).collect();
                let bytes = Bytes::Embedded { bytes: encoded, offset };
                let (stored, origin) = (encoded.len(), Some(encoded));
                Ok(Self(Arc::new(Contents { file, runs, len, stack_pointer, bytes, stored, origin })))
            }
            _ => Self::embedded_copy(encoded),
        }
    }

    /// The same, copied into a file in memory, from which it is mapped in one piece: for a process that
    /// has many instances of it.
    pub fn embedded_copy(encoded: &'static [u8]) -> io::Result<Self> {
        Self::read_as(encoded, Some(encoded))
    }

    /// An image in encoded form, copied into a file in memory.
    pub fn read(encoded: &[u8]) -> io::Result<Self> {
        Self::read_as(encoded, None)
    }

    fn read_as(encoded: &[u8], origin: Option<&'static [u8]>) -> io::Result<Self> {
        let (len, stack_pointer, runs) = decode(encoded)?;
        let parts = runs.iter().map(|run| {
            let bytes = encoded.get(run.offset as usize..).and_then(|rest| rest.get(..run.len));
            (run.start, bytes.unwrap_or_default())
        });
        Self::copy(parts, len, stack_pointer, origin)
    }

    /// The memory as it is now.
    pub(super) fn of(memory: &[u8], stack_pointer: i32) -> io::Result<Self> {
        let runs = runs(memory, stack_pointer);
        let parts = runs.iter().map(|run| (run.start, &memory[run.start..run.start + run.len]));
        Self::copy(parts, memory.len(), stack_pointer, None)
    }

    /// A file in memory in which every byte has the offset of its address, so that one mapping is all.
    fn copy<'a>(
        parts: impl Iterator<Item = (usize, &'a [u8])>,
        len: usize,
        stack_pointer: i32,
        origin: Option<&'static [u8]>,
    ) -> io::Result<Self> {
        let file = memory_file()?;
        file.set_len(len as u64)?;
        let (mut stored, mut start) = (0, len);
        for (at, bytes) in parts {
            file.write_all_at(bytes, at as u64)?;
            start = start.min(at / page_size() * page_size());
            stored += bytes.len();
        }
        seal(&file)?;
        let bytes = Bytes::Mapped(View::new(&file, len)?);
        let run = Run { start, len: len - start, offset: start as u64 };
        let runs = if run.len == 0 { Vec::new() } else { vec![run] };
        Ok(Self(Arc::new(Contents { file, runs, len, stack_pointer, bytes, stored, origin })))
    }

    /// Bytes of the memory.
    pub fn memory_size(&self) -> usize {
        self.0.len
    }

    /// The state of an instance that has this memory.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&[], &[], self, None, self.0.stack_pointer).with_len(self.memory_size())
    }

    /// Where the guest's stack stands.
    #[cfg(test)]
    fn stack_pointer(&self) -> i32 {
        self.0.stack_pointer
    }

    pub(super) fn file(&self) -> &File {
        &self.0.file
    }

    pub(super) fn runs(&self) -> &[Run] {
        &self.0.runs
    }

    /// Bytes that are held in the file.
    pub(super) fn stored(&self) -> usize {
        self.0.stored
    }

    /// Whether the two have the same contents because they come from the same place.
    pub(super) fn is_equal(&self, other: &Self) -> bool {
        let origins = self.0.origin.zip(other.0.origin);
        self.is_same(other) || origins.is_some_and(|(one, other)| std::ptr::eq(one, other))
    }

    /// Whether the two are one.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The page of that number; zeros past the end.
    pub(super) fn page(&self, number: usize) -> &[u8; PAGE] {
        self.find_page(number).unwrap_or(&ZEROS)
    }

    fn find_page(&self, number: usize) -> Option<&[u8; PAGE]> {
        let start = number.checked_mul(PAGE)?;
        let runs = &self.0.runs;
        let run = runs.get(runs.partition_point(|run| run.start + run.len <= start))?;
        let inside = start.checked_sub(run.start)?;
        let at = match &self.0.bytes {
            Bytes::Embedded { bytes, offset } => (bytes, run.offset - offset),
            Bytes::Mapped(view) => (&view.bytes(), run.offset),
        };
        let (bytes, offset) = at;
        bytes.get(offset as usize + inside..)?.first_chunk()
    }
}

/// The encoded form of a memory, to be embedded.
pub(super) fn encode(memory: &[u8], stack_pointer: i32) -> Vec<u8> {
    let runs = runs(memory, stack_pointer);
    let mut header = MAGIC.to_vec();
    header.extend((memory.len() as u64).to_le_bytes());
    header.extend(i64::from(stack_pointer).to_le_bytes());
    header.extend((runs.len() as u64).to_le_bytes());
    let mut offset = HEADER;
    for run in &runs {
        for number in [run.start, run.len, offset] {
            header.extend((number as u64).to_le_bytes());
        }
        offset += run.len;
    }
    assert!(header.len() <= HEADER, "{} runs do not fit into one page", runs.len());
    header.resize(HEADER, 0);
    let mut encoded = header;
    for run in &runs {
        encoded.extend(&memory[run.start..run.start + run.len]);
    }
    encoded
}

/// Length, stack pointer and runs of an encoded image.
fn decode(encoded: &[u8]) -> io::Result<(usize, i32, Vec<Run>)> {
    parse(encoded).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is damaged"))
}

fn parse(encoded: &[u8]) -> Option<(usize, i32, Vec<Run>)> {
    let numbers = encoded.get(..HEADER)?.strip_prefix(MAGIC)?;
    let mut numbers =
        numbers.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let len = usize::try_from(numbers.next()?).ok()?;
    let stack_pointer = i32::try_from(numbers.next()? as i64).ok()?;
    let count = usize::try_from(numbers.next()?).ok()?;
    let mut runs = Vec::new();
    for _ in 0..count {
        let (start, size, offset) = (numbers.next()? as usize, numbers.next()? as usize, numbers.next()?);
        let fits = start.checked_add(size)? <= len
            && usize::try_from(offset).ok()?.checked_add(size)? <= encoded.len()
            && start.is_multiple_of(PAGE)
            && size.is_multiple_of(PAGE);
        if !fits {
            return None;
        }
        runs.push(Run { start, len: size, offset });
    }
    Some((len, stack_pointer, runs))
}

/// The first byte of the first page that is not dead stack.
pub(super) fn live(stack_pointer: i32) -> usize {
    usize::try_from(stack_pointer).unwrap_or(0) / PAGE * PAGE
}

/// Where the memory is not zero, in whole pages.
fn runs(memory: &[u8], stack_pointer: i32) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (number, page) in memory.chunks(PAGE).enumerate().skip(live(stack_pointer) / PAGE) {
        if *page == ZEROS[..page.len()] {
            continue;
        }
        let start = number * PAGE;
        match runs.last_mut() {
            Some(last) if start - (last.start + last.len) <= GAP => {
                last.len = start + page.len() - last.start;
            }
            _ => runs.push(Run { start, len: page.len(), offset: 0 }),
        }
    }
    runs
}

#[cfg(target_os = "linux")]
fn memory_file() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    Ok(memfd_create("python-wasm image", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?.into())
}

/// Nobody can change it from now on, this process included.
#[cfg(target_os = "linux")]
fn seal(file: &File) -> io::Result<()> {
    use rustix::fs::{SealFlags, fcntl_add_seals};
    let all = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    Ok(fcntl_add_seals(file, all)?)
}

/// A file without a name: nobody else can reach it.
#[cfg(not(target_os = "linux"))]
fn memory_file() -> io::Result<File> {
    tempfile::tempfile()
}

#[cfg(not(target_os = "linux"))]
fn seal(_file: &File) -> io::Result<()> {
    Ok(())
}

mod executable {
    //! Which file, and where in it, a part of this program was loaded from.

    use std::fs::File;
    use std::io;

    #[cfg(target_os = "linux")]
    pub(super) fn file_of(bytes: &'static [u8]) -> io::Result<(File, u64)> {
        use std::os::unix::fs::MetadataExt;

        let address = bytes.as_ptr() as usize;
        let end = address + bytes.len();
        let maps = std::fs::read_to_string("/proc/self/maps")?;
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        // start-end perms offset device inode path
        let (start, mut fields) = maps
            .lines()
            .find_map(|line| {
                let (range, rest) = line.split_once(' ')?;
                let (from, to) = range.split_once('-')?;
                let from = usize::from_str_radix(from, 16).ok()?;
                let to = usize::from_str_radix(to, 16).ok()?;
                (from <= address && end <= to).then_some((from, rest.split_whitespace().skip(1)))
            })
            .ok_or_else(missing)?;
        let offset = fields.next().and_then(|field| u64::from_str_radix(field, 16).ok());
        let inode = fields.nth(1).and_then(|field| field.parse::<u64>().ok());
        let path = fields.next().ok_or_else(missing)?;
        // The program itself may have been moved or removed since it was started.
        let file = File::open("/proc/self/exe")
            .ok()
            .filter(|file| file.metadata().is_ok_and(|metadata| Some(metadata.ino()) == inode));
        let file = match file {
            Some(file) => file,
            None => File::open(path)?,
        };
        if Some(file.metadata()?.ino()) != inode {
            return Err(missing());
        }
        Ok((file, offset.ok_or_else(missing)? + (address - start) as u64))
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn file_of(_bytes: &'static [u8]) -> io::Result<(File, u64)> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Vec<u8> {
        let mut memory = vec![0; 64 * PAGE];
        memory[5 * PAGE + 7] = 1;
        memory[40 * PAGE..42 * PAGE].fill(2);
        memory
    }

    #[test]
    fn an_image_has_the_pages_of_the_memory_it_was_made_of() {
        let memory = memory();
        let image = Image::of(&memory, 8).unwrap();
        assert_eq!((image.memory_size(), image.stack_pointer()), (memory.len(), 8));
        assert_eq!(image.runs(), [Run { start: 5 * PAGE, len: 59 * PAGE, offset: 5 * PAGE as u64 }]);
        for (number, page) in memory.chunks(PAGE).enumerate() {
            assert_eq!(image.page(number), page, "{number}");
        }
        assert_eq!(image.page(64), &ZEROS);
    }

    #[test]
    fn an_encoded_image_is_the_memory_again() {
        let memory = memory();
        let encoded: &'static [u8] = encode(&memory, 8).leak();
        assert_eq!(encoded.len(), 4 * PAGE);
        let image = Image::embedded(encoded).unwrap();
        for (number, page) in memory.chunks(PAGE).enumerate() {
            assert_eq!(image.page(number), page, "{number}");
        }
    }

    #[test]
    fn what_returned_calls_left_on_the_stack_counts_as_zeros() {
        let image = Image::of(&memory(), 6 * PAGE as i32 + 1).unwrap();
        assert_eq!(image.page(5), &ZEROS);
        assert_eq!(image.page(41)[0], 2);
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
