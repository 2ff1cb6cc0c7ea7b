//! Fetches and unpacks CPython's released sources.

use crate::error::Error;
use crate::fetch;
use crate::workshop::Workshop;

/// The pinned release.
pub(crate) const VERSION: &str = "3.13.5";
const SHA256: &str = "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let tarball = fetch::release(shop, VERSION, SHA256)?;
    let mut unpack = shop.command("python3");
    unpack.args(["-W", "ignore", "-c", UNPACK]).arg(tarball).arg(shop.out());
    shop.run(&mut unpack)
}

/// Unpacks without the tarball's single top folder, and with the files' own times. With other times make
/// would take generated files for outdated.
const UNPACK: &str = "
import sys, tarfile
with tarfile.open(sys.argv[1], 'r:xz') as tar:
    members = []
    for member in tar:
        member.name = member.name.partition('/')[2]
        if member.name:
            members.append(member)
    tar.extractall(sys.argv[2], members)
";
