//! The one door that every call passes: it turns raw arguments into typed ones, and a result into bytes, an
//! errno and a line of the trace.

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::RelativePath;
use crate::layout::{Fdstat, Iovecs};
use crate::limits::Limits;
use crate::memory::{GuestMemory, Pointer, Region, RemoteMemory};
use crate::stop::{Failure, Stop};
use crate::trace::{Line, Trace};
use crate::types::{
    Advice, ClockId, Fd, FdFlags, Filestat, FstFlags, LookupFlags, OFlags, RiFlags, Rights, SdFlags, Whence,
};

/// The wasm value types that preview1 uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
}

/// One function of preview1, as an engine needs it.
pub struct Function {
    /// The name in the module `wasi_snapshot_preview1`.
    pub name: &'static str,
    /// The types of the parameters, including the pointers for results.
    pub params: &'static [ValType],
    /// The type of the result, an errno; `None` for `proc_exit`.
    pub result: Option<ValType>,
    pub(super) body: Body,
}

/// Decodes the arguments, acts, writes the results, and completes the line of the trace if there is one.
pub(super) type Body =
    fn(&mut WasiCtx, &mut GuestMemory<'_>, &[u64], &mut Option<Line>) -> Result<(), Failure>;

impl Function {
    /// Serves one call and returns the errno, 0 for success. After a [`Stop`] the guest must not run on.
    ///
    /// `memory` is the guest's whole memory. `arguments` are the raw parameters, an `i32` in the low half.
    pub fn call(&self, ctx: &mut WasiCtx, memory: &mut [u8], arguments: &[u64]) -> Result<i32, Stop> {
        if ctx.run.tracer.is_none() && ctx.is_live() {
            ctx.run.stats.syscalls += 1;
            return ended((self.body)(ctx, &mut GuestMemory::new(memory), arguments, &mut None));
        }
        self.serve(ctx, GuestMemory::new(memory), arguments)
    }

    /// Serves one call as [`call`](Self::call) does, for a guest whose memory is out of reach.
    pub fn call_remote(
        &self,
        ctx: &mut WasiCtx,
        memory: &mut dyn RemoteMemory,
        arguments: &[u64],
    ) -> Result<i32, Stop> {
        self.serve(ctx, GuestMemory::remote(memory), arguments)
    }

    fn serve(&self, ctx: &mut WasiCtx, mut memory: GuestMemory<'_>, arguments: &[u64]) -> Result<i32, Stop> {
        ctx.run.stats.syscalls += 1;
        if ctx.run.tracer.is_none() && ctx.is_live() {
            return ended((self.body)(ctx, &mut memory, arguments, &mut None));
        }
        if ctx.is_replaying() {
            return self.replay(ctx, memory, arguments);
        }
        let mut memory = if ctx.is_recording() { memory.noting() } else { memory };
        let stream = self.output_stream(ctx, arguments);
        // Taken out, because the body needs the whole context.
        let mut tracer = ctx.run.tracer.take();
        let mut line = tracer.is_some().then(|| Line::new(self.name));
        let outcome = (self.body)(ctx, &mut memory, arguments, &mut line);
        if let (Some(tracer), Some(line)) = (&mut tracer, line) {
            tracer(&match outcome {
                Ok(()) => line.success(),
                Err(Failure::Errno(errno)) => line.failure(errno),
                Err(Failure::Stop(stop)) => line.stop(stop),
            });
        }
        ctx.run.tracer = ctx.run.tracer.take().or(tracer);
        let outcome = ended(outcome);
        if ctx.is_recording() {
            let changed = memory.take_changed();
            return ctx.keep(self.name, arguments, outcome, &memory, &changed, stream);
        }
        outcome
    }

    /// Returns the standard stream that this call writes to, for a recording.
    fn output_stream(&self, ctx: &WasiCtx, arguments: &[u64]) -> Option<u32> {
        if ctx.is_recording() && self.name == "fd_write" {
            ctx.output_stream(*arguments.first()?)
        } else {
            None
        }
    }

    /// Serves one call from a recording.
    fn replay(&self, ctx: &mut WasiCtx, mut memory: GuestMemory<'_>, arguments: &[u64]) -> Result<i32, Stop> {
        let outcome = ctx.answer(self.name, arguments, &mut memory);
        if let Some(tracer) = &mut ctx.run.tracer {
            let outcome = match outcome {
                Ok(errno) => errno.to_string(),
                Err(stop) => stop.to_string(),
            };
            tracer(&format!("{}{arguments:?} = {outcome} (replayed)", self.name));
        }
        outcome
    }
}

/// Turns the outcome of a body into that of a call.
fn ended(outcome: Result<(), Failure>) -> Result<i32, Stop> {
    match outcome {
        Ok(()) => Ok(0),
        Err(Failure::Errno(errno)) => Ok(errno.raw().into()),
        Err(Failure::Stop(stop)) => Err(stop),
    }
}

/// Turns the rows in [`super`] into [`Function`]s.
macro_rules! functions {
    ($($module:ident: $name:ident($($arg:ident: $type:ty),*) -> $reply:tt;)*) => {
        /// All functions of preview1, in the order of the witx.
        pub static FUNCTIONS: [Function; [$(stringify!($name)),*].len()] = [
            $($crate::preview1::door::function_row!($module: $name($($arg: $type),*) -> $reply),)*
        ];

        /// The names of [`FUNCTIONS`], in the same order.
        pub(super) static NAMES: [&str; FUNCTIONS.len()] = [$(stringify!($name)),*];
    };
}

/// Turns one row into the constants of its signature and its body.
macro_rules! function_row {
    ($module:ident: $name:ident($($arg:ident: $type:ty),*) -> !) => {{
        use $crate::preview1::door;
        const COUNT: usize = 0 $(+ <$type as door::Argument>::TYPES.len())*;
        const PARAMS: [door::ValType; COUNT] = door::signature(&[$(<$type as door::Argument>::TYPES),*]);
        door::Function {
            name: stringify!($name),
            params: &PARAMS,
            result: None,
            body: |ctx, mem, raw, line| {
                let mut arguments = door::Arguments::new(raw, line);
                $(let $arg = arguments.next::<$type>(stringify!($arg), mem, &ctx.limits)?;)*
                Err($module::$name(ctx, $($arg),*))
            },
        }
    }};
    ($module:ident: $name:ident($($arg:ident: $type:ty),*) -> $reply:tt) => {{
        use $crate::preview1::door;
        const COUNT: usize = <$reply as door::Reply>::POINTERS.len() $(+ <$type as door::Argument>::TYPES.len())*;
        const PARAMS: [door::ValType; COUNT] =
            door::signature(&[$(<$type as door::Argument>::TYPES,)* <$reply as door::Reply>::POINTERS]);
        door::Function {
            name: stringify!($name),
            params: &PARAMS,
            result: Some(door::ValType::I32),
            body: |ctx, mem, raw, line| {
                let mut arguments = door::Arguments::new(raw, line);
                $(let $arg = arguments.next::<$type>(stringify!($arg), mem, &ctx.limits)?;)*
                // Checked before the body runs: a call whose result cannot be written must not have effects.
                let place = <$reply as door::Reply>::place(&mut arguments, mem)?;
                let reply = $module::$name(ctx, mem, $($arg),*)?;
                if let Some(line) = line {
                    line.result(&reply);
                }
                Ok(door::Reply::write(reply, mem, place)?)
            },
        }
    }};
}

pub(super) use {function_row, functions};

/// Joins the types of all parameters of a row.
#[expect(clippy::indexing_slicing, reason = "runs at compile time, where a panic is a compile error")]
pub(super) const fn signature<const N: usize>(groups: &[&[ValType]]) -> [ValType; N] {
    let mut all = [ValType::I32; N];
    let (mut group, mut filled) = (0, 0);
    while group < groups.len() {
        let mut index = 0;
        while index < groups[group].len() {
            all[filled] = groups[group][index];
            filled += 1;
            index += 1;
        }
        group += 1;
    }
    all
}

/// The raw parameters of one call, which are taken one by one.
pub(super) struct Arguments<'a> {
    raw: std::slice::Iter<'a, u64>,
    line: &'a mut Option<Line>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(raw: &'a [u64], line: &'a mut Option<Line>) -> Self {
        Self { raw: raw.iter(), line }
    }

    #[inline]
    pub(super) fn next<A: Argument>(
        &mut self,
        name: &str,
        mem: &GuestMemory<'_>,
        limits: &Limits,
    ) -> Result<A> {
        let argument = A::decode(self, mem, limits)?;
        if let Some(line) = self.line {
            line.argument(name, |text| argument.trace(mem, text));
        }
        Ok(argument)
    }

    /// Takes a 64-bit parameter. [`Errno::Inval`] from a broken engine that passes too few arguments.
    fn long(&mut self) -> Result<u64> {
        self.raw.next().copied().ok_or(Errno::Inval)
    }

    fn word(&mut self) -> Result<u32> {
        self.long().map(|raw| raw as u32)
    }
}

