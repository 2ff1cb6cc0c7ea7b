//! Finds the functions of the module that everyday programs call.

use std::collections::HashSet;

use python_wasm_contract::{export, host_call as call_of_host};
use python_wasm_engine::{HostCall, HostFunction, Image, InstanceLimits, Module, Number, Origin, Outcome};
use wasi_core::fs::{Archive, MemoryDir, Quota, TimeSource};

use super::Everyday;
use super::python::{BoxError, MOMENT, call, host_call, initialise, world};
use crate::split;

/// A program that calls all methods of the built-in types, with arguments that may fit.
const METHODS: &str = "
import warnings
warnings.simplefilter('ignore')
for make in int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice:
    for name in dir(make):
        for count in 0, 1, 2:
            for other in 3, 1.5, 'a', b'a', [1], {1}, {1: 2}:
                value = make(3) if make in (int, float, complex, range, slice) else make()
                try:
                    repr(getattr(value, name)(*[other] * count))
                except Exception:
                    pass
";

/// A script that imports, reads a file and uses clocks.
const SCRIPT: &str = "
import containers, time
print(containers.__file__, open('data.json').read(), time.process_time(), time.perf_counter(), time.monotonic(),
      time.time_ns(), time.strftime('%c'))
";

/// Variables of the kinds that every program has.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("HOME", "/home/user"),
    ("USER", "user"),
    ("LOGNAME", "user"),
    ("TMPDIR", "/tmp"),
    ("LANG", "C.UTF-8"),
    ("TZ", "Europe/Berlin"),
];

/// The command lines to run, each in its own interpreter.
const COMMANDS: [&[&str]; 5] = [
    &["-c", "pass"],
    &["-c", METHODS],
    &["-m", "json.tool", "/data.json"],
    &["/everyday/script.py"],
    &["/everyday/__main__.py", "-1"],
];

/// Returns the indices of the functions that initialisation, [`COMMANDS`] and one request call.
/// Initialisation alone imports half of the library; `everyday` is the program that the profile was trained
/// with.
pub(super) fn functions(
    module: &[u8],
    library: &Archive,
    everyday: &Everyday,
    step: &mut impl FnMut(),
) -> Result<HashSet<u32>, BoxError> {
    let (from, name) = split::CALLED;
    let note = HostFunction {
        module: from,
        name,
        params: 1,
        body: |call: HostCall<'_, HashSet<u32>>, numbers| {
            call.state.extend(numbers.iter().map(|number| number.cast_unsigned()));
            0
        },
    };
    let python = Module::new(&split::watched(module)?, Origin::Trusted, &[current_folder(), note])?;
    let mut instance =
        python.instantiate(world(library, None, &[])?, HashSet::new(), InstanceLimits::NONE)?;
    initialise(&mut instance)?;
    let image = Image::read(&instance.image()?)?;
    let mut called = std::mem::take(instance.state_mut());
    step();
    for arguments in COMMANDS {
        let mut world = world(library, Some(root(everyday)?), arguments)?;
        world.set_env(ENVIRONMENT).map_err(|errno| errno.to_string())?;
        let mut instance = python.restore(&image.snapshot(), world, called, InstanceLimits::NONE)?;
        if call(&mut instance, export::ADOPT)? != Some(Number::I32(0)) {
            return Err(format!("{} failed", export::ADOPT).into());
        }
        // A request, as programs that embed Python make them. The buffer does not contain a valid one, so the
        // answer is an exception, which does not matter here.
        let size = [Number::I32(1)];
        instance.call(export::BUFFER, &size)?;
        instance.call(export::REQUEST, &size)?;
        match instance.call(export::MAIN, &[])? {
            Outcome::Exited(0) => called = std::mem::take(instance.state_mut()),
            outcome => return Err(format!("{} {outcome}", arguments.join(" ")).into()),
        }
        step();
    }
    Ok(called)
}

/// Returns a `host_call` that answers the one request that every program makes: the initial working directory
/// is `/`.
fn current_folder() -> HostFunction<HashSet<u32>> {
    HostFunction {
        body: |call, arguments| match arguments {
            [call_of_host::CWD, _, _, answer, _] => {
                call.memory.get_mut(*answer as usize).map_or(call_of_host::UNAVAILABLE, |byte| {
                    *byte = b'/';
                    1
                })
            }
            _ => call_of_host::UNAVAILABLE,
        },
        ..host_call()
    }
}

/// Returns a folder with the files that [`COMMANDS`] use.
fn root(everyday: &Everyday) -> Result<MemoryDir, BoxError> {
    let root = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(MOMENT.as_nanos() as u64));
    let own = [("everyday/script.py", SCRIPT), ("data.json", "[1]")];
    let own = own.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()));
    let everyday = everyday.iter().map(|(name, content)| (format!("everyday/{name}"), content.clone()));
    ["tmp", "everyday"]
        .into_iter()
        .try_for_each(|name| root.add_dir_all(name))
        .and_then(|()| everyday.chain(own).try_for_each(|(name, content)| root.add_file(&name, content)))
        .map_err(|errno| errno.to_string())?;
    Ok(root)
}
