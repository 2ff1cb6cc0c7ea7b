//! The WASI functions as wasmi's own, each under its signature.
//!
//! Without types wasmi would make a list of values for every call, on the heap: half of what a cheap
//! call costs.

use wasi_core::preview1::{Function, ValType};
use wasmi::{AsContextMut as _, Caller};

use super::host::{Data, lend};
use crate::host::Stopped;
use crate::{Error, interrupt};

/// A type of wasm in Rust, and such a value as the bits that the door takes.
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

/// A function under the signature that it has, which must be among those that are listed here.
pub(super) fn function<T: Send + 'static>(
    store: &mut wasmi::Store<Data<T>>,
    function: &'static Function,
) -> Result<wasmi::Func, Error> {
    macro_rules! with_signature {
        ($($name:ident: $type:ident),*) => {
            if function.params == [$(ValType::$type),*] {
                let body = move |caller: Caller<'_, Data<T>>, $($name: native!($type)),*| {
                    serve(function, caller, &[$(native!($type, $name)),*])
                };
                return Ok(match function.result {
                    Some(_) => wasmi::Func::wrap(store, body),
                    None => wasmi::Func::wrap(
                        store,
                        move |caller: Caller<'_, Data<T>>, $($name: native!($type)),*| {
                            body(caller, $($name),*).map(drop)
                        },
                    ),
                });
            }
        };
    }
    with_signature!();
    with_signature!(a: I32);
    with_signature!(a: I32, b: I32);
    with_signature!(a: I32, b: I64);
    with_signature!(a: I32, b: I32, c: I32);
    with_signature!(a: I32, b: I64, c: I32);
    with_signature!(a: I32, b: I64, c: I64);
    with_signature!(a: I32, b: I32, c: I32, d: I32);
    with_signature!(a: I32, b: I64, c: I32, d: I32);
    with_signature!(a: I32, b: I64, c: I64, d: I32);
    with_signature!(a: I32, b: I32, c: I32, d: I32, e: I32);
    with_signature!(a: I32, b: I32, c: I32, d: I64, e: I32);
    with_signature!(a: I32, b: I32, c: I32, d: I32, e: I32, f: I32);
    with_signature!(a: I32, b: I32, c: I32, d: I32, e: I32, f: I32, g: I32);
    with_signature!(a: I32, b: I32, c: I32, d: I32, e: I64, f: I64, g: I32);
    with_signature!(a: I32, b: I32, c: I32, d: I32, e: I32, f: I64, g: I64, h: I32, i: I32);
    Err(Error::Instantiate(format!("{} has a signature that is not listed", function.name)))
}

/// A call: numbers in, errno out, or the end of the guest.
fn serve<T: Send + 'static>(
    function: &Function,
    mut caller: Caller<'_, Data<T>>,
    arguments: &[u64],
) -> Result<i32, wasmi::Error> {
    let (memory, host) = lend(&mut caller);
    let errno = function.call(host.wasi_mut(), memory, arguments).map_err(|stop| Stopped(stop.into()));
    let errno = errno.map_err(wasmi::Error::host)?;
    // A call may take long for little fuel. And one that was broken off has just returned `intr`:
    // the guest must know why before it looks at that.
    interrupt::look(&mut caller.as_context_mut()).map_err(|outcome| wasmi::Error::host(Stopped(outcome)))?;
    Ok(errno)
}
