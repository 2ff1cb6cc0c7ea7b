//! What a guest may see and use, and the WASI context made from that.
//!
//! The command line and the library both end here: there is one place that
//! decides what a sandbox is.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_std::ambient_authority;
use wasi_core::clock::FixedClock;
use wasi_core::fs::{Device, Dir, HostDir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource};
use wasi_core::random::{SeededRandom, SystemRandom};
use wasi_core::{Errno, WasiCtx, WasiCtxBuilder};

use crate::engine;

/// How much of everything a guest may use. The defaults are safe for programs that nobody trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) memory: u64,
    pub(crate) fuel: u64,
    pub(crate) timeout: Option<Duration>,
    pub(crate) output: u64,
    pub(crate) open_files: u32,
    pub(crate) disk: u64,
    pub(crate) files: u64,
    pub(crate) call_bytes: usize,
}

impl Default for Limits {
    /// 1 GiB of memory, 50 MB of output, 256 open files, 1 GiB and 100,000 files of disk, 64 MiB
    /// in one call; no limit on time and fuel.
    fn default() -> Self {
        Self {
            memory: 1 << 30,
            fuel: u64::MAX,
            timeout: None,
            output: 50_000_000,
            open_files: 256,
            disk: 1 << 30,
            files: 100_000,
            call_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// Bytes of memory; Python raises `MemoryError` at the limit. 4 GiB is the most there is.
    #[must_use]
    pub fn memory(self, bytes: u64) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Fuel: one unit for each function, loop round and branch that is entered, the same in every
    /// run; Python does some 30 million units in a second, and takes two to start.
    #[must_use]
    pub fn fuel(self, fuel: u64) -> Self {
        Self { fuel, ..self }
    }

    /// Time that one run may take, sleep and waiting included.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Bytes written to standard output and error together.
    #[must_use]
    pub fn output(self, bytes: u64) -> Self {
        Self { output: bytes, ..self }
    }

    /// Files, folders and streams open at once, the sandbox's own dozen included.
    #[must_use]
    pub fn open_files(self, count: u32) -> Self {
        Self { open_files: count, ..self }
    }

    /// Bytes that all writable folders may grow by, those in memory too.
    #[must_use]
    pub fn disk(self, bytes: u64) -> Self {
        Self { disk: bytes, ..self }
    }

    /// Files, folders and links that may be made.
    #[must_use]
    pub fn files(self, count: u64) -> Self {
        Self { files: count, ..self }
    }

    /// Bytes that one call may copy; a longer read or write is cut short.
    #[must_use]
    pub fn call_bytes(self, bytes: usize) -> Self {
        Self { call_bytes: bytes, ..self }
    }

    /// The part that the engine looks after.
    pub(crate) fn engine(&self) -> engine::Limits {
        engine::Limits { memory: self.memory, fuel: self.fuel }
    }
}

/// A folder for a guest, not yet under a name.
#[derive(Debug)]
pub struct Mount(Source);

#[derive(Debug)]
enum Source {
    Host { dir: cap_std::fs::Dir, path: PathBuf, access: Access },
    Memory,
    Given(Given),
}

/// A folder of the runner's own making.
struct Given(Box<dyn Dir>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given")
    }
}

/// What a guest may do in a folder of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    ReadOnly,
    ReadWrite,
    /// Everything, but what it changes is kept aside and the folder itself stays as it is.
    Overlay,
}

/// A folder that cannot be granted.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the folder {}: {source}", path.display())]
pub struct MountError {
    path: PathBuf,
    source: io::Error,
}

impl Mount {
    /// A folder of the host, to be read. It is opened now: what later happens to its name does not matter.
    pub fn read_only(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Self::host(path.as_ref(), Access::ReadOnly)
    }

    /// A folder of the host, to be read and changed.
    pub fn read_write(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Self::host(path.as_ref(), Access::ReadWrite)
    }

    /// A folder of the host that seems to change: what the guest writes is kept in memory.
    pub fn overlay(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Self::host(path.as_ref(), Access::Overlay)
    }

    /// An empty folder in memory.
    pub fn memory() -> Self {
        Self(Source::Memory)
    }

