//! Everything that a guest is granted, and the WASI context made from that.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use python_wasm_engine::Engine;
use wasi_core::clock::FixedClock;
use wasi_core::fs::{Device, Dir, Quota, TimeSource};
use wasi_core::random::{SeededRandom, SystemRandom};
use wasi_core::{Errno, WasiCtx, WasiCtxBuilder};

use crate::grants::Grants;
use crate::limits::Limits;
use crate::mount::{Mount, Through};
use crate::place::inside;

/// Everything that a guest is granted, except its arguments and standard streams.
#[derive(Debug, Default)]
pub struct Sandbox {
    /// How much it may use.
    pub limits: Limits,
    /// What runs it.
    pub engine: Engine,
    mounts: Vec<(String, Mount)>,
    /// Where the program starts. It finds an empty folder there if nothing else is granted.
    cwd: Option<String>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    seed: Option<u64>,
    clock: Option<SystemTime>,
    /// The room that writable folders share, once somebody has asked for it.
    quota: Option<Quota>,
}

impl Sandbox {
    /// Makes a sandbox in which nothing is granted.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Grants a folder under exactly this name. The first one is descriptor 3.
    pub fn mount(&mut self, guest: impl Into<String>, mount: Mount) {
        self.mounts.push((guest.into(), mount));
    }

    /// Grants a folder that the caller made; `what` describes it to a person.
    pub fn mount_made(&mut self, guest: impl Into<String>, dir: Box<dyn Dir>, what: &'static str) {
        self.mount(guest, Mount::made(dir, what));
    }

    /// Lets every folder of the host that was granted for reading alone, and every archive, pass through something.
    pub fn pass_read_only(&mut self, through: &Through) {
        self.mounts.iter_mut().for_each(|(_, mount)| mount.pass_read_only(through));
    }

    /// Sets an environment variable.
    pub fn env(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.env.push((key.into(), value.into()));
    }

    /// Sets an environment variable, unless the guest has one of this name.
    pub fn default_env(&mut self, key: &str, value: &str) {
        if !self.env.iter().any(|(known, _)| known == key.as_bytes()) {
            self.env(key, value);
        }
    }

    /// Makes all randomness a function of this number.
    pub fn seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    /// Lets time stand still at this moment, except while the guest sleeps.
    pub fn clock(&mut self, moment: SystemTime) {
        self.clock = Some(moment);
    }

    /// Whether time or randomness was fixed, so that the guest is to run alike everywhere.
    pub fn is_fixed(&self) -> bool {
        self.clock.is_some() || self.seed.is_some()
    }

    /// Sets the folder that the program starts in, by its name inside.
    pub fn start_in(&mut self, cwd: Option<&str>) {
        self.cwd = cwd.map(str::to_owned);
    }

    /// Whether something is mounted under this name. Slashes at its end do not count.
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

    /// Returns what is granted, for whoever shows it, or grants more while the guest runs.
    pub fn grants(&mut self) -> Grants {
        let list = self.mounts.iter().map(|(name, mount)| mount.grant(name)).collect();
        let quota = self.quota.get_or_insert_with(|| Quota::new(self.limits.disk, self.limits.files)).clone();
        Grants::new(list, quota, self.time())
    }

    /// Returns the names that a guest must find when it looks for them: those of all mounts, and of the
    /// folder it starts in.
    pub fn places(&self) -> Vec<String> {
        self.names().into_iter().chain(self.cwd.clone()).collect()
    }

    /// Returns the names of all mounts, in their order.
    pub fn names(&self) -> Vec<String> {
        self.mounts.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Opens the folders of the host and the archives for a guest that goes on from a file.
    pub fn folders(self) -> Vec<(String, Box<dyn Dir>)> {
        let quota = Quota::new(self.limits.disk, self.limits.files);
        self.mounts
            .into_iter()
            .filter_map(|(name, mount)| Some((name, mount.for_resuming(&quota)?)))
            .collect()
    }

    /// Makes the context: the arguments and streams of `builder`, and everything granted here.
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
        builder.limits((&self.limits).into()).build()
    }

    /// Makes a device of random bytes, which follow the guest's seed if it has one.
    pub fn random_device(&self) -> Device {
        match self.seed {
            None => Device::random(SystemRandom::new()),
            Some(seed) => Device::random(SeededRandom::new(seed)),
        }
    }

    /// Returns the clock of files in memory, which is the guest's.
    pub fn time(&self) -> TimeSource {
        match self.clock {
            None => TimeSource::system(),
            Some(moment) => {
                let since_epoch = moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
                TimeSource::fixed(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
