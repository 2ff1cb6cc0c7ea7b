//! The differences between wasi-core and wasmtime that have a reason.

use wasi_core::Errno;

use crate::plans::Call;
use crate::sides::Outcome;

/// Functions that are not compared, and why.
pub const NOT_COMPARED: [(&str, &str); 2] = [
    ("proc_exit", "it would end the plan"),
    ("poll_oneoff", "wasmtime has no deadline, so a long wait would take its time"),
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

/// Returns the reason for a difference, if it has one: of the outcomes, or, if both succeeded, of the bytes
/// in memory.
///
/// `stream`: the first argument is the descriptor of a stream.
pub fn reason(call: &Call, stream: bool, ours: Outcome, theirs: Outcome) -> Option<&'static str> {
    let (Outcome::Errno(ours), name) = (ours, call.function.name) else { return None };
    let theirs = match (ours, theirs) {
        (0, Outcome::Trap) => {
            return Some("wasmtime ends a guest for a misaligned pointer; here it works");
        }
        (_, Outcome::Trap) => {
            return Some(
                "wasmtime ends a guest for pointers out of bounds or unknown flags; here it gets an errno",
            );
        }
        (_, Outcome::Errno(theirs)) => theirs,
    };
    let slash = call.has_slash_at_end();
    Some(match (name, ours, theirs) {
        // A call with two mistakes may report either.
        (_, FAULT, _) => "a pointer out of bounds is found before anything else",
        ("fd_pread" | "fd_pwrite" | "fd_read" | "fd_write", INVAL, NOMEM) => {
            "more iovecs than the limit are `inval`"
        }
        (_, INVAL, BADF | SPIPE | NOTSUP | NOTSOCK) => {
            "a number out of range is found before a mistake in the descriptor"
        }
        ("path_link" | "path_rename" | "path_symlink", 1.., 1..) if two_paths(ours, theirs) => {
            "of two wrong paths, or a wrong path and a name that is taken, either is reported"
        }
        (_, INVAL | NAMETOOLONG, ILSEQ | INVAL) => {
            "a path that is too long or contains a NUL is not checked further"
        }
        ("path_open", BADF | NOTDIR, ILSEQ) => {
            "a descriptor that is not a folder is found before a path that is not UTF-8"
        }

        // Streams: in wasmtime they have neither flags nor times, and calls on files do not take their
        // descriptors.
        ("fd_fdstat_get", 0, 0) if stream => "wasmtime's standard output appends",
        ("fd_fdstat_set_flags", 0, BADF) if stream => "a stream may be given the flags that it has",
        ("fd_fdstat_set_flags", NOTSUP, BADF) if stream => "a stream is a descriptor, too",
        ("fd_allocate" | "fd_fdstat_set_rights", NOTSUP, BADF) => "a stream is a descriptor, too",
        ("fd_prestat_dir_name", BADF, NOTDIR) => {
            "a descriptor that is not a preopen is `badf`, as for `fd_prestat_get`"
        }
        ("fd_read", 0, INTR) if stream => "reading no bytes from a stream succeeds",
        ("fd_pwrite" | "fd_write", 0, 0) => "wasmtime writes only the first of several iovecs",
        (_, NOTDIR, BADF) => "a stream is a descriptor, but not a folder",

        ("clock_res_get" | "clock_time_get", 0, BADF) => "wasmtime has no clocks of CPU time",
        ("args_sizes_get" | "environ_sizes_get", 0, 0) => "of two results at one address, the last one stays",
        ("fd_filestat_set_times", 0, BADF) => "a folder has times, too",
        ("path_filestat_set_times", 1.., 0) if call.arguments.last() == Some(&0) => {
            "without a time to set, the host does not look whether the file exists"
        }
        ("fd_readdir", 0, 0) => "a file made while a folder is listed may be listed or not",
        ("fd_advise", INVAL, 0) => "POSIX's offsets are signed, those of preview1 are not",
        ("fd_fdstat_set_flags", NOTSUP, INVAL) => "flags that cannot be changed are not supported",
        ("fd_filestat_set_size" | "fd_pread" | "fd_pwrite" | "fd_read" | "fd_write", BADF | INVAL, 0) => {
            "wasmtime opens a file that it creates or truncates for writing, and one without rights for reading, whatever was asked"
        }

        // A trailing slash demands a folder, as in POSIX.
        ("path_filestat_get", 0 | LOOP | NOENT | NOTDIR | PERM, 0) if slash => {
            "wasmtime ignores a trailing slash"
        }
        ("path_remove_directory", 0 | NOTEMPTY, INVAL) if slash => {
            "a folder may be named with a trailing slash"
        }
        ("path_remove_directory" | "path_unlink_file", NOTDIR, INVAL | ISDIR | LOOP | NOENT | PERM)
            if slash =>
        {
            "a file or link with a trailing slash is not a folder, and a link is not followed to be removed"
        }
        ("path_open", EXIST | NOTDIR, ISDIR) if slash => {
            "a file with a trailing slash cannot be created: either mistake is reported"
        }

        ("path_open", 0, 0) => {
            "descriptors are the lowest free ones, as in POSIX; wasmtime takes the one closed last"
        }
        // Flags of `path_open` that exclude each other, or that this host does not have.
        ("path_open", 0, INVAL) => "`excl` has no effect without `creat`, as in POSIX",
        ("path_open", ISDIR | LOOP | NOENT | NOTDIR | PERM, INVAL) => {
            "wasmtime refuses `trunc` with `directory` before it looks at the path"
        }
        ("path_open", _, NOTSUP) => "wasmtime refuses `sync` and similar flags before it looks at the path",
        _ => return None,
    })
}

/// Whether each errno can come from one of two paths.
fn two_paths(ours: i32, theirs: i32) -> bool {
    let of_a_path = [BUSY, EXIST, ILSEQ, INVAL, LOOP, NAMETOOLONG, NOENT, NOTDIR, PERM];
    of_a_path.contains(&ours) && (of_a_path.contains(&theirs) || theirs == BADF)
}
