//! What can stop a guest from outside: its deadline, its end, an interrupt that it is told of.
//!
//! A module that can be told exports `python_interrupt`, which takes no argument
//! and notes a SIGINT, as a signal handler would; its code sees it at the next
//! safe place. It may return a number: not 0 if an earlier interrupt has not been
//! answered yet, and then the guest is ended, since it does not listen.

use ::wasmi::{self as engine, AsContextMut, Val};
use wasi_core::Request;

use super::host::Host;
use super::outcome;
use crate::engine::Outcome;

/// The name of the export.
const NAME: &str = "python_interrupt";

/// Bytes below the stack pointer that the interrupted function may be using: LLVM lets a function
/// that calls no other keep its locals there without moving the pointer.
const RED_ZONE: i32 = 4096;

/// Fuel for one delivery. It does not count as the guest's own: when an interrupt comes is
/// chance, and must not change what a run costs.
const FUEL: u64 = 1_000_000;

/// The guest's function that notes an interrupt.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    Silent(engine::TypedFunc<(), ()>),
    Answering(engine::TypedFunc<(), i32>),
}

impl Entry {
    /// The module's export, if it has one of a signature that is known here.
    pub(super) fn find<T>(store: &engine::Store<Host<T>>, instance: engine::Instance) -> Option<Self> {
        let function = instance.get_func(store, NAME)?;
        let silent = function.typed(store).map(Self::Silent);
        silent.or_else(|_| function.typed(store).map(Self::Answering)).ok()
    }
}

/// Looks at everything that can stop a guest from outside. The error is how the guest ends.
pub(super) fn look<T>(mut ctx: impl AsContextMut<Data = Host<T>>) -> Result<(), Outcome> {
    let ctx = ctx.as_context_mut();
    let wasi = ctx.data().wasi();
    wasi.check_stop()?;
    match wasi.interrupt().pending() {
        Some(Request::Interrupt) => deliver(ctx),
        _ => Ok(()),
    }
}

/// Takes the pending interrupt and tells the guest of it. The error is how the guest ends if it
/// cannot be told, or does not answer.
///
/// The guest may be in the middle of anything: suspended between two slices, or in a call to the
/// host. Its own stack is left alone from the pointer up, and for a red zone below it.
fn deliver<T>(mut ctx: impl AsContextMut<Data = Host<T>>) -> Result<(), Outcome> {
    let mut ctx = ctx.as_context_mut();
    if !ctx.data().wasi().interrupt().take_interrupt() {
        return Ok(());
    }
    // Taken out while it runs, so that an interrupt of the interrupt ends the guest.
    let Some(entry) = ctx.data_mut().interrupt.take() else {
        return Err(Outcome::Interrupted);
    };
    let stack_pointer = ctx.data().stack_pointer;
    let at = stack_pointer.and_then(|global| global.get(&ctx).i32());
    let move_to = |ctx: &mut engine::StoreContextMut<'_, Host<T>>, address: Option<i32>| {
        if let (Some(global), Some(address)) = (stack_pointer, address) {
            let set = global.set(ctx, Val::I32(address));
            debug_assert!(set.is_ok(), "a stack pointer is a mutable i32 in every module that runs");
        }
    };
    move_to(&mut ctx, at.map(|address| address.wrapping_sub(RED_ZONE) & !15));
    let fuel = ctx.get_fuel().unwrap_or_default();
    let told = ctx.set_fuel(FUEL).and_then(|()| match entry {
        Entry::Silent(function) => function.call(&mut ctx, ()).map(|()| 0),
        Entry::Answering(function) => function.call(&mut ctx, ()),
    });
    let told = ctx.set_fuel(fuel).and(told);
    move_to(&mut ctx, at);
    ctx.data_mut().interrupt = Some(entry);
    match told {
        Ok(0) => {
            ctx.data().wasi().note_interrupt();
            Ok(())
        }
        Ok(_) => Err(Outcome::Interrupted),
        Err(error) => Err(outcome(&error)),
    }
}
