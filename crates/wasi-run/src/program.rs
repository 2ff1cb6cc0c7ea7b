//! The form of a file that starts by its name: lines for a shell, and a module behind them.

/// How far the lines may reach.
const LINES: usize = 8192;

/// Returns the module of a file: all of it, or what follows the lines if it begins with `#!`. What the lines say
/// does not count here: only the command line of `wasi-run` grants anything.
pub(crate) fn module(file: &[u8]) -> &[u8] {
    const MAGIC: &[u8] = b"\n\0asm";
    if !file.starts_with(b"#!") {
        return file;
    }
    let lines = &file[..file.len().min(LINES)];
    match lines.windows(MAGIC.len()).position(|bytes| bytes == MAGIC) {
        Some(at) => &file[at + 1..],
        None => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_before_a_module_are_left_out() {
        let module_of = |file: &'static [u8]| module(file);
        assert_eq!(module_of(b"\0asm\x01\0\0\0"), b"\0asm\x01\0\0\0");
        assert_eq!(module_of(b"#!/bin/sh\nexec x\n\0asm\x01\0\0\0"), b"\0asm\x01\0\0\0");
        assert_eq!(module_of(b"exec x\n\0asm\x01\0\0\0"), b"exec x\n\0asm\x01\0\0\0");
        assert_eq!(module_of(b"#!/bin/sh\nexit\n"), b"#!/bin/sh\nexit\n");
        assert_eq!(module_of(b""), b"");
    }
}
