//! Which limits a sandbox can have.

use python_wasm_sandbox::Limits;

use crate::error::Error;

/// Refuses limits with which nothing could run.
pub(crate) fn check_limits(limits: &Limits) -> Result<(), Error> {
    if limits.call_bytes == 0 {
        return Err(Error::config("call_bytes(0) would let no read and no write succeed"));
    }
    Ok(())
}

/// Refuses limits that differ where a sandbox cannot change its own.
pub(crate) fn check_fixed(own: &Limits, new: &Limits) -> Result<(), Error> {
    let fixed = [
        ("disk", own.disk, new.disk),
        ("files", own.files, new.files),
        ("open_files", own.open_files.into(), new.open_files.into()),
        ("call_bytes", own.call_bytes as u64, new.call_bytes as u64),
    ];
    match fixed.into_iter().find(|(_, own, new)| own != new) {
        None => Ok(()),
        Some((name, own, new)) => {
            let message = format!("{name}({new}) does not fit a sandbox that has started with {name}({own})");
            Err(Error::config(message))
        }
    }
}
