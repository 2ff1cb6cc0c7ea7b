//! Writes an archive whose bytes depend only on its entries.
//!
//! Entries are compressed by Zstandard (method 93 of PKWARE's [APPNOTE], 6.3.8), or stored if that would not
//! make them smaller. ZIP64 is not supported: the archive stays far below 4 GiB and 65,535 entries, and
//! writing fails if it does not.
//!
//! [APPNOTE]: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

use std::io::{self, Write};

const STORED: u16 = 0;
const ZSTANDARD: u16 = 93;
/// 1980-01-01, 00:00:00: the earliest time in the format.
const DATE: u16 = 0x0021;
const TIME: u16 = 0;
/// The version that a reader must support: 6.3 for method 93.
const VERSION: u16 = 63;
/// Bit 11: names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// The upper byte of "version made by": Unix, so that readers use the mode.
const UNIX: u16 = 3 << 8;

/// Writes an archive for [`Archive`](super::Archive): entries one after the other, then the central directory.
#[derive(Debug)]
pub struct ArchiveWriter<W> {
    output: W,
    offset: usize,
    index: Vec<u8>,
    entries: usize,
    level: i32,
}

impl<W: Write> ArchiveWriter<W> {
    /// Starts an archive. `level` is Zstandard's compression level.
    pub fn new(output: W, level: i32) -> Self {
        Self { output, offset: 0, index: Vec::new(), entries: 0, level }
    }

    /// Adds a folder, whose `name` must end in a slash.
    pub fn folder(&mut self, name: &str) -> io::Result<()> {
        self.entry(name, &[], 0o040_755)
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.entry(name, bytes, 0o100_644)
    }

    fn entry(&mut self, name: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
        let compressed = zstd::bulk::compress(bytes, self.level)?;
        let (method, data) =
            if compressed.len() < bytes.len() { (ZSTANDARD, &compressed[..]) } else { (STORED, bytes) };

        // The fields that the local header and the central directory share.
        let mut common = Vec::with_capacity(26);
        for field in [VERSION, FLAGS, method, TIME, DATE] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc32fast::hash(bytes), small(data.len())?, small(bytes.len())?] {
            common.extend(field.to_le_bytes());
        }
        common.extend(short(name.len())?.to_le_bytes());
        common.extend(0_u16.to_le_bytes()); // extra field

        self.index.extend(b"PK\x01\x02");
        self.index.extend((UNIX | VERSION).to_le_bytes());
        self.index.extend(&common);
        self.index.extend([0; 6]); // comment, disk, internal attributes
        self.index.extend((mode << 16).to_le_bytes());
        self.index.extend(small(self.offset)?.to_le_bytes());
        self.index.extend(name.as_bytes());
        self.entries += 1;

        for part in [&b"PK\x03\x04"[..], &common, name.as_bytes(), data] {
            self.output.write_all(part)?;
            self.offset += part.len();
        }
        Ok(())
    }

    /// Writes the central directory, and flushes.
    pub fn finish(mut self) -> io::Result<()> {
        let entries = short(self.entries)?.to_le_bytes();
        self.output.write_all(&self.index)?;
        self.output.write_all(b"PK\x05\x06\0\0\0\0")?;
        self.output.write_all(&entries)?;
        self.output.write_all(&entries)?;
        self.output.write_all(&small(self.index.len())?.to_le_bytes())?;
        self.output.write_all(&small(self.offset)?.to_le_bytes())?;
        self.output.write_all(&[0, 0])?;
        self.output.flush()
    }
}

fn small(number: usize) -> io::Result<u32> {
    number.try_into().map_err(|_| io::Error::other("too large for a ZIP archive without ZIP64"))
}

fn short(number: usize) -> io::Result<u16> {
    number.try_into().map_err(|_| io::Error::other("too many entries for a ZIP archive without ZIP64"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = ArchiveWriter::new(&mut bytes, 19);
        writer.folder("lib/").unwrap();
        for (name, content) in files {
            writer.file(name, content).unwrap();
        }
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let files: [(&str, &[u8]); 2] = [("lib/a", b"text"), ("lib/b", &[7; 5000])];
        assert_eq!(archive(&files), archive(&files));
    }

    #[test]
    fn a_compressible_file_is_a_zstandard_frame_and_a_small_one_is_stored() {
        let bytes = archive(&[("lib/big", &[7; 5000]), ("lib/small", b"text")]);
        let frame = bytes.windows(4).position(|window| window == [0x28, 0xb5, 0x2f, 0xfd]).unwrap();
        let (text, rest) = (zstd::bulk::decompress(&bytes[frame..frame + 19], 5000), &bytes[..frame]);
        assert!(rest.ends_with(b"lib/big"));
        drop(text);
        assert!(bytes.windows(13).any(|window| window == b"lib/smalltext"));
    }
}