    pub(crate) fn host(path: &Path, access: Access) -> Result<Self, MountError> {
        let dir = cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| MountError { path: path.into(), source })?;
        Ok(Self(Source::Host { dir, path: path.into(), access }))
    }

    fn given(dir: Box<dyn Dir>) -> Self {
        Self(Source::Given(Given(dir)))
    }

    /// The folder for `name`. `places` are names that must be found in one that is made here.
    fn open(
        self,
        name: &str,
        places: &[String],
        quota: &Quota,
        time: &TimeSource,
    ) -> Result<Box<dyn Dir>, Errno> {
        Ok(match self.0 {
            Source::Given(Given(dir)) => dir,
            Source::Memory => {
                let dir = MemoryDir::new(quota.clone(), time.clone());
                make_places(&dir, name, places)?;
                Box::new(dir)
            }
            Source::Host { dir, access, .. } => {
                let dir = HostDir::new(dir, quota.clone());
                match access {
                    Access::ReadOnly => Box::new(ReadOnly::new(Box::new(dir))),
                    Access::ReadWrite => Box::new(dir),
                    Access::Overlay => {
                        Box::new(Overlay::new(Box::new(dir), quota.clone(), time.clone()).dir())
                    }
                }
            }
        })
    }
}

/// Everything that a guest is granted, but for its arguments and standard streams.
#[derive(Debug, Default)]
pub struct Sandbox {
    pub(crate) limits: Limits,
    mounts: Vec<(String, Mount)>,
    /// Where the program starts; it finds an empty folder there if nothing else is granted.
    cwd: Option<String>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    seed: Option<u64>,
    clock: Option<SystemTime>,
}

impl Sandbox {
    /// Grants nothing yet.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Grants a folder under exactly this name. The first is descriptor 3.
    pub(crate) fn mount(&mut self, guest: impl Into<String>, mount: Mount) {
        self.mounts.push((guest.into(), mount));
    }

    /// Sets an environment variable.
    pub(crate) fn env(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.env.push((key.into(), value.into()));
    }

    /// Makes all randomness a function of this number.
    pub(crate) fn seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    /// Lets time stand still at this moment, but for sleeping.
    pub(crate) fn clock(&mut self, moment: SystemTime) {
        self.clock = Some(moment);
    }

    /// Whether something is mounted under exactly this name.
    pub(crate) fn has_mount(&self, guest: &str) -> bool {
        self.mounts.iter().any(|(name, _)| name == guest)
    }

    /// Whether a guest finds this folder of the host, at this name, in what was granted already.
    pub(crate) fn covers(&self, guest: &str, host: &Path) -> bool {
        self.mounts.iter().any(|(name, mount)| match (&mount.0, inside(guest, name)) {
            (Source::Host { path, .. }, Some(rest)) => same_folder(&path.join(rest), host),
            _ => false,
        })
    }

    /// Adds what every Python program sees: its library at `/usr`, devices at `/dev`, room in
    /// memory at `/tmp`, and a `/` in which these and the folder it starts in can be found.
    ///
    /// `/` holds nothing but the empty folders on the way to what is granted: it makes
    /// `os.chdir()` and `os.listdir("/")` work, and cannot be written.
    pub(crate) fn python_world(&mut self, library: Box<dyn Dir>, cwd: Option<&str>) -> Result<(), Errno> {
        self.cwd = cwd.map(str::to_owned);
        let time = self.time();
        // No room beside the devices: the guest makes no files here.
        let devices = MemoryDir::new(Quota::new(0, 0), time.clone());
        devices.add_device("null", Device::Null)?;
        devices.add_device("zero", Device::Zero)?;
        devices.add_device("random", self.random_device())?;
        devices.add_device("urandom", self.random_device())?;
        for (name, dir) in [("/usr", library), ("/dev", Box::new(devices) as Box<dyn Dir>)] {
            if !self.has_mount(name) {
                self.mount(name, Mount::given(dir));
            }
        }
        if !self.has_mount("/tmp") {
            self.mount("/tmp", Mount::memory());
        }
        if !self.has_mount("/") {
            let root = MemoryDir::new(Quota::unlimited(), time);
            make_places(&root, "/", &self.places())?;
            self.mount("/", Mount::given(Box::new(ReadOnly::new(Box::new(root)))));
        }
        Ok(())
    }

    /// What would have granted a path that the guest asked for in vain, as a line for its user;
    /// none if the sandbox is not the reason.
    ///
    /// The answer depends on the path and the mounts only, never on what the host has there: it
    /// goes to the guest.
    pub(crate) fn advice(names: &[String], path: &str) -> Option<String> {
        let path = normalized(path);
        if names.iter().any(|name| name != "/" && inside(&path, name).is_some()) {
            return None;
        }
        let folder = match path.rsplit_once('/') {
            Some(("", _)) | None => path.as_str(),
            Some((folder, _)) => folder,
        };
        Some(format!("python-wasm: {path} is not granted to the sandbox; --ro-dir {folder} grants it"))
    }

