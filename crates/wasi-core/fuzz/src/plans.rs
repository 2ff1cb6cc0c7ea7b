//! A guest without wasm: its memory, and its calls, which are read from bytes.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::{fmt, fs, io};

use wasi_core::preview1::{self, Function, ValType};

/// The size of the guest's memory.
pub const MEMORY: usize = 1 << 16;

/// Where results usually go.
const RESULTS: u64 = 0xf000;

/// Where buffers usually are.
const BUFFERS: u64 = 0x8000;

/// Paths that lead to a file, out, in circles or nowhere, and bytes that are not a path.
const PATHS: [&[u8]; 24] = [
    b"a",
    b"b",
    b"d",
    b"d/a",
    b"d/e",
    b"d/..",
    b"../a",
    b"./d/./b",
    b"a/",
    b"d/../../x",
    b"l",
    b"l/a",
    b".",
    b"..",
    b"d/e/f",
    b"/etc/passwd",
    b"",
    b"nul\0nul",
    b"\xff\xfe",
    b"to-up",
    b"to-up/canary",
    b"to-canary",
    b"d/",
    b"l/",
];

/// Every right that preview1 names.
const ALL_RIGHTS: u64 = (1 << 30) - 1;

/// Where the paths are, 32 bytes apart.
const PATHS_AT: u64 = 0x1000;

/// Numbers at the limits of checks.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    0xff,
    0x100,
    0xfff,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 32,
    1 << 40,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX - 1,
    u64::MAX,
];

/// Returns memory with everything that calls point to: paths, iovecs, subscriptions.
pub fn memory() -> Vec<u8> {
    let mut memory = vec![0; MEMORY];
    for (index, path) in PATHS.iter().enumerate() {
        let at = PATHS_AT as usize + index * 32;
        memory[at..at + path.len()].copy_from_slice(path);
    }
    // Iovecs at 0x2000: 16 of several lengths, of which the last two are bad.
    let lengths = [5, 0, 300, 1, 4096, 0, 7, 16, 2, 3, 9, 100, 0, 1, 0xffff, 0xffff_ffff_u32];
    for (index, length) in lengths.iter().enumerate() {
        let at = 0x2000 + index * 8;
        let buffer = BUFFERS as u32 + index as u32 * 0x400;
        memory[at..at + 4].copy_from_slice(&buffer.to_le_bytes());
        memory[at + 4..at + 8].copy_from_slice(&length.to_le_bytes());
    }
    // Subscriptions at 0x3000: clocks, reads and writes of low descriptors, and one unknown.
    for index in 0..8_usize {
        let at = 0x3000 + index * 48;
        memory[at] = index as u8;
        memory[at + 8] = [0, 1, 2, 0, 1, 2, 0, 3][index];
        memory[at + 16] = [1, 0, 1, 0, 4, 5, 9, 0][index];
        memory[at + 24] = 1;
    }
    for (index, byte) in memory[BUFFERS as usize..BUFFERS as usize + 0x4000].iter_mut().enumerate() {
        *byte = index as u8;
    }
    memory
}

/// Makes the folder that the paths lead through. It has two links that lead out, one of them to a canary.
pub fn populate(granted: &Path) -> io::Result<()> {
    fs::create_dir_all(granted.join("d"))?;
    symlink("..", granted.join("to-up"))?;
    symlink("../canary", granted.join("to-canary"))?;
    fs::write(granted.join("a"), "text")
}

/// One call.
pub struct Call {
    pub function: &'static Function,
    pub arguments: Vec<u64>,
}

impl Call {
    /// Whether a path among the arguments ends in a slash.
    pub fn has_slash_at_end(&self) -> bool {
        self.arguments.iter().any(|&argument| path_at(argument).is_some_and(|path| path.ends_with(b"/")))
    }
}

/// Returns the path that an argument points to, if it does.
fn path_at(argument: u64) -> Option<&'static [u8]> {
    let index = argument.checked_sub(PATHS_AT)? / 32;
    PATHS.get(index as usize).copied()
}

impl fmt::Display for Call {
    /// Writes the function and its arguments, with paths as text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function.name)?;
        for (index, &argument) in self.arguments.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match path_at(argument) {
                Some(path) => write!(f, "{comma}\"{}\"", path.escape_ascii())?,
                None => write!(f, "{comma}{argument:#x}")?,
            }
        }
        f.write_str(")")
    }
}

/// Reads bytes as calls. Missing bytes at the end are zeros.
pub struct Calls<'a>(std::slice::Iter<'a, u8>);

