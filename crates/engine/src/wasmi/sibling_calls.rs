//! Chooses the length of a slice for this build of wasmi, whose handlers may leave frames on the native
//! stack.
//!
//! The handlers end in sibling calls if LLVM makes them so:
//! RATIONALE.md, "Why do the profiles turn wasmi's debug assertions off?".
//! In a build without them, each instruction that a guest executes leaves a frame until the slice ends. So a
//! short loop runs once in each process, and the stack that it leaves behind is measured. If there is any,
//! slices get so short that the frames of one fit on the stack of any thread.

use std::sync::OnceLock;

use wasmi::{Caller, Engine, Func, Instance, Module, Store, Val};

use super::SLICE;

/// A module whose export calls the host's function before and after a loop of so many rounds as its argument
/// says.
///
/// ```wat
/// (module
///     (import "" "" (func))
///     (func (export "") (param i32)
///         (call 0)
///         (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
///         (call 0)))
/// ```
const MODULE: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x08\x02\x60\0\0\x60\x01\x7f\0\
    \x02\x05\x01\0\0\0\0\
    \x03\x02\x01\x01\
    \x07\x04\x01\0\0\x01\
    \x0a\x14\x01\x12\0\x10\0\x03\x40\x20\0\x41\x01\x6b\x22\0\x0d\0\x0b\x10\0\x0b";

/// Rounds of the loop. A frame has at least 16 bytes.
const ROUNDS: i32 = 4000;

/// Bytes by which the second call of the host may be deeper for other reasons.
const TOLERATED: usize = 16 << 10;

/// Bytes of stack for the frames of one slice, if they are as large as this loop's. A thread of Rust's
/// standard library has 2 MiB, and the frames of other instructions are several times as large.
const FRAMES: usize = 128 << 10;

/// Returns the fuel of one slice.
pub(super) fn slice() -> u64 {
    static GROWTH: OnceLock<usize> = OnceLock::new();
    let growth = *GROWTH.get_or_init(|| measure().unwrap_or(usize::MAX));
    slice_for(growth)
}

/// Returns the fuel of one slice if [`ROUNDS`] grow the stack by `growth` bytes. Each round costs several
/// units, which is a margin.
fn slice_for(growth: usize) -> u64 {
    if growth <= TOLERATED { SLICE } else { (FRAMES * ROUNDS as usize / growth).max(1) as u64 }
}

/// Returns the bytes by which the loop grew the stack.
fn measure() -> Result<usize, wasmi::Error> {
    let engine = Engine::new(&super::config(crate::Origin::Trusted));
    let mut store: Store<Vec<usize>> = Store::new(&engine, Vec::new());
    store.set_fuel(u64::MAX)?;
    let here = Func::wrap(&mut store, |mut caller: Caller<'_, Vec<usize>>| {
        let local = 0_u8;
        caller.data_mut().push((&raw const local).addr());
    });
    let module = Module::new(&engine, MODULE)?;
    let instance = Instance::new(&mut store, &module, &[here.into()])?;
    if let Some(run) = instance.get_func(&store, "") {
        run.call(&mut store, &[Val::I32(ROUNDS)], &mut [])?;
    }
    let [before, after] = store.data()[..] else { return Ok(0) };
    Ok(before.abs_diff(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_encode_the_text() {
        let text = r#"(module
            (import "" "" (func))
            (func (export "") (param i32)
                (call 0)
                (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (call 0)))"#;
        assert_eq!(wat::parse_str(text).unwrap(), MODULE);
    }

    #[test]
    fn this_build_leaves_no_frames_and_has_long_slices() {
        assert!(measure().unwrap() < TOLERATED);
        assert_eq!(slice(), SLICE);
    }

    #[test]
    fn a_build_that_leaves_frames_has_short_slices() {
        // Each round leaves 100 bytes.
        assert_eq!(slice_for(100 * ROUNDS as usize), (FRAMES / 100) as u64);
        assert_eq!(slice_for(usize::MAX), 1);
    }
}
