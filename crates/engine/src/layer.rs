//! The files that images are mapped from: a part of this executable, or files in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::pages::View;

/// A file that holds runs of one image, and of those that lie over it.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) file: File,
    bytes: Bytes,
    /// Bytes that are held in the file.
    pub(super) stored: usize,
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

impl Layer {
    /// This part of the executable, and where it begins in that one's file.
    ///
    /// `NotFound` or `Unsupported` if the host does not say which file that is.
    pub(super) fn embedded(bytes: &'static [u8]) -> io::Result<(Self, u64)> {
        let (file, offset) = executable::file_of(bytes)?;
        Ok((Self { file, bytes: Bytes::Embedded { bytes, offset }, stored: bytes.len() }, offset))
    }

    /// Whether it takes memory of this process alone.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.bytes, Bytes::Mapped(_))
    }

    /// The bytes from an offset in the file on.
    pub(super) fn bytes_from(&self, offset: u64) -> Option<&[u8]> {
        match &self.bytes {
            Bytes::Embedded { bytes, offset: start } => bytes.get(offset.checked_sub(*start)? as usize..),
            Bytes::Mapped(view) => view.bytes().get(offset as usize..),
        }
    }

    /// A file in memory in which every byte has the offset of its address.
    pub(super) fn new<'a>(parts: impl Iterator<Item = (usize, &'a [u8])>, len: usize) -> io::Result<Self> {
        let file = memory_file()?;
        file.set_len(len as u64)?;
        let mut stored = 0;
        for (at, bytes) in parts {
            file.write_all_at(bytes, at as u64)?;
            stored += bytes.len();
        }
        seal(&file)?;
        let bytes = Bytes::Mapped(View::new(&file, len)?);
        Ok(Self { file, bytes, stored })
    }
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
