//! A recipe is a list of stages. A stage runs once for each hash of its inputs.

use std::fs;
use std::path::{Path, PathBuf};
#[cfg(feature = "compiler")]
use std::time::Instant;

use crate::cache::Cache;
use crate::error::Error;
#[cfg(feature = "compiler")]
use crate::error::IoContext as _;
use crate::fingerprint::Fingerprint;
#[cfg(feature = "compiler")]
use crate::{progress::Progress, tree, workshop::Workshop};

/// One step of the recipe.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The name of the result in the cache.
    pub(crate) name: &'static str,
    /// What the stage builds, for a person who waits.
    pub(crate) title: &'static str,
    /// The stage's own source text, which is part of its hash.
    pub(crate) text: &'static str,
    /// Files and folders of this crate that the result depends on.
    pub(crate) files: &'static [&'static str],
    /// Crates beside this one whose sources the result depends on.
    pub(crate) crates: &'static [&'static str],
    /// The earlier stages whose results it uses.
    pub(crate) needs: &'static [&'static str],
    /// The approximate number of lines that its commands write, for the progress bar.
    pub(crate) lines: u64,
    /// Runs the stage: fills the workshop's `out` folder.
    #[cfg(feature = "compiler")]
    pub(crate) run: fn(&mut Workshop<'_>) -> Result<(), Error>,
}

/// Stages in order, each with the hash of everything that its result depends on.
pub(crate) struct Recipe {
    stages: Vec<(Stage, String)>,
    home: PathBuf,
}

impl Recipe {
    /// Hashes the stages. `home` is this crate's folder, which contains the stages' files.
    pub(crate) fn new(stages: Vec<Stage>, home: &Path) -> Result<Self, Error> {
        let mut recipe = Self { stages: Vec::new(), home: home.to_path_buf() };
        for stage in stages {
            let hash = recipe.fingerprint(&stage)?;
            recipe.stages.push((stage, hash));
        }
        Ok(recipe)
    }

    /// Returns the hash of a stage, with its files as they are now.
    fn fingerprint(&self, stage: &Stage) -> Result<String, Error> {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add("stage", stage.name.as_bytes());
        fingerprint.add("text", stage.text.as_bytes());
        for file in stage.files {
            fingerprint.add_path(file, &self.home.join(file))?;
        }
        for name in stage.crates {
            match source_of(&self.home, name) {
                Some(path) => fingerprint.add_path(name, &path)?,
                None => fingerprint.add(name, env!("CARGO_PKG_VERSION").as_bytes()),
            }
        }
        for need in stage.needs {
            fingerprint.add(need, self.stage(need).1.as_bytes());
        }
        Ok(fingerprint.finish())
    }

    /// Returns the hash of the last stage, which is that of the whole recipe.
    pub(crate) fn hash(&self) -> &str {
        self.stages.last().map_or("", |(_, hash)| hash)
    }

    /// Returns the name of each stage, and the folder where its result is or would be.
    pub(crate) fn results<'a>(
        &'a self,
        cache: &'a Cache,
    ) -> impl Iterator<Item = (&'static str, PathBuf)> + 'a {
        self.stages.iter().map(|(stage, hash)| (stage.name, cache.result(stage.name, hash)))
    }

    /// Returns the folder where the last stage's result is or would be.
    pub(crate) fn result(&self, cache: &Cache) -> PathBuf {
        self.stages.last().map_or(cache.root().to_path_buf(), |(stage, hash)| cache.result(stage.name, hash))
    }

    /// Returns the title of a stage: what it builds, in which version.
    pub(crate) fn title(&self, name: &str) -> &'static str {
        self.stage(name).0.title
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    fn stage(&self, name: &str) -> &(Stage, String) {
        self.stages
            .iter()
            .find(|(stage, _)| stage.name == name)
            .unwrap_or_else(|| panic!("no stage {name} before the one that needs it"))
    }
}

#[cfg(feature = "compiler")]
impl Recipe {
    /// Returns the last stage's result, built first if it is not there. If anything has to be built,
    /// `prepare` runs once before it, under the cache's lock.
    pub(crate) fn build(
        &self,
        cache: &Cache,
        progress: &Progress,
        prepare: impl FnOnce() -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        match self.stages.last() {
            Some((last, _)) => self.build_stage(last.name, cache, progress, prepare),
            None => Ok(cache.root().to_path_buf()),
        }
    }

