//! Implements [`PausedGuest`] for a store of wasmtime's.

use wasmtime::{StoreContextMut, Val};

use super::host::{Data, Exports};
use super::outcome;
use crate::Outcome;
use crate::host::Host;
use crate::interrupt::PausedGuest;

impl<T: 'static> PausedGuest<T> for StoreContextMut<'_, Data<T>> {
    fn host(&mut self) -> &mut Host<T> {
        &mut self.data_mut().host
    }

    fn slice_left(&mut self) -> u64 {
        let left = exports(self).and_then(|exports| exports.counter.get(self).i64());
        left.and_then(|left| u64::try_from(left).ok()).unwrap_or(0)
    }

    fn set_slice_left(&mut self, fuel: u64) {
        if let Some(exports) = exports(self) {
            let left = i64::try_from(fuel).unwrap_or(i64::MAX);
            let set = exports.counter.set(self, Val::I64(left));
            debug_assert!(set.is_ok(), "the counter is a mutable i64");
        }
    }

    fn stack_pointer(&mut self) -> Option<i32> {
        exports(self)?.stack_pointer.get(self).i32()
    }

    fn set_stack_pointer(&mut self, address: i32) {
        if let Some(exports) = exports(self) {
            let set = exports.stack_pointer.set(self, Val::I32(address));
            debug_assert!(set.is_ok(), "the stack pointer is a mutable i32");
        }
    }

    fn call_handler(&mut self) -> Option<Result<i32, Outcome>> {
        let answer = exports(self)?.interrupt.call(self, ());
        Some(answer.map_err(|error| outcome(&error)))
    }
}

fn exports<T>(ctx: &StoreContextMut<'_, Data<T>>) -> Option<Exports> {
    ctx.data().exports.clone()
}
