//! The targets, and what differs between them.

use std::env::consts::ARCH;

/// A target that programs or wheels are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// rustc's name.
    pub triple: &'static str,
    /// zig's name, or `None` where the system's own compiler is used.
    pub zig: Option<&'static str>,
    /// Which wheels pip may install there: the tag by which maturin checks them.
    pub wheel: &'static str,
    /// Whether there is an archive of programs for it. A static one runs on every Linux.
    pub has_archive: bool,
}

/// All targets. For macOS, Apple's compiler is needed, so each is made on a Mac of its processor.
pub const TARGETS: [Target; 6] = [
    linux("x86_64-unknown-linux-musl", "x86_64-linux-musl", "musllinux_1_2", true),
    linux("aarch64-unknown-linux-musl", "aarch64-linux-musl", "musllinux_1_2", true),
    // The oldest glibc that Rust's standard library supports.
    linux("x86_64-unknown-linux-gnu", "x86_64-linux-gnu.2.17", "manylinux2014", false),
    linux("aarch64-unknown-linux-gnu", "aarch64-linux-gnu.2.17", "manylinux2014", false),
    mac("x86_64-apple-darwin"),
    mac("aarch64-apple-darwin"),
];

const fn linux(triple: &'static str, zig: &'static str, wheel: &'static str, has_archive: bool) -> Target {
    Target { triple, zig: Some(zig), wheel, has_archive }
}

const fn mac(triple: &'static str) -> Target {
    Target { triple, zig: None, wheel: "pypi", has_archive: true }
}

impl Target {
    /// Returns the target with this name. The error lists those that there are.
    pub fn named(triple: &str) -> Result<Self, String> {
        TARGETS.into_iter().find(|target| target.triple == triple).ok_or_else(|| {
            let names: Vec<_> = TARGETS.iter().map(|target| target.triple).collect();
            format!("unknown target {triple}; it must be one of {}", names.join(", "))
        })
    }

    /// Returns the targets that can be made on this machine.
    pub fn of_this_machine() -> impl Iterator<Item = Self> {
        TARGETS.into_iter().filter(Self::can_be_made_here)
    }

    fn can_be_made_here(&self) -> bool {
        if cfg!(target_os = "macos") {
            self.zig.is_none() && self.processor() == ARCH
        } else {
            self.zig.is_some()
        }
    }

    /// Returns the name of the processor, as `std::env::consts::ARCH` has it.
    pub fn processor(&self) -> &'static str {
        self.triple.split('-').next().unwrap_or_default()
    }

    pub(crate) fn is_musl(&self) -> bool {
        self.triple.ends_with("-musl")
    }

    /// Returns the name as a part of cargo's variables.
    pub(crate) fn variable(&self) -> String {
        self.triple.replace('-', "_").to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_target_is_answered_with_all_names() {
        let message = Target::named("x86_64-linux").unwrap_err();
        assert!(
            message.contains("x86_64-linux;") && message.contains("aarch64-unknown-linux-musl"),
            "{message}"
        );
    }

    #[test]
    fn each_system_makes_targets_of_its_own() {
        let made: Vec<_> = Target::of_this_machine().collect();
        assert!(made.iter().any(|target| target.processor() == ARCH && target.has_archive), "{made:?}");
        assert!(
            made.iter().all(|target| target.triple.contains("linux") == cfg!(target_os = "linux")),
            "{made:?}"
        );
    }
}