    /// Returns the result of one stage, built like [`build`](Self::build), with the stages that it needs.
    pub(crate) fn build_stage(
        &self,
        name: &str,
        cache: &Cache,
        progress: &Progress,
        prepare: impl FnOnce() -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let result = cache.result(name, &self.stage(name).1);
        if result.is_dir() {
            return Ok(result);
        }
        let _lock = cache.lock(progress)?;
        if !result.is_dir() {
            prepare()?;
            // We have the lock, so the process that left something here is gone.
            tree::remove(&cache.work_root())?;
            self.make(name, cache, progress)?;
        }
        Ok(result)
    }

    /// Builds one stage and those that it needs, under the cache's lock.
    fn make(&self, name: &str, cache: &Cache, progress: &Progress) -> Result<(), Error> {
        let (stage, hash) = self.stage(name);
        let result = cache.result(stage.name, hash);
        if result.is_dir() {
            return Ok(());
        }
        for need in stage.needs {
            self.make(need, cache, progress)?;
        }

        let work = cache.work(stage.name, hash);
        let started = Instant::now();
        let number = 1 + self.stages.iter().take_while(|(other, _)| other.name != name).count();
        let title = format!("[{number}/{}] {}", self.stages.len(), stage.title);
        let mut workshop = Workshop::open(self, cache, &work, progress.bar(&title, stage.lines))?;
        (stage.run)(&mut workshop)?;
        // The name of the result promises that it was made from these files.
        if self.fingerprint(stage)? != *hash {
            return Err(Error::Edited { stage: stage.name });
        }
        let (out, log) = workshop.close();
        let seconds = started.elapsed().as_secs_f64();
        let note = out.join(SECONDS);
        fs::write(&note, format!("{seconds:.1}\n")).on("write", &note)?;
        fs::rename(&log, out.join("log.txt")).on("move", &log)?;
        fs::rename(&out, &result).on("move", &out)?;
        tree::remove(&work)?;
        progress.say(&format!("{title}: {seconds:.0} s"));
        Ok(())
    }
}

/// Returns the source folder of a crate of this workspace. `None` outside of the workspace: there this crate
/// comes from the registry, and the version identifies the sources of all of them.
pub(crate) fn source_of(home: &Path, name: &str) -> Option<PathBuf> {
    let source = home.join("../crates").join(name).join("src");
    source.is_dir().then_some(source)
}

/// The file in a stage's result that says how many seconds it took.
const SECONDS: &str = "seconds.txt";

/// Returns the seconds that a stage took, from its result at `path`. `None` if the result is not there.
pub(crate) fn seconds(path: &Path) -> Option<f64> {
    fs::read_to_string(path.join(SECONDS)).ok()?.trim().parse().ok()
}

