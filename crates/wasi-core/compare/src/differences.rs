//! Where wasi-core and wasmtime may differ, and why.

use wasi_core::Errno;

use crate::plans::Call;
use crate::sides::Outcome;

/// Functions that are not compared at all, and why.
pub const NOT_COMPARED: [(&str, &str); 2] = [
    ("proc_exit", "the plan would end there"),
    ("poll_oneoff", "a wait that is long would be waited for: wasmtime has no deadline"),
];

const BADF: i32 = Errno::Badf as i32;
const BUSY: i32 = Errno::Busy as i32;
const EXIST: i32 = Errno::Exist as i32;
const FAULT: i32 = Errno::Fault as i32;
const ILSEQ: i32 = Errno::Ilseq as i32;
const INTR: i32 = Errno::Intr as i32;
const INVAL: i32 = Errno::Inval as i32;
const ISDIR: i32 = Errno::Isdir as i32;
const LOOP: i32 = Errno::Loop as i32;
const NAMETOOLONG: i32 = Errno::Nametoolong as i32;
const NOENT: i32 = Errno::Noent as i32;
const NOMEM: i32 = Errno::Nomem as i32;
const NOTDIR: i32 = Errno::Notdir as i32;
const NOTEMPTY: i32 = Errno::Notempty as i32;
const NOTSOCK: i32 = Errno::Notsock as i32;
const NOTSUP: i32 = Errno::Notsup as i32;
const PERM: i32 = Errno::Perm as i32;
const SPIPE: i32 = Errno::Spipe as i32;

/// Why the two may differ so, if they may: by what they answered, or, where both succeeded, by the bytes that they left.
/// `stream` says that the call's first descriptor is one.
pub fn reason(call: &Call, stream: bool, ours: Outcome, theirs: Outcome) -> Option<&'static str> {
    let (Outcome::Errno(ours), name) = (ours, call.function.name) else { return None };
    let theirs = match (ours, theirs) {
        (0, Outcome::Trap) => {
            return Some("wasmtime ends a guest for a misaligned pointer, which works here");
        }
        (_, Outcome::Trap) => {
            return Some(
                "wasmtime ends a guest for pointers out of bounds or unknown flags, here is an errno",
            );
        }
        (_, Outcome::Errno(theirs)) => theirs,
    };
    let slash = call.has_slash_at_end();
    Some(match (name, ours, theirs) {
        // Of two mistakes, either may be named.
        (_, FAULT, _) => "a pointer out of bounds is found before all else",
        ("fd_pread" | "fd_pwrite" | "fd_read" | "fd_write", INVAL, NOMEM) => {
            "more iovecs than the limit are `inval`"
        }
        (_, INVAL, BADF | SPIPE | NOTSUP | NOTSOCK) => {
            "a number out of range is found before what is wrong with the descriptor"
        }
        ("path_link" | "path_rename" | "path_symlink", 1.., 1..) if two_paths(ours, theirs) => {
            "of two paths that are wrong, or one that is and the other's name that is taken, either is named"
        }
        (_, INVAL | NAMETOOLONG, ILSEQ | INVAL) => {
            "a path that is too long, or with a NUL, is not looked at further"
        }
        ("path_open", BADF | NOTDIR, ILSEQ) => {
            "a descriptor that is no folder is found before a path that is no text"
        }

        // Streams: wasmtime's have neither flags nor times, and are no descriptors to calls on files.
        ("fd_fdstat_get", 0, 0) if stream => "wasmtime's standard output appends",
        ("fd_fdstat_set_flags", 0, BADF) if stream => "flags that a stream has can be set",
        ("fd_fdstat_set_flags", NOTSUP, BADF) if stream => "a stream is a descriptor, too",
        ("fd_allocate" | "fd_fdstat_set_rights", NOTSUP, BADF) => "a stream is a descriptor, too",
        ("fd_prestat_dir_name", BADF, NOTDIR) => {
            "a descriptor that is no preopen is `badf`, as for `fd_prestat_get`"
        }
        ("fd_read", 0, INTR) if stream => "nothing read from a stream is nothing read",
        ("fd_pwrite" | "fd_write", 0, 0) => "wasmtime writes the first of several iovecs alone",
        (_, NOTDIR, BADF) => "a stream is a descriptor, but no folder",

        ("clock_res_get" | "clock_time_get", 0, BADF) => "wasmtime has no clocks of CPU time",
        ("args_sizes_get" | "environ_sizes_get", 0, 0) => "two results at one place: the later one stays",
        ("fd_filestat_set_times", 0, BADF) => "a folder has times, too",
        ("path_filestat_set_times", 1.., 0) if call.arguments.last() == Some(&0) => {
            "without a time to set, the host does not look whether the file is there"
        }
        ("fd_readdir", 0, 0) => "what was made while a folder is listed may be listed or not",
        ("fd_advise", INVAL, 0) => "POSIX's offsets end at half of what preview1 can say",
        ("fd_fdstat_set_flags", NOTSUP, INVAL) => "flags that cannot be changed are not supported",
        ("fd_filestat_set_size" | "fd_pread" | "fd_pwrite" | "fd_read" | "fd_write", BADF | INVAL, 0) => {
            "wasmtime opens a file that it makes or empties to write, and one without rights to read, whatever was asked"
        }

        // A slash at the end demands a folder, as in POSIX.
        ("path_filestat_get", 0 | LOOP | NOENT | NOTDIR | PERM, 0) if slash => {
            "wasmtime does not look behind a slash at the end"
        }
        ("path_remove_directory", 0 | NOTEMPTY, INVAL) if slash => {
            "a folder may be named with a slash at its end"
        }
        ("path_remove_directory" | "path_unlink_file", NOTDIR, INVAL | ISDIR | LOOP | NOENT | PERM)
            if slash =>
        {
            "a file or a link with a slash at its end is no folder, and the link is not followed to be removed"
        }
        ("path_open", EXIST | NOTDIR, ISDIR) if slash => {
            "a name with a slash at its end cannot be made: which mistake is it?"
        }

        ("path_open", 0, 0) => "the lowest free descriptor, as in POSIX: wasmtime takes the one closed last",
        // Flags of `path_open` that do not go together, or do not exist on this host.
        ("path_open", ISDIR, 0) => "a right to change the size is one to write, which no folder has",
        ("path_open", 0, INVAL) => "`excl` says nothing without `creat`, as in POSIX",
        ("path_open", ISDIR | LOOP | NOENT | NOTDIR | PERM, INVAL) => {
            "wasmtime refuses `trunc` with `directory` itself"
        }
        ("path_open", _, NOTSUP) => "wasmtime refuses `sync` and its kind before it looks at the path",
        _ => return None,
    })
}

/// Whether each of the errnos may come from one of two paths alone.
fn two_paths(ours: i32, theirs: i32) -> bool {
    let of_a_path = [BUSY, EXIST, ILSEQ, INVAL, LOOP, NAMETOOLONG, NOENT, NOTDIR, PERM];
    of_a_path.contains(&ours) && (of_a_path.contains(&theirs) || theirs == BADF)
}
