//! The bytes of a file, in the form in which they are saved.

use std::fmt;
use std::sync::Arc;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that cloning shares. The content of a file is shared with the tree that it was saved from.
#[derive(Clone)]
pub(crate) struct Bytes(pub(crate) Arc<Vec<u8>>);

impl fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Content;

        impl Visitor<'_> for Content {
            type Value = Bytes;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the bytes of a file")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                let mut content = Vec::new();
                content.try_reserve_exact(bytes.len()).map_err(|_| E::custom("no memory"))?;
                content.extend_from_slice(bytes);
                Ok(Bytes(Arc::new(content)))
            }
        }

        deserializer.deserialize_bytes(Content)
    }
}