/// A typed argument, made of one or two raw parameters.
pub(super) trait Argument: Sized {
    const TYPES: &'static [ValType];

    fn decode(raw: &mut Arguments<'_>, mem: &GuestMemory<'_>, limits: &Limits) -> Result<Self>;

    fn trace(&self, mem: &GuestMemory<'_>, text: &mut String);
}

/// A path in guest memory. [`Path::get`] reads and checks its text.
#[derive(Clone, Copy)]
pub(super) struct Path(Region);

impl Path {
    /// Returns the path, or the errors of [`RelativePath::parse`].
    pub(super) fn get<'a>(self, mem: &'a GuestMemory<'_>) -> Result<RelativePath<'a>> {
        RelativePath::parse(mem.bytes(self.0)?)
    }
}

impl Argument for Path {
    const TYPES: &'static [ValType] = &[ValType::I32, ValType::I32];

    fn decode(raw: &mut Arguments<'_>, mem: &GuestMemory<'_>, _limits: &Limits) -> Result<Self> {
        let (pointer, len) = (raw.word()?, raw.word()?);
        mem.region(pointer, len).map(Self)
    }

    fn trace(&self, mem: &GuestMemory<'_>, text: &mut String) {
        match self.get(mem) {
            Ok(path) => path.trace(text),
            Err(errno) => text.push_str(errno.name()),
        }
    }
}

/// A buffer of the guest for bytes from the host.
#[derive(Clone, Copy)]
pub(super) struct Buffer(pub(super) Region);

impl Argument for Buffer {
    const TYPES: &'static [ValType] = &[ValType::I32, ValType::I32];