#[cfg(all(test, feature = "build"))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn fake(name: &'static str, text: &'static str, needs: &'static [&'static str]) -> Stage {
        fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
            let path = shop.out().join("made");
            fs::write(&path, "made").on("write", &path)
        }
        Stage { name, title: name, text, files: &[], crates: &[], needs, lines: 1, run }
    }

    fn recipe(stages: Vec<Stage>) -> Recipe {
        Recipe::new(stages, Path::new("/nonexistent")).unwrap()
    }

    fn build(recipe: &Recipe, cache: &Cache) -> Result<PathBuf, Error> {
        recipe.build(cache, &Progress::silent(), || Ok(()))
    }

    fn hashes(first: &'static str, second: &'static str, third: &'static str) -> Vec<String> {
        let stages = vec![fake("a", first, &[]), fake("b", second, &["a"]), fake("c", third, &["a"])];
        recipe(stages).stages.into_iter().map(|(_, hash)| hash).collect()
    }

    #[test]
    fn a_changed_stage_changes_the_hashes_of_the_stages_that_need_it_only() {
        let (before, first, second) = (hashes("1", "2", "3"), hashes("x", "2", "3"), hashes("1", "x", "3"));
        assert!(before.iter().zip(&first).all(|(old, new)| old != new));
        assert_eq!((&before[0], &before[2]), (&second[0], &second[2]));
        assert_ne!(before[1], second[1]);
    }

    #[test]
    fn a_changed_file_changes_the_hash() {
        let home = tempfile::tempdir().unwrap();
        let of = || {
            let stage = Stage { files: &["shim"], ..fake("a", "1", &[]) };
            Recipe::new(vec![stage], home.path()).unwrap().hash().to_owned()
        };
        fs::create_dir(home.path().join("shim")).unwrap();
        fs::write(home.path().join("shim/a.c"), "int a;").unwrap();
        let before = of();
        fs::write(home.path().join("shim/a.c"), "int b;").unwrap();
        assert_ne!(before, of());
    }

    #[test]
    fn a_result_is_not_kept_if_its_files_were_edited_meanwhile() {
        let [home, folder] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        fs::write(home.path().join("shim.c"), "before").unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let stage = Stage {
            files: &["shim.c"],
            run: |shop| {
                let path = shop.home().join("shim.c");
                fs::write(&path, "edited while the stage runs").on("write", &path)
            },
            ..fake("a", "1", &[])
        };
        let recipe = Recipe::new(vec![stage], home.path()).unwrap();
        let error = build(&recipe, &cache).unwrap_err();
        assert!(matches!(error, Error::Edited { stage: "a" }), "{error}");
        assert!(!cache.result("a", recipe.hash()).exists());
    }

    #[test]
    fn a_finished_result_is_not_built_again() {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let stage = Stage {
            run: |_| {
                RUNS.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
            ..fake("a", "1", &[])
        };
        let recipe = recipe(vec![stage]);
        let first = build(&recipe, &cache).unwrap();
        assert_eq!(first, build(&recipe, &cache).unwrap());
        assert_eq!(RUNS.load(Ordering::SeqCst), 1);
        assert!(seconds(&first).is_some());
    }

    #[test]
    fn an_interrupted_build_resumes_at_its_stage() {
        static FIRST: AtomicUsize = AtomicUsize::new(0);
        static SECOND: AtomicUsize = AtomicUsize::new(0);
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let first = Stage {
            run: |_| {
                FIRST.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
            ..fake("first", "1", &[])
        };
        let second = Stage {
            run: |shop| {
                assert!(shop.result("first").is_dir());
                let path = shop.out().join("half");
                assert!(!path.exists(), "files of an interrupted stage are gone");
                fs::write(&path, "").on("write", &path)?;
                match SECOND.fetch_add(1, Ordering::SeqCst) {
                    0 => Err(Error::NoCache),
                    _ => Ok(()),
                }
            },
            ..fake("second", "1", &["first"])
        };
        let recipe = recipe(vec![first, second]);
        build(&recipe, &cache).unwrap_err();
        assert!(!cache.result("second", recipe.hash()).exists());
        assert!(build(&recipe, &cache).unwrap().join("half").exists());
        assert_eq!(FIRST.load(Ordering::SeqCst), 1);
        assert_eq!(SECOND.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_stage_that_no_other_needs_is_not_built() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let recipe = recipe(vec![fake("unused", "1", &[]), fake("last", "1", &[])]);
        build(&recipe, &cache).unwrap();
        let made: Vec<_> = recipe.results(&cache).map(|(_, path)| path.is_dir()).collect();
        assert_eq!(made, [false, true]);
    }

    #[test]
    fn a_failed_command_shows_its_last_lines_and_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let stage = Stage {
            run: |shop| {
                let mut command = shop.command("sh");
                shop.run(command.args(["-c", "echo broken >&2; exit 3"]))
            },
            ..fake("a", "1", &[])
        };
        let message = build(&recipe(vec![stage]), &cache).unwrap_err().to_string();
        assert!(message.contains("exit status: 3") && message.contains("\n  broken"), "{message}");
        let log = message.split("log is ").nth(1).unwrap().split(';').next().unwrap();
        assert!(fs::read_to_string(log).unwrap().contains("broken"));
    }

    #[test]
    fn builds_do_not_see_the_callers_environment() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let stage = Stage {
            run: |shop| {
                let mut command = shop.command("sh");
                shop.run(command.args(["-c", "test -z \"$CARGO_MANIFEST_DIR\""]))
            },
            ..fake("a", "1", &[])
        };
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        build(&recipe(vec![stage]), &cache).unwrap();
    }
}
