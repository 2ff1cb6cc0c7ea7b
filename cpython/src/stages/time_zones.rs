//! Fetches time-zone data for `zoneinfo`: the files of the IANA database, from PyPI's tzdata.

use crate::error::Error;
use crate::fetch;
use crate::workshop::Workshop;

/// 2026.6 is the database's release 2026f.
pub(super) const VERSION: &str = "2026.6";
const SHA256: &str = "0a10eec6e13ef16b627fabed9a5f2ba61a62b1c67f327305f4e7e412a70b4aec";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    fetch::wheel(shop, &format!("tzdata=={VERSION}"), SHA256)
}