    /// Names that a guest must find when it looks for them: all mounts, and the folder it starts in.
    fn places(&self) -> Vec<String> {
        self.names().into_iter().chain(self.cwd.clone()).collect()
    }

    /// The names of all mounts, in their order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.mounts.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The context: what `builder` has, which is arguments and streams, and all of this.
    ///
    /// [`Errno::Inval`] for a NUL in a variable or a name, or a `=` in a variable's name;
    /// [`Errno::Mfile`] if the limit on open files is too low for what is granted.
    pub(crate) fn context(self, mut builder: WasiCtxBuilder) -> Result<WasiCtx, Errno> {
        let (time, places) = (self.time(), self.places());
        let quota = Quota::new(self.limits.disk, self.limits.files);
        for (key, value) in self.env {
            builder = builder.env(key, value);
        }
        if let Some(seed) = self.seed {
            builder = builder.random(Box::new(SeededRandom::new(seed)));
        }
        if let Some(moment) = self.clock {
            builder = builder.clock(Box::new(FixedClock::new(moment)));
        }
        for (name, mount) in self.mounts {
            let dir = mount.open(&name, &places, &quota, &time)?;
            builder = builder.preopen(name, dir);
        }
        let limits = wasi_core::Limits {
            open_files: self.limits.open_files,
            output: self.limits.output,
            call_bytes: self.limits.call_bytes,
            ..wasi_core::Limits::default()
        };
        builder.limits(limits).build()
    }

    /// `/dev/random`, with the guest's seed if it has one.
    fn random_device(&self) -> Device {
        match self.seed {
            None => Device::random(SystemRandom),
            Some(seed) => Device::random(SeededRandom::new(seed)),
        }
    }

    /// The clock of files in memory: the guest's.
    fn time(&self) -> TimeSource {
        match self.clock {
            None => TimeSource::system(),
            Some(moment) => {
                let since_epoch = moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
                TimeSource::fixed(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX))
            }
        }
    }
}

/// The rest of `path` below `folder`, if it is there: `/a/b` in `/a` gives `b`, `/a` in `/a` nothing.
fn inside<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Makes empty folders in `dir`, which is mounted as `name`, on the way to every place below it.
fn make_places(dir: &MemoryDir, name: &str, places: &[String]) -> Result<(), Errno> {
    let mut below = places.iter().filter_map(|place| inside(place, name)).filter(|rest| !rest.is_empty());
    below.try_for_each(|rest| dir.add_dir_all(rest))
}

/// Whether two names lead to one folder of the host.
fn same_folder(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// An absolute path without `.`, `..` and doubled slashes, by its text alone.
pub(crate) fn normalized(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_folder_that_would_grant_a_file() {
        let names = ["/".to_owned(), "/home/me/p".to_owned()];
        let advice = |path| Sandbox::advice(&names, path);
        assert_eq!(
            advice("/etc/passwd").as_deref(),
            Some("python-wasm: /etc/passwd is not granted to the sandbox; --ro-dir /etc grants it")
        );
        assert_eq!(
            advice("/home/me/p/../q/./x.csv").as_deref(),
            Some(
                "python-wasm: /home/me/q/x.csv is not granted to the sandbox; --ro-dir /home/me/q grants it"
            )
        );
        assert!(advice("/data").unwrap().contains("--ro-dir /data grants"));
        assert_eq!(advice("/home/me/p/missing.txt"), None);
        assert!(advice("/home/me/p2/x").is_some());
    }

    #[test]
    fn a_folder_below_a_grant_is_covered_under_its_own_name_only() {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("sub");
        std::fs::create_dir(&sub).unwrap();
        let mut sandbox = Sandbox::default();
        sandbox.mount("/data", Mount::read_write(dir.path()).unwrap());
        assert!(sandbox.covers("/data/sub", &sub));
        assert!(sandbox.covers("/data", dir.path()));
        assert!(!sandbox.covers("/data", &sub));
        assert!(!sandbox.covers("/elsewhere/sub", &sub));
    }

    #[test]
    fn a_folder_in_memory_shows_the_way_to_what_lies_below_it() {
        let memory = MemoryDir::new(Quota::unlimited(), TimeSource::system());
        let places = ["/tmp", "/tmp/work/deep", "/usr"].map(str::to_owned);
        make_places(&memory, "/tmp", &places).unwrap();
        let names: Vec<_> = memory.entries().unwrap().map(|entry| entry.unwrap().name).collect();
        assert_eq!(names, ["work"]);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = Mount::read_only("/no/such/folder").unwrap_err();
        assert!(error.to_string().starts_with("cannot open the folder /no/such/folder: "), "{error}");
    }
}
