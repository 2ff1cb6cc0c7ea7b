//! Limits that a world is resumed with, which the saved ones do not raise.

use wasi_core::fs::stdio::Capture;
use wasi_core::fs::{Dir, MemoryDir, Quota, TimeSource};
use wasi_core::{Errno, Limits, Stop, Streams, WasiCtx, World};

use crate::back_ends::*;
use crate::guest::Guest;

/// Returns the world of a guest with a folder in memory, a file of 60 bytes in it, and 5 bytes printed.
fn world(limits: Limits, quota: &Quota) -> World {
    let dir = MemoryDir::new(quota.clone(), TimeSource::fixed(0));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(dir)).limits(limits));
    guest.write(1, b"12345").unwrap();
    file(&mut guest, "a", &[b'x'; 60]);
    World::from_bytes(&guest.ctx.save().unwrap().to_bytes().unwrap()).unwrap()
}

fn resumed(world: &World) -> Guest {
    let streams = Streams::new().stdout(Box::new(Capture::new()));
    Guest::with(world.resume(Vec::<(String, Box<dyn Dir>)>::new(), streams).unwrap())
}

/// Opens files until no number is free, and returns how many are open then.
fn open_all(guest: &mut Guest) -> usize {
    let mut opened = 0;
    while guest.open(ROOT, "a", 0, READ).is_ok() {
        opened += 1;
    }
    assert_eq!(guest.open(ROOT, "a", 0, READ), Err(Errno::Mfile));
    opened + 4
}

/// Grows the file until there is no room, and returns its size then.
pub(crate) fn grow(guest: &mut Guest) -> u64 {
    let fd = guest.open(ROOT, "a", 0, WRITE).unwrap();
    (60..=1000).take_while(|&size| guest.call("fd_filestat_set_size", &[fd, size]).is_ok()).last().unwrap()
}

/// Makes directories until there is no room, and returns how many.
fn make_all(guest: &mut Guest) -> usize {
    (0..100).take_while(|number| at(guest, "path_create_directory", &format!("d{number}")).is_ok()).count()
}

#[test]
fn of_the_saved_limits_and_those_of_now_the_smaller_ones_count() {
    let own = Limits { open_files: 10, output: 20, ..Limits::default() };
    for (disk, files, open_files, output, expected) in [
        // Those of now.
        (80, 3, 7, 4, (80, 2, 7, 4)),
        // Those that were saved.
        (1000, 1000, 1000, 1000, (100, 9, 10, 15)),
        // Less than is used already: nothing more can be had, and what is there stays, the number 4 of a file
        // that was closed as well.
        (10, 0, 2, 0, (60, 0, 5, 0)),
    ] {
        let mut world = world(own.clone(), &Quota::new(100, 10));
        world.restrict(&Limits { open_files, output, ..Limits::default() }, disk, files);
        let mut guest = resumed(&world);
        assert_eq!(guest.ctx.output_left(), expected.3);
        assert_eq!(grow(&mut guest), expected.0, "bytes on the disk");
        close(&mut guest, 4).unwrap();
        assert_eq!(make_all(&mut guest), expected.1, "files");
        assert_eq!(open_all(&mut guest), expected.2, "open files");
        let too_much = vec![b'x'; expected.3 as usize + 1];
        let ([iovs, count], _) = guest.iovecs(&[too_much.len() as u32]);
        assert_eq!(guest.raw("fd_write", &[1, iovs, count, 60_000]), Err(Stop::OutputLimit));
    }
}