impl<'a> Calls<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }

    fn number(&mut self, bytes: usize) -> u64 {
        (0..bytes).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    /// Reads arguments of the kinds that the function takes, and now and then others.
    fn arguments(&mut self, function: &Function) -> Vec<u64> {
        let mut arguments = Vec::new();
        for kind in kinds(function.name).chars() {
            if self.byte().is_multiple_of(32) {
                self.wild(&mut arguments);
            } else {
                self.fitting(kind, &mut arguments);
            }
        }
        // A wild argument may be two numbers instead of one, or one instead of two.
        arguments.resize_with(function.params.len(), || self.number(1));
        for (argument, param) in arguments.iter_mut().zip(function.params) {
            if *param == ValType::I32 {
                *argument &= 0xffff_ffff;
            }
        }
        arguments
    }

    /// Reads an argument of a kind: one number, or pointer and length.
    fn fitting(&mut self, kind: char, arguments: &mut Vec<u64>) {
        let choice = u64::from(self.byte());
        match kind {
            // The granted folder, or a number that may be open.
            'd' => arguments.push(if choice < 160 { 3 } else { choice % 9 }),
            'f' => arguments.push(if choice < 160 { 4 + choice % 3 } else { choice % 9 }),
            'p' => self.path(choice, arguments),
            'v' => arguments.extend([0x2000 + choice % 14 * 8, u64::from(self.byte()) % 4]),
            'b' => arguments.extend([BUFFERS + choice % 16 * 0x100, u64::from(self.byte()) * 8]),
            's' => arguments.extend([0x3000 + choice % 8 * 48, RESULTS, u64::from(self.byte()) % 8]),
            'r' => arguments.push(RESULTS + choice % 16 * 64),
            'n' => arguments.push(choice),
            // With more of these numbers, most plans would end at one errno.
            'N' if choice < 64 => arguments.push(EDGES[(choice % 16) as usize]),
            'N' => arguments.push(choice - 64),
            'R' => arguments.push(if choice < 32 { choice } else { ALL_RIGHTS }),
            bits => arguments.push(choice % (1 << bits.to_digit(10).unwrap())),
        }
    }

    fn path(&mut self, choice: u64, arguments: &mut Vec<u64>) {
        let index = choice % PATHS.len() as u64;
        arguments.extend([PATHS_AT + index * 32, PATHS[index as usize].len() as u64]);
    }

    fn wild(&mut self, arguments: &mut Vec<u64>) {
        let kind = self.byte();
        let choice = u64::from(kind >> 4);
        match kind & 7 {
            0 | 1 => arguments.push(choice),
            2 => arguments.push(RESULTS + choice * 16 + 1),
            3 => arguments.push(EDGES[choice as usize]),
            4 => arguments.push(1 << (choice * 2)),
            5 => self.path(choice, arguments),
            6 => arguments.push(self.number(4)),
            _ => arguments.push(self.number(8)),
        }
    }
}

impl Iterator for Calls<'_> {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        if self.0.as_slice().is_empty() {
            return None;
        }
        let function = &preview1::FUNCTIONS[usize::from(self.byte()) % preview1::FUNCTIONS.len()];
        Some(Call { function, arguments: self.arguments(function) })
    }
}

/// Returns the kinds of a function's arguments, a letter each: `d` a folder's descriptor, `f` a file's, `p` a
/// path, `v` iovecs, `b` a buffer, `s` subscriptions with the address for their events, `r` a pointer to a
/// result, `n` and `N` a number, `R` rights. A digit stands for that many bits of flags.
fn kinds(function: &str) -> &'static str {
    match function {
        "args_get" | "args_sizes_get" | "environ_get" | "environ_sizes_get" => "rr",
        "clock_res_get" => "2r",
        "clock_time_get" => "2nr",
        "fd_advise" => "fNN3",
        "fd_allocate" => "fNN",
        "fd_close" | "fd_datasync" | "fd_sync" => "f",
        "fd_fdstat_get" | "fd_filestat_get" | "fd_tell" => "fr",
        "fd_fdstat_set_flags" => "f5",
        "fd_fdstat_set_rights" => "fRR",
        "fd_filestat_set_size" => "fN",
        "fd_filestat_set_times" => "fNN4",
        "fd_pread" | "fd_pwrite" => "fvNr",
        "fd_prestat_get" => "dr",
        "fd_prestat_dir_name" => "db",
        "fd_read" | "fd_write" => "fvr",
        "fd_readdir" => "dbNr",
        "fd_renumber" => "ff",
        "fd_seek" => "fN2r",
        "path_create_directory" | "path_remove_directory" | "path_unlink_file" => "dp",
        "path_filestat_get" => "d1pr",
        "path_filestat_set_times" => "d1pNN4",
        "path_link" => "d1pdp",
        "path_open" => "d1p4RR5r",
        "path_readlink" => "dpbr",
        "path_rename" => "dpdp",
        "path_symlink" => "pdp",
        "poll_oneoff" => "sr",
        "proc_exit" | "proc_raise" => "n",
        "sched_yield" => "",
        "random_get" => "b",
        "sock_accept" => "f5r",
        "sock_recv" => "fv2rr",
        "sock_send" => "fv2r",
        "sock_shutdown" => "f2",
        other => panic!("{other} has no row"),
    }
}
