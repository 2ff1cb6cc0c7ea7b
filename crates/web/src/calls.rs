//! The functions of preview1, as exports of their own names.
//!
//! A call that ends the guest returns [`STOPPED`], and [`stop`] says why. JavaScript then throws, so that no frame of
//! Python runs on; none of this module's is live then.
#![allow(unsafe_code, reason = "the names of exports")]

use wasi_core::{Stop, preview1};

use crate::memory::Guest;
use crate::state;

/// Is returned in the place of an errno when the guest must not run on.
const STOPPED: i32 = -1;

fn call(index: usize, arguments: &[u64]) -> i32 {
    state::with(|state| {
        let (Some(ctx), Some(function)) = (&mut state.ctx, preview1::FUNCTIONS.get(index)) else {
            return STOPPED;
        };
        match function.call_remote(ctx, &mut Guest, arguments) {
            Ok(errno) => errno,
            Err(stop) => {
                state.stop = Some(stop);
                STOPPED
            }
        }
    })
}

/// Returns why the guest has stopped, and forgets it: an exit status from 0 on, or a number below 0.
#[unsafe(no_mangle)]
extern "C" fn stop() -> i64 {
    state::with(|state| match state.stop.take() {
        Some(Stop::Exit(status)) => status.into(),
        Some(Stop::Deadline) => -2,
        Some(Stop::Terminated) => -3,
        Some(Stop::OutputLimit) => -4,
        Some(Stop::Diverged | Stop::RecordingLimit) | None => -1,
    })
}

macro_rules! exports {
    ($($index:literal: $name:ident($($arg:ident: $type:ty),*);)*) => {
        $(
            #[doc = concat!("Is preview1's `", stringify!($name), "`.")]
            #[unsafe(no_mangle)]
            extern "C" fn $name($($arg: $type),*) -> i32 {
                call($index, &[$($arg.into()),*])
            }
        )*

        const NAMES: &[(usize, &str)] = &[$(($index, stringify!($name))),*];
    };
}

exports! {
    0: args_get(argv: u32, buffer: u32);
    1: args_sizes_get(count: u32, size: u32);
    2: environ_get(environ: u32, buffer: u32);
    3: environ_sizes_get(count: u32, size: u32);
    4: clock_res_get(id: u32, resolution: u32);
    5: clock_time_get(id: u32, precision: u64, time: u32);
    6: fd_advise(fd: u32, offset: u64, len: u64, advice: u32);
    7: fd_allocate(fd: u32, offset: u64, len: u64);
    8: fd_close(fd: u32);
    9: fd_datasync(fd: u32);
    10: fd_fdstat_get(fd: u32, stat: u32);
    11: fd_fdstat_set_flags(fd: u32, flags: u32);
    12: fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64);
    13: fd_filestat_get(fd: u32, stat: u32);
    14: fd_filestat_set_size(fd: u32, size: u64);
    15: fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, flags: u32);
    16: fd_pread(fd: u32, iovs: u32, count: u32, offset: u64, read: u32);
    17: fd_prestat_get(fd: u32, prestat: u32);
    18: fd_prestat_dir_name(fd: u32, path: u32, len: u32);
    19: fd_pwrite(fd: u32, iovs: u32, count: u32, offset: u64, written: u32);
    20: fd_read(fd: u32, iovs: u32, count: u32, read: u32);
    21: fd_readdir(fd: u32, buffer: u32, len: u32, cookie: u64, used: u32);
    22: fd_renumber(fd: u32, to: u32);
    23: fd_seek(fd: u32, offset: u64, whence: u32, position: u32);
    24: fd_sync(fd: u32);
    25: fd_tell(fd: u32, position: u32);
    26: fd_write(fd: u32, iovs: u32, count: u32, written: u32);
    27: path_create_directory(fd: u32, path: u32, len: u32);
    28: path_filestat_get(fd: u32, flags: u32, path: u32, len: u32, stat: u32);
    29: path_filestat_set_times(fd: u32, flags: u32, path: u32, len: u32, atim: u64, mtim: u64, fst: u32);
    30: path_link(old_fd: u32, flags: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32);
    31: path_open(fd: u32, flags: u32, path: u32, len: u32, oflags: u32, base: u64, inheriting: u64, fdflags: u32, opened: u32);
    32: path_readlink(fd: u32, path: u32, len: u32, buffer: u32, room: u32, used: u32);
    33: path_remove_directory(fd: u32, path: u32, len: u32);
    34: path_rename(fd: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32);
    35: path_symlink(old: u32, old_len: u32, fd: u32, new: u32, new_len: u32);
    36: path_unlink_file(fd: u32, path: u32, len: u32);
    37: poll_oneoff(subscriptions: u32, events: u32, count: u32, happened: u32);
    38: proc_exit(status: u32);
    39: proc_raise(signal: u32);
    40: sched_yield();
    41: random_get(buffer: u32, len: u32);
    42: sock_accept(fd: u32, flags: u32, accepted: u32);
    43: sock_recv(fd: u32, iovs: u32, count: u32, flags: u32, received: u32, oflags: u32);
    44: sock_send(fd: u32, iovs: u32, count: u32, flags: u32, sent: u32);
    45: sock_shutdown(fd: u32, how: u32);
}

/// Returns 1 if the exports are the functions of preview1, in its order.
#[unsafe(no_mangle)]
extern "C" fn check() -> i32 {
    let same = |(function, &(index, name)): (&preview1::Function, &(usize, &str))| {
        function.name == name && preview1::FUNCTIONS.get(index).is_some_and(|other| other.name == name)
    };
    i32::from(NAMES.len() == preview1::FUNCTIONS.len() && preview1::FUNCTIONS.iter().zip(NAMES).all(same))
}
