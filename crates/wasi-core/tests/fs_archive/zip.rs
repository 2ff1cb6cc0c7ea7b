//! Writes ZIP archives for tests, right and wrong ones.

/// One entry, with all the fields that a test may falsify.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) data: Vec<u8>,
    pub(crate) packed: u32,
    pub(crate) size: u32,
}

pub(crate) fn stored(name: &str, content: &[u8]) -> Entry {
    Entry {
        name: name.into(),
        flags: 1 << 11,
        method: 0,
        crc: crc32fast::hash(content),
        data: content.to_vec(),
        packed: content.len() as u32,
        size: content.len() as u32,
    }
}

pub(crate) fn compressed(name: &str, content: &[u8]) -> Entry {
    let data = pack(content);
    Entry { method: 93, packed: data.len() as u32, data, ..stored(name, content) }
}

#[cfg(feature = "host")]
fn pack(content: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(content, 3).unwrap()
}

#[cfg(not(feature = "host"))]
fn pack(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Returns an archive like those of other programs: with an extra field only in the local header, and a
/// comment.
pub(crate) fn archive(entries: &[Entry]) -> Vec<u8> {
    let (mut bytes, mut index) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut common = Vec::new();
        for field in [63, entry.flags, entry.method, 0, 0x0021] {
            common.extend(field.to_le_bytes());
        }
        for field in [entry.crc, entry.packed, entry.size] {
            common.extend(field.to_le_bytes());
        }
        common.extend((entry.name.len() as u16).to_le_bytes());

        index.extend(b"PK\x01\x02\x3f\x03");
        index.extend(&common);
        index.extend([0; 12]);
        index.extend((bytes.len() as u32).to_le_bytes());
        index.extend(&entry.name);

        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend(&entry.name);
        bytes.extend(b"\xfe\xca\0\0");
        bytes.extend(&entry.data);
    }
    let start = bytes.len() as u32;
    bytes.extend(&index);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend((entries.len() as u16).to_le_bytes());
    bytes.extend((entries.len() as u16).to_le_bytes());
    bytes.extend((index.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend(7_u16.to_le_bytes());
    bytes.extend(b"comment");
    bytes
}