    fn decode(raw: &mut Arguments<'_>, mem: &GuestMemory<'_>, _limits: &Limits) -> Result<Self> {
        let (pointer, len) = (raw.word()?, raw.word()?);
        mem.region(pointer, len).map(Self)
    }

    fn trace(&self, _mem: &GuestMemory<'_>, text: &mut String) {
        Trace::trace(&(self.0.len() as u64), text);
    }
}

impl Argument for Iovecs {
    const TYPES: &'static [ValType] = &[ValType::I32, ValType::I32];

    fn decode(raw: &mut Arguments<'_>, _mem: &GuestMemory<'_>, limits: &Limits) -> Result<Self> {
        Ok(Self::new(raw.word()?, raw.word()?, limits.call_bytes))
    }

    /// Writes the lengths, such as `[5 1024]`.
    fn trace(&self, mem: &GuestMemory<'_>, text: &mut String) {
        let regions = self.regions(mem).unwrap_or_default();
        let lengths: Vec<String> = regions.iter().map(|region| region.len().to_string()).collect();
        text.push('[');
        text.push_str(&lengths.join(" "));
        text.push(']');
    }
}

/// Implements [`Argument`] for types that are one raw parameter.
macro_rules! arguments {
    ($($type:ty, $wasm:ident: |$raw:ident| $decode:expr;)*) => {
        $(impl Argument for $type {
            const TYPES: &'static [ValType] = &[ValType::$wasm];

            fn decode($raw: &mut Arguments<'_>, _mem: &GuestMemory<'_>, _limits: &Limits) -> Result<Self> {
                $decode
            }

            fn trace(&self, _mem: &GuestMemory<'_>, text: &mut String) {
                Trace::trace(self, text);
            }
        })*
    };
}

arguments! {
    Pointer, I32: |raw| raw.word();
    u64, I64: |raw| raw.long();
    i64, I64: |raw| raw.long().map(|raw| raw as i64);
    Fd, I32: |raw| raw.word().map(Fd);
    ClockId, I32: |raw| ClockId::parse(raw.word()?);
    Advice, I32: |raw| Advice::parse(raw.word()?);
    Whence, I32: |raw| Whence::parse(raw.word()?);
    u16, I32: |raw| u16::try_from(raw.word()?).map_err(|_| Errno::Inval);
    FdFlags, I32: |raw| known(raw.word()?, FdFlags::from_bits);
    FstFlags, I32: |raw| known(raw.word()?, FstFlags::from_bits);
    OFlags, I32: |raw| known(raw.word()?, OFlags::from_bits);
    RiFlags, I32: |raw| known(raw.word()?, RiFlags::from_bits);
    SdFlags, I32: |raw| known(raw.word()?, SdFlags::from_bits);
    LookupFlags, I32: |raw| known(raw.word()?, LookupFlags::from_bits);
    // Unknown rights are dropped, because guests pass all ones for "everything".
    Rights, I64: |raw| raw.long().map(Rights::from_bits_truncate);
}

/// Parses flags. [`Errno::Inval`] for unknown bits.
fn known<Bits: TryFrom<u32>, Flags>(raw: u32, parse: fn(Bits) -> Option<Flags>) -> Result<Flags> {
    Bits::try_from(raw).ok().and_then(parse).ok_or(Errno::Inval)
}

/// A typed result, which is written through pointers that follow the arguments.
pub(super) trait Reply: Sized + Trace {
    const POINTERS: &'static [ValType];
    /// Where the result goes, checked to be inside of memory.
    type Place;

