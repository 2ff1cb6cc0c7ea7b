//! The trace: one line of text for each call, like strace.

use std::fmt::Write as _;

use crate::errno::Errno;
use crate::fs::RelativePath;
use crate::layout::Fdstat;
use crate::stop::Stop;
use crate::types::Filestat;

/// A function that gets the lines of a trace, without line feeds.
///
/// ```text
/// path_open(fd=3, dirflags=SYMLINK_FOLLOW, path="a.txt", oflags=0, rights_base=0x2, ...) = ok 4
/// fd_read(fd=4, iovs=[1024]) = ok 12
/// path_unlink_file(fd=3, path="b.txt") = noent (no such file or directory)
/// ```
pub type Tracer = Box<dyn FnMut(&str) + Send>;

/// The line of one call that is being served.
#[derive(Debug)]
pub(crate) struct Line {
    text: String,
    separator: &'static str,
    result: String,
}

impl Line {
    pub(crate) fn new(function: &str) -> Self {
        Self { text: format!("{function}("), separator: "", result: String::new() }
    }

    pub(crate) fn argument(&mut self, name: &str, value: impl FnOnce(&mut String)) {
        self.text.push_str(self.separator);
        self.separator = ", ";
        self.text.push_str(name);
        self.text.push('=');
        value(&mut self.text);
    }

    pub(crate) fn result(&mut self, result: &impl Trace) {
        result.trace(&mut self.result);
    }

    pub(crate) fn success(self) -> String {
        let space = if self.result.is_empty() { "" } else { " " };
        format!("{}) = ok{space}{}", self.text, self.result)
    }

    pub(crate) fn failure(self, errno: Errno) -> String {
        format!("{}) = {} ({errno})", self.text, errno.name().to_lowercase())
    }

    pub(crate) fn stop(self, stop: Stop) -> String {
        format!("{}) = {stop}", self.text)
    }
}

/// A value in a line of the trace.
pub(crate) trait Trace {
    fn trace(&self, text: &mut String);
}

impl Trace for () {
    fn trace(&self, _text: &mut String) {}
}

macro_rules! traced_as {
    ($format:literal: $($type:ty),*) => {
        $(impl Trace for $type {
            fn trace(&self, text: &mut String) {
                let _infallible = write!(text, $format, self);
            }
        })*
    };
}

traced_as!("{}": u16, u32, u64, i64);
traced_as!("{:?}": crate::types::Whence, crate::types::Advice, crate::types::ClockId);

impl Trace for crate::types::Fd {
    fn trace(&self, text: &mut String) {
        self.0.trace(text);
    }
}

impl Trace for RelativePath<'_> {
    fn trace(&self, text: &mut String) {
        let _infallible = write!(text, "{:?}", self.as_str());
    }
}

/// A prestat, of which only the length of the name is of interest.
impl Trace for [u8; 8] {
    fn trace(&self, text: &mut String) {
        let [_, _, _, _, len @ ..] = *self;
        u32::from_le_bytes(len).trace(text);
    }
}

impl Trace for Filestat {
    fn trace(&self, text: &mut String) {
        let Self { filetype, ino, size, .. } = self;
        let _infallible = write!(text, "{filetype:?} ino={ino} size={size}");
    }
}

impl Trace for Fdstat {
    fn trace(&self, text: &mut String) {
        let _infallible = write!(text, "{:?} flags=", self.filetype);
        self.flags.trace(text);
    }
}

impl<A: Trace, B: Trace> Trace for (A, B) {
    fn trace(&self, text: &mut String) {
        self.0.trace(text);
        text.push(' ');
        self.1.trace(text);
    }
}

macro_rules! traced_flags {
    ($($type:ident),*) => {
        $(impl Trace for crate::types::$type {
            fn trace(&self, text: &mut String) {
                if self.is_empty() {
                    text.push('0');
                } else {
                    let _infallible = bitflags::parser::to_writer(self, text);
                }
            }
        })*
    };
}

traced_flags!(FdFlags, OFlags, LookupFlags, FstFlags, RiFlags, SdFlags);

impl Trace for crate::types::Rights {
    /// Writes a hexadecimal number, because the names of thirty rights would hide everything else.
    fn trace(&self, text: &mut String) {
        let _infallible = write!(text, "{:#x}", self.bits());
    }
}
