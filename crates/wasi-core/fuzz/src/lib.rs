//! What the fuzzers share: a guest without wasm, and bytes read as calls to it.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use wasi_core::preview1::{self, Function, ValType};
use wasi_core::{Stop, WasiCtx};

/// The guest's memory.
pub const MEMORY: usize = 1 << 16;

/// Where results go by choice; a guest may say otherwise.
pub const RESULTS: u64 = 0xf000;

/// Where buffers are, by choice.
pub const BUFFERS: u64 = 0x8000;

/// Paths that lead somewhere, out, in circles, nowhere, or are none.
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

/// Where the paths lie, one in each stretch of 32 bytes.
const PATHS_AT: u64 = 0x1000;

/// Numbers at the edges of what is checked.
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

/// Memory with everything that calls point to: paths, iovecs, subscriptions.
pub fn memory() -> Vec<u8> {
    let mut memory = vec![0; MEMORY];
    for (index, path) in PATHS.iter().enumerate() {
        let at = PATHS_AT as usize + index * 32;
        memory[at..at + path.len()].copy_from_slice(path);
    }
    // Iovecs at 0x2000: 16 of several lengths, the last ones bad.
    let lengths = [5, 0, 300, 1, 4096, 0, 7, 16, 2, 3, 9, 100, 0, 1, 0xffff, 0xffff_ffff_u32];
    for (index, length) in lengths.iter().enumerate() {
        let at = 0x2000 + index * 8;
        let buffer = BUFFERS as u32 + index as u32 * 0x400;
        memory[at..at + 4].copy_from_slice(&buffer.to_le_bytes());
        memory[at + 4..at + 8].copy_from_slice(&length.to_le_bytes());
    }
    // Subscriptions at 0x3000: clocks, reads and writes of low descriptors, one unknown.
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

/// One call.
pub struct Call {
    pub function: &'static Function,
    pub arguments: Vec<u64>,
}

/// Reads bytes as calls. What is missing at the end is zeros.
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

    /// Arguments until there are as many as the function takes. Most are of a kind that means something.
    fn arguments(&mut self, params: &[ValType]) -> Vec<u64> {
        let mut arguments = Vec::new();
        while arguments.len() < params.len() {
            let kind = self.byte();
            let choice = u64::from(kind >> 4);
            match kind & 15 {
                0..=3 => arguments.push(choice),
                4..=6 => {
                    let index = u64::from(self.byte()) % PATHS.len() as u64;
                    arguments.extend([PATHS_AT + index * 32, PATHS[index as usize].len() as u64]);
                }
                7 | 8 => arguments.extend([0x2000 + choice % 14 * 8, u64::from(self.byte()) % 4]),
                9 => arguments.extend([BUFFERS + choice * 0x100, u64::from(self.byte()) * 8]),
                10 => arguments.push(RESULTS + choice * 16),
                11 => arguments.push(0x3000 + choice % 8 * 48),
                12 => arguments.push(EDGES[choice as usize]),
                13 => arguments.push(1 << (choice * 2)),
                14 => arguments.push(self.number(4)),
                _ => arguments.push(self.number(8)),
            }
        }
        arguments.truncate(params.len());
        for (argument, param) in arguments.iter_mut().zip(params) {
            if *param == ValType::I32 {
                *argument &= 0xffff_ffff;
            }
        }
        arguments
    }
}

impl Iterator for Calls<'_> {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        if self.0.as_slice().is_empty() {
            return None;
        }
        let function = &preview1::FUNCTIONS[usize::from(self.byte()) % preview1::FUNCTIONS.len()];
        Some(Call { function, arguments: self.arguments(function.params) })
    }
}

static CALLS: AtomicU64 = AtomicU64::new(0);

/// Makes a call, counts it, and checks what holds for every call.
pub fn make(call: &Call, ctx: &mut WasiCtx, memory: &mut [u8]) -> Result<i32, Stop> {
    let count = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    if count.is_multiple_of(1_000_000) {
        // libFuzzer counts runs, each of many calls.
        let _not_said = writeln!(std::io::stderr(), "{count} calls");
    }
    let outcome = call.function.call(ctx, memory, &call.arguments);
    match outcome {
        Ok(errno) => assert!((0..=76).contains(&errno), "{} gave {errno}", call.function.name),
        Err(Stop::Exit(_)) => assert_eq!(call.function.name, "proc_exit"),
        Err(Stop::Deadline | Stop::OutputLimit) => {}
        Err(Stop::Terminated) => panic!("nobody terminated it"),
        Err(Stop::Diverged) => panic!("nothing is replayed"),
    }
    outcome
}
