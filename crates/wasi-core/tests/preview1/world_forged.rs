//! Saved guests that were damaged or forged.

use std::time::UNIX_EPOCH;

use wasi_core::clock::FixedClock;
use wasi_core::fs::{Archive, Device, Dir, Overlay, Quota, TimeSource};
use wasi_core::random::SeededRandom;
use wasi_core::{Streams, WasiCtx, World, WorldError};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};
use crate::world::memory;

/// Returns an archive with a file of this name, which is granted again.
fn archive(name: &str) -> Box<dyn Dir> {
    Box::new(Archive::open(archive_of(name, b"abc")).unwrap().dir())
}

/// Returns a world with one of everything.
fn rich() -> Vec<u8> {
    let dev = memory();
    dev.add_device("random", Device::random(SeededRandom::new(7))).unwrap();
    let overlay = Overlay::new(archive("below"), Quota::new(100, 10), TimeSource::fixed(0));
    let builder = WasiCtx::builder()
        .args(["prog"])
        .random(Box::new(SeededRandom::new(1)))
        .clock(Box::new(FixedClock::new(UNIX_EPOCH)))
        .preopen("/work", Box::new(memory()))
        .preopen("/dev", Box::new(dev))
        .preopen("/over", Box::new(overlay.dir()))
        .preopen("/usr", archive("a"));
    let mut guest = Guest::new(builder);
    dir(&mut guest, "d");
    file(&mut guest, "d/a", b"abc");
    symlink(&mut guest, "d/a", "link").unwrap();
    for (fd, name, how) in [(3, "d/a", WRITE), (4, "random", READ), (5, "below", READ), (6, "a", READ)] {
        guest.open(fd, name, 0, how).unwrap();
    }
    guest.dup(7);
    guest.ctx.save().unwrap().to_bytes().unwrap()
}

#[test]
fn bytes_that_are_not_a_world_are_refused_each_with_its_error() {
    let bytes = rich();
    let read = |bytes: &[u8]| World::from_bytes(bytes).err();
    assert_eq!(read(&bytes), None);
    assert_eq!(read(b""), Some(WorldError::NotAWorld));
    assert_eq!(read(b"something else"), Some(WorldError::NotAWorld));
    let mut other = bytes.clone();
    other[8] = 77;
    assert_eq!(read(&other), Some(WorldError::Version(77)));
    for len in 8..bytes.len() {
        assert_eq!(read(&bytes[..len]), Some(WorldError::Damaged), "{len}");
    }
    assert_eq!(read(&[&bytes[..], b"x"].concat()), Some(WorldError::Damaged));
    for at in 12..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(read(&changed), Some(WorldError::Damaged), "{at}");
    }
}

/// A changed world with the right checksum must be refused or be the world of another guest, and never panic.
#[test]
fn a_forged_world_is_refused_or_harmless() {
    let bytes = rich();
    let body = bytes[24..].to_vec();
    let mut resumed = 0;
    for at in 0..body.len() {
        for value in [0, 1, 2, 5, 0x7f, 0x80, 0xff, body[at].wrapping_add(1), body[at].wrapping_sub(1)] {
            let mut forged = body.clone();
            forged[at] = value;
            let header = [&bytes[..20], &crc32fast::hash(&forged).to_le_bytes()[..]].concat();
            let Ok(world) = World::from_bytes(&[header, forged].concat()) else { continue };
            let granted: [(String, Box<dyn Dir>); 2] =
                [("/over".into(), archive("below")), ("/usr".into(), archive("a"))];
            let Ok(ctx) = world.resume(granted, Streams::new()) else { continue };
            resumed += 1;
            use_everything(ctx);
        }
    }
    assert!(resumed > 100, "{resumed}");
}

/// Visits everything that was read: names, links, parents, contents.
fn use_everything(ctx: WasiCtx) {
    let mut guest = Guest::with(ctx);
    for fd in 0..12 {
        for path in ["d/a", "link", "d/../link", "below", "a", "random"] {
            let _any = guest.open(fd, path, 0, READ);
        }
        let ([iovs, count], _) = guest.iovecs(&[64]);
        for name in ["fd_read", "fd_write"] {
            let _any = guest.raw(name, &[fd, iovs, count, RESULT.into()]);
        }
        let _any = guest.raw("fd_readdir", &[fd, 30_000, 1000, 0, RESULT.into()]);
        let ([from, from_len], [to, to_len]) = (guest.put(b"d"), guest.put(b"d/e"));
        let _any = guest.raw("path_rename", &[fd, from, from_len, fd, to, to_len]);
    }
    let _any = guest.ctx.fork(Streams::new()).unwrap().save();
    let _any = guest.ctx.overlay("/over").map(Overlay::diff);
}
