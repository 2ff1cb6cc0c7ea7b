//! The WASI functions as typed functions of wasmi's.
//!
//! For an untyped function wasmi allocates a list of values for every call: half of what a cheap call costs.

use wasi_core::preview1::{FUNCTIONS, Function, ValType};
use wasmi::{AsContextMut as _, Caller};

use super::host::{Data, memory_and_host};
use crate::host::Unwind;
use crate::interrupt;

/// The Rust type of a wasm type; with a value, that value as the bits that `preview1::Function::call` takes.
macro_rules! native {
    (I32) => {
        i32
    };
    (I64) => {
        i64
    };
    (I32, $value:ident) => {
        u64::from($value.cast_unsigned())
    };
    (I64, $value:ident) => {
        $value.cast_unsigned()
    };
}

/// Calls another macro with each signature that a WASI function has.
macro_rules! signatures {
    ($with:ident) => {
        $with!();
        $with!(a: I32);
        $with!(a: I32, b: I32);
        $with!(a: I32, b: I64);
        $with!(a: I32, b: I32, c: I32);
        $with!(a: I32, b: I64, c: I32);
        $with!(a: I32, b: I64, c: I64);
        $with!(a: I32, b: I32, c: I32, d: I32);
        $with!(a: I32, b: I64, c: I32, d: I32);
        $with!(a: I32, b: I64, c: I64, d: I32);
        $with!(a: I32, b: I32, c: I32, d: I32, e: I32);
        $with!(a: I32, b: I32, c: I32, d: I64, e: I32);
        $with!(a: I32, b: I32, c: I32, d: I32, e: I32, f: I32);
        $with!(a: I32, b: I32, c: I32, d: I32, e: I32, f: I32, g: I32);
        $with!(a: I32, b: I32, c: I32, d: I32, e: I64, f: I64, g: I32);
        $with!(a: I32, b: I32, c: I32, d: I32, e: I32, f: I64, g: I64, h: I32, i: I32);
    };
}

// A function whose signature is missing above does not compile.
const _: () = {
    let mut row = 0;
    while row < FUNCTIONS.len() {
        assert!(
            is_listed(FUNCTIONS[row].params),
            "a WASI function has a signature that is not in `signatures`"
        );
        row += 1;
    }
};

const fn is_listed(params: &[ValType]) -> bool {
    macro_rules! compare {
        ($($name:ident: $type:ident),*) => {
            if is_same(params, &[$(ValType::$type),*]) {
                return true;
            }
        };
    }
    signatures!(compare);
    false
}

const fn is_same(one: &[ValType], other: &[ValType]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] as u8 != other[at] as u8 {
            return false;
        }
        at += 1;
    }
    one.len() == other.len()
}

/// Wraps a WASI function under its signature.
pub(super) fn function<T: Send + 'static>(
    store: &mut wasmi::Store<Data<T>>,
    function: &'static Function,
) -> wasmi::Func {
    macro_rules! wrap {
        ($($name:ident: $type:ident),*) => {
            if function.params == [$(ValType::$type),*] {
                let body = move |caller: Caller<'_, Data<T>>, $($name: native!($type)),*| {
                    serve(function, caller, &[$(native!($type, $name)),*])
                };
                return match function.result {
                    Some(_) => wasmi::Func::wrap(store, body),
                    None => wasmi::Func::wrap(
                        store,
                        move |caller: Caller<'_, Data<T>>, $($name: native!($type)),*| {
                            body(caller, $($name),*).map(drop)
                        },
                    ),
                };
            }
        };
    }
    signatures!(wrap);
    unreachable!("every function's signature is listed")
}

/// Serves one call: returns its errno, or an error if it ends the guest.
fn serve<T: Send + 'static>(
    function: &Function,
    mut caller: Caller<'_, Data<T>>,
    arguments: &[u64],
) -> Result<i32, wasmi::Error> {
    let (memory, host) = memory_and_host(&mut caller);
    let errno = function.call(host.wasi_mut(), memory, arguments).map_err(|stop| Unwind(stop.into()));
    let errno = errno.map_err(wasmi::Error::host)?;
    // A call may take long for little fuel. And if an interrupt ended it with `intr`, the guest's handler
    // must run before the guest sees that errno.
    interrupt::poll(&mut caller.as_context_mut()).map_err(|outcome| wasmi::Error::host(Unwind(outcome)))?;
    Ok(errno)
}
