//! Makes the context: what JavaScript describes, and what every Python finds in its sandbox.
#![allow(unsafe_code, reason = "the names of exports")]

use std::time::{Duration, UNIX_EPOCH};

use wasi_core::clock::FixedClock;
use wasi_core::fs::{Device, Dir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource};
use wasi_core::random::{SeededRandom, SystemRandom};
use wasi_core::types::Fd;
use wasi_core::{Errno, Instant, Request, Streams, WasiCtx, World, install};

use crate::buffer::{take, take_text};
use crate::folder::Folder;
use crate::library::{Library, archive};
use crate::state::{Description, with};
use crate::stream::Stream;
use crate::system::JavaScript;

/// How many descriptors have a name in `/dev/fd`.
const DESCRIPTORS: u32 = 64;

/// The home of the one user that there is.
const HOME: &str = "/home/user";

/// What programs take for granted in their environment.
const ENVIRONMENT: [(&str, &str); 5] =
    [("HOME", HOME), ("USER", "user"), ("LOGNAME", "user"), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8")];

/// The kinds of [`mount_folder`].
const READ_ONLY: u32 = 0;
const OVERLAY: u32 = 1;

fn answered(result: Result<i32, Errno>) -> i32 {
    result.unwrap_or_else(|errno| -i32::from(errno.raw()))
}

/// Adds an argument.
#[unsafe(no_mangle)]
extern "C" fn arg(address: *mut u8, len: usize) {
    let arg = take(address, len);
    with(|state| state.description.args.push(arg));
}

/// Sets a variable, as `NAME=value`.
#[unsafe(no_mangle)]
extern "C" fn env(address: *mut u8, len: usize) {
    let entry = take(address, len);
    let end = entry.iter().position(|byte| *byte == b'=').unwrap_or(entry.len());
    let (name, value) = entry.split_at(end);
    let variable = (name.to_vec(), value.get(1..).unwrap_or_default().to_vec());
    with(|state| state.description.env.push(variable));
}

/// Sets the standard stream `fd` to a stream of JavaScript's.
#[unsafe(no_mangle)]
extern "C" fn stream(fd: u32, source: u32, is_terminal: u32) {
    let stream = Stream { source, is_terminal: is_terminal != 0, nonblock: false };
    with(|state| {
        if let Some(place) = state.description.streams.get_mut(fd as usize) {
            *place = Some(stream);
        }
    });
}

/// Sets limits. Must come before what is mounted.
#[unsafe(no_mangle)]
extern "C" fn limits(open_files: u32, output: u64, call_bytes: u32, disk: u64, files: u64) {
    with(|state| {
        let limits = &mut state.description.limits;
        limits.open_files = open_files;
        limits.output = output;
        limits.call_bytes = call_bytes as usize;
        state.description.quota = Quota::new(disk, files);
    });
}

/// Makes all randomness a function of this number.
#[unsafe(no_mangle)]
extern "C" fn seed(seed: u64) {
    with(|state| state.description.seed = Some(seed));
}

/// Lets time stand still at so many nanoseconds since 1970, except while Python sleeps.
#[unsafe(no_mangle)]
extern "C" fn moment(moment: u64) {
    with(|state| state.description.moment = Some(moment));
}

/// Mounts an empty tree in memory. [`mount_file`] puts files there.
#[unsafe(no_mangle)]
extern "C" fn mount_memory(address: *mut u8, len: usize) {
    let name = take_text(address, len);
    with(|state| {
        let description = &mut state.description;
        let dir = MemoryDir::new(description.quota.clone(), description.time());
        description.trees.push((name, dir));
    });
}

/// Puts a file into the tree that was mounted last; the path is relative. 0 or a negated errno.
#[unsafe(no_mangle)]
extern "C" fn mount_file(path: *mut u8, path_len: usize, address: *mut u8, len: usize) -> i32 {
    let (path, bytes) = (take_text(path, path_len), take(address, len));
    with(|state| {
        let tree = state.description.trees.last().ok_or(Errno::Noent);
        answered(tree.and_then(|(_, tree)| tree.add_file(&path, bytes)).map(|()| 0))
    })
}

/// Mounts the folder of this number, which JavaScript has.
#[unsafe(no_mangle)]
extern "C" fn mount_folder(address: *mut u8, len: usize, number: u32, kind: u32) -> i32 {
    let name = take_text(address, len);
    with(|state| {
        let description = &mut state.description;
        let folder = Box::new(Folder::new(number));
        let dir: Box<dyn Dir> = match kind {
            READ_ONLY => Box::new(ReadOnly::new(folder)),
            OVERLAY => Box::new(Overlay::new(folder, description.quota.clone(), description.time()).dir()),
            _ => folder,
        };
        description.mounts.push((name, dir));
        0
    })
}

/// Lets a folder be found of which nothing is mounted: the one that the program starts in.
#[unsafe(no_mangle)]
extern "C" fn place(address: *mut u8, len: usize) {
    let name = take_text(address, len);
    with(|state| state.description.places.push(name));
}

/// Makes the context. 0 or a negated errno.
#[unsafe(no_mangle)]
extern "C" fn build() -> i32 {
    install(JavaScript);
    with(|state| {
        let description = std::mem::take(&mut state.description);
        let made = description.context();
        answered(made.map(|ctx| {
            state.ctx = Some(ctx);
            0
        }))
    })
}

impl Description {
    fn time(&self) -> TimeSource {
        self.moment.map_or_else(TimeSource::system, TimeSource::fixed)
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.mounts.iter().map(|(name, _)| name).chain(self.trees.iter().map(|(name, _)| name))
    }

    fn random_device(&self) -> Device {
        match self.seed {
            None => Device::random(SystemRandom::new()),
            Some(seed) => Device::random(SeededRandom::new(seed)),
        }
    }

    fn devices(&self) -> Result<MemoryDir, Errno> {
        // No room beside the devices: the guest makes no files here.
        let devices = MemoryDir::new(Quota::new(0, 0), self.time());
        devices.add_device("null", Device::Null)?;
        devices.add_device("zero", Device::Zero)?;
        devices.add_device("random", self.random_device())?;
        devices.add_device("urandom", self.random_device())?;
        devices.add_descriptors(DESCRIPTORS)?;
        Ok(devices)
    }

    /// Adds what every Python program finds: the library, devices, room in memory, a home, and `/`.
    fn furnish(&mut self) -> Result<(), Errno> {
        if !self.has("/usr") {
            self.mounts.push(("/usr".into(), Box::new(Library)));
        }
        if !self.has("/dev") {
            self.mounts.push(("/dev".into(), Box::new(self.devices()?)));
        }
        for name in ["/tmp", HOME] {
            if !self.has(name) {
                let dir = MemoryDir::new(self.quota.clone(), self.time());
                self.trees.push((name.into(), dir));
            }
        }
        for (name, value) in ENVIRONMENT {
            if !self.env.iter().any(|(known, _)| known == name.as_bytes()) {
                self.env.push((name.into(), value.into()));
            }
        }
        // Folders in memory show the way to what is mounted below them.
        let names: Vec<String> = self.names().chain(&self.places).cloned().collect();
        for (name, tree) in &self.trees {
            make_places(tree, name, &names)?;
        }
        if !self.has("/") {
            let root = MemoryDir::new(Quota::unlimited(), self.time());
            make_places(&root, "/", &names)?;
            self.mounts.push(("/".into(), Box::new(ReadOnly::new(Box::new(root)))));
        }
        let trees = std::mem::take(&mut self.trees).into_iter();
        self.mounts.extend(trees.map(|(name, tree)| (name, Box::new(tree) as Box<dyn Dir>)));
        Ok(())
    }

    fn streams(&mut self) -> Streams {
        let [input, output, error] = std::mem::take(&mut self.streams);
        let mut streams = Streams::new();
        if let Some(input) = input {
            streams = streams.stdin(Box::new(input));
        }
        if let Some(output) = output {
            streams = streams.stdout(Box::new(output));
        }
        if let Some(error) = error {
            streams = streams.stderr(Box::new(error));
        }
        streams
    }

    fn context(mut self) -> Result<WasiCtx, Errno> {
        self.furnish()?;
        let streams = self.streams();
        let mut builder = WasiCtx::builder().args(self.args).streams(streams).limits(self.limits);
        for (name, value) in self.env {
            builder = builder.env(name, value);
        }
        if let Some(seed) = self.seed {
            builder = builder.random(Box::new(SeededRandom::new(seed)));
        }
        if let Some(moment) = self.moment {
            builder = builder.clock(Box::new(FixedClock::new(UNIX_EPOCH + Duration::from_nanos(moment))));
        }
        for (name, dir) in self.mounts {
            builder = builder.preopen(name, dir);
        }
        builder.build()
    }
}

/// Makes empty folders in `dir`, which is mounted as `name`, on the way to every mount below it.
fn make_places(dir: &MemoryDir, name: &str, names: &[String]) -> Result<(), Errno> {
    let prefix = name.trim_end_matches('/');
    let below = names.iter().filter_map(|place| place.strip_prefix(prefix)?.strip_prefix('/'));
    below.filter(|rest| !rest.is_empty()).try_for_each(|rest| dir.add_dir_all(rest))
}

/// Grants another folder of JavaScript's to a running Python. Returns its descriptor or a negated errno.
#[unsafe(no_mangle)]
extern "C" fn grant(address: *mut u8, len: usize, number: u32, kind: u32) -> i32 {
    let name = take_text(address, len);
    with(|state| {
        let Some(ctx) = &mut state.ctx else { return -i32::from(Errno::Badf.raw()) };
        let folder = Box::new(Folder::new(number));
        let dir: Box<dyn Dir> = if kind == READ_ONLY { Box::new(ReadOnly::new(folder)) } else { folder };
        answered(ctx.add_preopen(&name, dir).map(|fd: Fd| fd.0 as i32))
    })
}

/// Sets how many bytes may be printed from now on.
#[unsafe(no_mangle)]
extern "C" fn allow_output(bytes: u64) {
    with(|state| {
        if let Some(ctx) = &mut state.ctx {
            ctx.set_output_left(bytes);
        }
    });
}

/// Ends the guest's time after so many nanoseconds: it is interrupted then, and stopped after the grace. 0 lifts the
/// limit; without a grace it is stopped at once.
#[unsafe(no_mangle)]
extern "C" fn set_time(nanoseconds: u64, grace: u64) {
    with(|state| {
        let Some(ctx) = &mut state.ctx else { return };
        ctx.set_deadline(None);
        let end = Instant::now().checked_add(Duration::from_nanos(nanoseconds));
        match end {
            Some(end) if nanoseconds > 0 && grace > 0 => ctx.warn_at(end, Some(Duration::from_nanos(grace))),
            Some(end) if nanoseconds > 0 => ctx.set_deadline(Some(end)),
            _ => {}
        }
    });
}

/// Moves the end of the guest's time by so many nanoseconds, which are a person's.
#[unsafe(no_mangle)]
extern "C" fn postpone(nanoseconds: u64) {
    with(|state| {
        if let Some(ctx) = &mut state.ctx {
            ctx.postpone(Duration::from_nanos(nanoseconds));
        }
    });
}

/// Returns whether the guest was told that its time is over.
#[unsafe(no_mangle)]
extern "C" fn was_warned() -> i32 {
    with(|state| i32::from(state.ctx.as_ref().is_some_and(WasiCtx::was_warned)))
}

/// Returns whether the guest was told of its end, which comes whatever it does.
#[unsafe(no_mangle)]
extern "C" fn is_ending() -> i32 {
    with(|state| i32::from(state.ctx.as_ref().is_some_and(WasiCtx::is_ending)))
}

/// Asks the guest to end what it does: 1 interrupts it, 2 ends it, 0 drops what was asked before.
#[unsafe(no_mangle)]
extern "C" fn interrupt(request: u32) {
    with(|state| {
        let Some(ctx) = &state.ctx else { return };
        match request {
            0 => ctx.interrupt().clear(),
            1 => ctx.interrupt().interrupt(),
            _ => ctx.interrupt().terminate(),
        }
    });
}

/// Returns 0 if the guest may run on, 1 if it has to be told of an interrupt, and -1 if it must stop; [`crate::calls`]
/// then says why.
#[unsafe(no_mangle)]
extern "C" fn poll() -> i32 {
    with(|state| {
        let Some(ctx) = &state.ctx else { return 0 };
        if let Err(stop) = ctx.check_stop() {
            state.stop = Some(stop);
            return -1;
        }
        let interrupt = ctx.interrupt();
        i32::from(interrupt.pending() == Some(Request::Interrupt) && interrupt.take_interrupt())
    })
}

/// Notes that the guest was told of an interrupt, so that its next wait ends at once.
#[unsafe(no_mangle)]
extern "C" fn note_interrupt() {
    with(|state| {
        if let Some(ctx) = &state.ctx {
            ctx.note_interrupt();
        }
    });
}

/// Saves the context's state. Returns the bytes of the answer, or -1 if it has no form in a file.
#[unsafe(no_mangle)]
extern "C" fn save() -> i32 {
    with(|state| {
        let saved = state.ctx.as_ref().and_then(|ctx| ctx.save().ok()?.to_bytes().ok());
        let Some(saved) = saved else { return -1 };
        state.answer = saved;
        i32::try_from(state.answer.len()).unwrap_or(-1)
    })
}

/// Goes on from a saved state, with the streams that were described and the folders that were mounted. 0, or -1 and an
/// answer that says what is wrong.
#[unsafe(no_mangle)]
extern "C" fn resume(address: *mut u8, len: usize) -> i32 {
    install(JavaScript);
    let bytes = take(address, len);
    with(|state| {
        let mut description = std::mem::take(&mut state.description);
        let resumed = World::from_bytes(&bytes).and_then(|world| {
            let mut granted = std::mem::take(&mut description.mounts);
            if world.grants().any(|name| name == "/usr") && !granted.iter().any(|(name, _)| name == "/usr") {
                granted.push(("/usr".into(), Box::new(archive()?)));
            }
            world.resume(granted, description.streams())
        });
        match resumed {
            Ok(ctx) => {
                state.ctx = Some(ctx);
                0
            }
            Err(error) => {
                state.answer = error.to_string().into_bytes();
                -1
            }
        }
    })
}

/// Returns the bytes of the answer.
#[unsafe(no_mangle)]
extern "C" fn answer_size() -> usize {
    with(|state| state.answer.len())
}
