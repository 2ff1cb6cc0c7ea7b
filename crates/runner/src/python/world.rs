//! What every Python program sees in its sandbox, whatever is granted.

use python_wasm_sandbox::place::make_places;
use python_wasm_sandbox::{Mount, Sandbox};
use wasi_core::Errno;
use wasi_core::fs::{Device, Dir, MemoryDir, Quota, ReadOnly};
use wasi_core::types::Fd;

use super::script::Passed;

/// How many descriptors have a name in `/dev/fd`. Shells pass files by numbers from 63 down.
const DESCRIPTORS: u32 = 64;

/// The home of the one user that there is.
pub(super) const HOME: &str = "/home/user";

/// What programs take for granted in their environment.
const ENVIRONMENT: [(&str, &str); 5] =
    [("HOME", HOME), ("USER", "user"), ("LOGNAME", "user"), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8")];

/// Adds Python's library at `/usr`, devices at `/dev`, room in memory at `/tmp` and for a home, and a `/` in which
/// these and the folder that the program starts in can be found; and an environment that says so. What is granted
/// under one of these names stays, and so does a variable that is set. A script that was `passed` by a descriptor has
/// the name of that.
///
/// `/` holds nothing but the empty folders on the way to what is granted. It makes `os.chdir()` and
/// `os.listdir("/")` work, and cannot be written.
pub(crate) fn furnish(
    sandbox: &mut Sandbox,
    library: Box<dyn Dir>,
    cwd: Option<&str>,
    passed: Option<Passed>,
) -> Result<(), Errno> {
    sandbox.start_in(cwd);
    if !sandbox.has_mount("/usr") {
        sandbox.mount_made("/usr", library, "the standard library");
    }
    if !sandbox.has_mount("/dev") {
        let devices = devices(sandbox, passed)?;
        sandbox.mount_made("/dev", Box::new(devices), "devices");
    }
    for name in ["/tmp", HOME] {
        if !sandbox.has_mount(name) {
            sandbox.mount(name, Mount::memory());
        }
    }
    for (name, value) in ENVIRONMENT {
        sandbox.default_env(name, value);
    }
    if !sandbox.has_mount("/") {
        let root = MemoryDir::new(Quota::unlimited(), sandbox.time());
        make_places(&root, "/", &sandbox.places())?;
        sandbox.mount_made("/", Box::new(ReadOnly::new(Box::new(root))), "the way to the others");
    }
    Ok(())
}

/// Makes the folder `/dev`.
fn devices(sandbox: &Sandbox, passed: Option<Passed>) -> Result<MemoryDir, Errno> {
    // No room beside the devices: the guest makes no files here.
    let devices = MemoryDir::new(Quota::new(0, 0), sandbox.time());
    devices.add_device("null", Device::Null)?;
    devices.add_device("zero", Device::Zero)?;
    devices.add_device("random", sandbox.random_device())?;
    devices.add_device("urandom", sandbox.random_device())?;
    let Some(Passed { number, text }) = passed else {
        devices.add_descriptors(DESCRIPTORS)?;
        return Ok(devices);
    };
    devices.add_descriptors(number.min(DESCRIPTORS))?;
    devices.add_file(&format!("fd/{number}"), text)?;
    for number in number.saturating_add(1)..DESCRIPTORS {
        devices.add_device(&format!("fd/{number}"), Device::Descriptor(Fd(number)))?;
    }
    Ok(devices)
}