    fn place(raw: &mut Arguments<'_>, mem: &GuestMemory<'_>) -> Result<Self::Place>;

    fn write(self, mem: &mut GuestMemory<'_>, place: Self::Place) -> Result<()>;
}

impl Reply for () {
    const POINTERS: &'static [ValType] = &[];
    type Place = ();

    fn place(_raw: &mut Arguments<'_>, _mem: &GuestMemory<'_>) -> Result<()> {
        Ok(())
    }

    fn write(self, _mem: &mut GuestMemory<'_>, (): ()) -> Result<()> {
        Ok(())
    }
}

impl<A: Reply<Place = Region>, B: Reply<Place = Region>> Reply for (A, B) {
    const POINTERS: &'static [ValType] = &[ValType::I32, ValType::I32];
    type Place = (Region, Region);

    fn place(raw: &mut Arguments<'_>, mem: &GuestMemory<'_>) -> Result<Self::Place> {
        Ok((A::place(raw, mem)?, B::place(raw, mem)?))
    }

    fn write(self, mem: &mut GuestMemory<'_>, (first, second): Self::Place) -> Result<()> {
        self.0.write(mem, first)?;
        self.1.write(mem, second)
    }
}

/// Implements [`Reply`] for types that are a fixed number of bytes at one pointer.
macro_rules! replies {
    ($($type:ty, $size:expr, |$value:ident| $bytes:expr;)*) => {
        $(impl Reply for $type {
            const POINTERS: &'static [ValType] = &[ValType::I32];
            type Place = Region;

            fn place(raw: &mut Arguments<'_>, mem: &GuestMemory<'_>) -> Result<Region> {
                mem.region(raw.word()?, $size as u32)
            }

            fn write(self, mem: &mut GuestMemory<'_>, place: Region) -> Result<()> {
                let $value = self;
                mem.put(place, &$bytes)
            }
        })*
    };
}

replies! {
    u16, 2, |value| value.to_le_bytes();
    u32, 4, |value| value.to_le_bytes();
    u64, 8, |value| value.to_le_bytes();
    Fd, 4, |value| value.0.to_le_bytes();
    [u8; 8], 8, |value| value;
    Filestat, crate::layout::FILESTAT_SIZE, |value| value.to_bytes();
    Fdstat, crate::layout::FDSTAT_SIZE, |value| value.to_bytes();
}
