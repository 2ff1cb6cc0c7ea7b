//! What a guest may see and use, and the WASI context made from that.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use python_wasm_engine::Engine;
use wasi_core::clock::FixedClock;
use wasi_core::fs::{Device, Dir, MemoryDir, Quota, ReadOnly, TimeSource};
use wasi_core::random::{SeededRandom, SystemRandom};
use wasi_core::{Errno, WasiCtx, WasiCtxBuilder};

use crate::grants::Grants;
use crate::limits::Limits;
use crate::mount::Mount;

/// Everything that a guest is granted, but for its arguments and standard streams.
#[derive(Debug, Default)]
pub struct Sandbox {
    pub limits: Limits,
    pub engine: Engine,
    mounts: Vec<(String, Mount)>,
    /// Where the program starts; it finds an empty folder there if nothing else is granted.
    cwd: Option<String>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    seed: Option<u64>,
    clock: Option<SystemTime>,
    /// What writable folders draw on, once somebody has asked for it.
    quota: Option<Quota>,
}

impl Sandbox {
    /// Grants nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Grants a folder under exactly this name. The first is descriptor 3.
    pub fn mount(&mut self, guest: impl Into<String>, mount: Mount) {
        self.mounts.push((guest.into(), mount));
    }

    /// Sets an environment variable.
    pub fn env(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.env.push((key.into(), value.into()));
    }

    /// Makes all randomness a function of this number.
    pub fn seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    /// Lets time stand still at this moment, but for sleeping.
    pub fn clock(&mut self, moment: SystemTime) {
        self.clock = Some(moment);
    }

    /// Whether something is mounted under this name, but for slashes at its end.
    pub fn has_mount(&self, guest: &str) -> bool {
        let place = |name: &str| name.trim_end_matches('/').to_owned();
        self.mounts.iter().any(|(name, _)| place(name) == place(guest))
    }

    /// Whether a guest finds this folder of the host, at this name, in what was granted already.
    pub fn covers(&self, guest: &str, host: &Path) -> bool {
        let leads = |(name, mount): &(String, Mount)| {
            inside(guest, name).is_some_and(|rest| mount.leads_to(rest, host))
        };
        self.mounts.iter().any(leads)
    }

    /// Adds what every Python program sees: its library at `/usr`, devices at `/dev`, room in
    /// memory at `/tmp`, and a `/` in which these and the folder it starts in can be found.
    ///
    /// `/` holds nothing but the empty folders on the way to what is granted: it makes
    /// `os.chdir()` and `os.listdir("/")` work, and cannot be written.
    pub fn python_world(&mut self, library: Box<dyn Dir>, cwd: Option<&str>) -> Result<(), Errno> {
        self.cwd = cwd.map(str::to_owned);
        let time = self.time();
        // No room beside the devices: the guest makes no files here.
        let devices = MemoryDir::new(Quota::new(0, 0), time.clone());
        devices.add_device("null", Device::Null)?;
        devices.add_device("zero", Device::Zero)?;
        devices.add_device("random", self.random_device())?;
        devices.add_device("urandom", self.random_device())?;
        let devices: Box<dyn Dir> = Box::new(devices);
        for (name, dir, what) in [("/usr", library, "the standard library"), ("/dev", devices, "devices")] {
            if !self.has_mount(name) {
                self.mount(name, Mount::given(dir, what));
            }
        }
        if !self.has_mount("/tmp") {
            self.mount("/tmp", Mount::memory());
        }
        if !self.has_mount("/") {
            let root = MemoryDir::new(Quota::unlimited(), time);
            make_places(&root, "/", &self.places())?;
            let root = Box::new(ReadOnly::new(Box::new(root)));
            self.mount("/", Mount::given(root, "the way to the others"));
        }
        Ok(())
    }

    /// What is granted, for whoever shows it, or grants more while the guest runs.
    pub fn grants(&mut self) -> Grants {
        let list = self.mounts.iter().map(|(name, mount)| mount.described(name)).collect();
        let quota = self.quota.get_or_insert_with(|| Quota::new(self.limits.disk, self.limits.files)).clone();
        Grants::new(list, quota, self.time())
    }

    /// What would have granted a path that the guest asked for in vain, as a line for its user;
    /// none if the sandbox is not the reason.
    ///
    /// The answer depends on the path and the mounts only, never on what the host has there: it
    /// goes to the guest.
    pub fn advice(names: &[String], path: &str, write: bool, at_prompt: bool) -> Option<String> {
        let path = normalized(path);
        if names.iter().any(|name| name != "/" && inside(&path, name).is_some()) {
            return None;
        }
        let folder = match path.rsplit_once('/') {
            Some(("", _)) | None => path.as_str(),
            Some((folder, _)) => folder,
        };
        let words = match (at_prompt, write) {
            (true, true) => format!("%grant {folder}"),
            (true, false) => format!("%grant {folder}:ro"),
            (false, true) => format!("--dir {folder}"),
            (false, false) => format!("--ro-dir {folder}"),
        };
        Some(format!("python-wasm: {path} is not granted to the sandbox; {words} grants it"))
    }

    /// Names that a guest must find when it looks for them: all mounts, and the folder it starts in.
    fn places(&self) -> Vec<String> {
        self.names().into_iter().chain(self.cwd.clone()).collect()
    }

    /// The names of all mounts, in their order.
    pub fn names(&self) -> Vec<String> {
        self.mounts.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The folders of the host, opened, for a guest that goes on from a file.
    pub fn folders(self) -> Vec<(String, Box<dyn Dir>)> {
        let quota = Quota::new(self.limits.disk, self.limits.files);
        self.mounts.into_iter().filter_map(|(name, mount)| Some((name, mount.of_host(&quota)?))).collect()
    }

    /// The context: what `builder` has, which is arguments and streams, and all of this.
    ///
    /// [`Errno::Inval`] for a NUL in a variable or a name, or a `=` in a variable's name;
    /// [`Errno::Mfile`] if the limit on open files is too low for what is granted.
    pub fn context(self, mut builder: WasiCtxBuilder) -> Result<WasiCtx, Errno> {
        let (time, places) = (self.time(), self.places());
        let quota = self.quota.unwrap_or_else(|| Quota::new(self.limits.disk, self.limits.files));
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
            None => Device::random(SystemRandom::new()),
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
pub(crate) fn make_places(dir: &MemoryDir, name: &str, places: &[String]) -> Result<(), Errno> {
    let mut below = places.iter().filter_map(|place| inside(place, name)).filter(|rest| !rest.is_empty());
    below.try_for_each(|rest| dir.add_dir_all(rest))
}

/// An absolute path without `.`, `..` and doubled slashes, by its text alone.
pub fn normalized(path: &str) -> String {
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
        let advice = |path| Sandbox::advice(&names, path, false, false);
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
        assert!(Sandbox::advice(&names, "/srv/new", true, false).unwrap().contains("; --dir /srv grants"));
        let at_prompt = |write| Sandbox::advice(&names, "/srv/new", write, true).unwrap();
        assert!(at_prompt(true).contains("; %grant /srv grants"));
        assert!(at_prompt(false).contains("; %grant /srv:ro grants"));
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
