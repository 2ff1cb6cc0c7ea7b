//! The files that images are mapped from: this program's executable, files in memory, or others that nobody changes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::pages::View;

/// A file that holds runs of one image and of the images layered over it.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) file: File,
    bytes: Bytes,
    /// Bytes of content in the file, without its holes.
    pub(super) stored: usize,
}

/// The file's bytes in this process's memory.
#[derive(Debug)]
enum Bytes {
    /// A part of the executable, which is at `offset` in its file.
    Embedded { bytes: &'static [u8], offset: u64 },
    /// The whole file; its offsets are indices.
    Mapped(View),
    /// The same, of a file that has more in it.
    Shared(MappedFile),
}

/// A file that is mapped for reading as a whole. Cloning is cheap: clones share the mapping.
#[derive(Clone, Debug)]
pub struct MappedFile(Arc<Mapped>);

#[derive(Debug)]
struct Mapped {
    file: File,
    view: View,
}

impl MappedFile {
    /// Maps a file, with the length that it has now.
    ///
    /// # Safety
    ///
    /// The file must not change while it is mapped. A process that reads where a file was cut off ends.
    #[expect(unsafe_code, reason = "passes on to its caller what the system cannot promise")]
    pub unsafe fn open(file: File) -> io::Result<Self> {
        let len = usize::try_from(file.metadata()?.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let view = View::new(&file, len)?;
        Ok(Self(Arc::new(Mapped { file, view })))
    }

    /// Copies bytes into a file in memory, which nobody can change.
    pub fn of(bytes: &[u8]) -> io::Result<Self> {
        let file = memory_file()?;
        file.write_all_at(bytes, 0)?;
        seal(&file)?;
        let view = View::new(&file, bytes.len())?;
        Ok(Self(Arc::new(Mapped { file, view })))
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        self.0.view.bytes()
    }
}

impl Layer {
    /// Returns the layer for a part of the executable, and the offset of that part in the executable's file.
    ///
    /// Fails with `NotFound` or `Unsupported` if the host does not say which file that is.
    pub(super) fn embedded(bytes: &'static [u8]) -> io::Result<(Self, u64)> {
        let (file, offset) = executable::file_of(bytes)?;
        Ok((Self { file, bytes: Bytes::Embedded { bytes, offset }, stored: bytes.len() }, offset))
    }

    /// Returns the layer for a part of a mapped file, whose other parts the layer does not count.
    pub(super) fn shared(file: &MappedFile, stored: usize) -> io::Result<Self> {
        Ok(Self { file: file.0.file.try_clone()?, bytes: Bytes::Shared(file.clone()), stored })
    }

    /// Returns whether the layer takes memory of this process. A part of the executable, or of another file, does
    /// not.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.bytes, Bytes::Mapped(_))
    }

    /// Returns the bytes from an offset in the file on.
    pub(super) fn bytes_from(&self, offset: u64) -> Option<&[u8]> {
        match &self.bytes {
            Bytes::Embedded { bytes, offset: start } => bytes.get(offset.checked_sub(*start)? as usize..),
            Bytes::Mapped(view) => view.bytes().get(offset as usize..),
            Bytes::Shared(file) => file.as_ref().get(offset as usize..),
        }
    }

    /// Creates a file in memory from `parts`, each with its address. Addresses are offsets in the file, and
    /// the gaps between the parts are holes.
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

/// Creates a file in memory that can be sealed: [memfd_create(2)].
///
/// [memfd_create(2)]: https://man7.org/linux/man-pages/man2/memfd_create.2.html
#[cfg(target_os = "linux")]
fn memory_file() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    Ok(memfd_create("python-wasm image", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?.into())
}

/// Seals the file, so that nobody can change it any more, this process included: `F_ADD_SEALS` in
/// [F_ADD_SEALS(2const)].
///
/// [F_ADD_SEALS(2const)]: https://man7.org/linux/man-pages/man2/F_GET_SEALS.2const.html
#[cfg(target_os = "linux")]
fn seal(file: &File) -> io::Result<()> {
    use rustix::fs::{SealFlags, fcntl_add_seals};
    let all = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    Ok(fcntl_add_seals(file, all)?)
}

/// Creates a file without a name, so that nobody else can open it.
#[cfg(not(target_os = "linux"))]
fn memory_file() -> io::Result<File> {
    tempfile::tempfile()
}

/// Does nothing: the file has no name, and this process does not write to it again.
#[cfg(not(target_os = "linux"))]
fn seal(_file: &File) -> io::Result<()> {
    Ok(())
}

mod executable {
    //! Finds the file, and the offset in it, from which a part of this program was loaded.

    use std::fs::File;
    use std::io;

    /// Looks the address up in `/proc/self/maps`: [proc_pid_maps(5)].
    ///
    /// [proc_pid_maps(5)]: https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
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
        // The executable may have been moved or removed since the program started; `exe` still opens it. The
        // bytes may also be in a shared library, which `exe` is not.
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

    /// Fails with `Unsupported`.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn file_of(_bytes: &'static [u8]) -> io::Result<(File, u64)> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
