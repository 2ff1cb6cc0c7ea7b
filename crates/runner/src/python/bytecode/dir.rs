//! A folder in which every module has its bytecode.

use std::sync::Arc;

use wasi_core::fs::{
    Dir, Entries, File, Fork, MemoryDir, Node, OpenOptions, Quota, ReadOnly, RelativePath, TimeSource,
};
use wasi_core::types::{Access, FdFlags, FileType, Filestat, OFlags, SetTime};
use wasi_core::{Errno, Result};

use super::Bytecode;

/// The folder beside a module that has its bytecode.
const FOLDER: &str = "__pycache__";

/// This Python's version, of which the first two numbers are the tag of its bytecode.
const VERSION: &str = env!("PYTHON_WASM_PYTHON_VERSION");

/// The most bytes of a source that is compiled here.
const LONGEST: usize = 8 << 20;

/// A decorator that answers for files in `__pycache__`, for a directory that cannot be written.
pub(super) struct WithBytecode {
    dir: Box<dyn Dir>,
    bytecode: Arc<Bytecode>,
}

impl WithBytecode {
    pub(super) fn new(dir: Box<dyn Dir>, bytecode: Arc<Bytecode>) -> Self {
        Self { dir, bytecode }
    }

    /// Opens the bytecode of a module. `None` if there is no such source here, or none that compiles.
    fn open_bytecode(&self, module: &Module) -> Option<Node> {
        let options = OpenOptions {
            follow: true,
            oflags: OFlags::empty(),
            read: true,
            write: false,
            fdflags: FdFlags::empty(),
        };
        let path = RelativePath::parse(module.source.as_bytes()).ok()?;
        let Node::File(file) = self.dir.open(path, options).ok()? else { return None };
        let content = self.bytecode.of(&read(file)?, module.optimization)?;
        let folder = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
        folder.add_file("bytecode", content).ok()?;
        ReadOnly::new(Box::new(folder)).open(RelativePath::parse(b"bytecode").ok()?, options).ok()
    }
}

/// A module whose bytecode is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Module {
    /// The path of its source.
    source: String,
    /// The level of `-O`.
    optimization: u8,
}

impl Module {
    /// Reads the path of bytecode as PEP 3147 and PEP 488 have it: `a/__pycache__/b.TAG.opt-1.pyc`.
    fn of(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/')?;
        let above = match folder.strip_suffix(FOLDER)? {
            "" => "",
            above => above.strip_suffix('/').map(|_| above)?,
        };
        let (rest, optimization) = match name.strip_suffix(".pyc")?.rsplit_once('.')? {
            (rest, "opt-1") => (rest, 1),
            (rest, "opt-2") => (rest, 2),
            _ => (name.strip_suffix(".pyc")?, 0),
        };
        let (stem, tag) = rest.rsplit_once('.')?;
        (!stem.is_empty() && tag == self::tag())
            .then(|| Self { source: format!("{above}{stem}.py"), optimization })
    }
}

/// Returns the tag in the names of bytecode.
fn tag() -> String {
    let numbers: Vec<&str> = VERSION.split('.').take(2).collect();
    format!("cpython-{}", numbers.concat())
}

/// Reads a file of a length that is compiled.
fn read(mut file: Box<dyn File>) -> Option<Vec<u8>> {
    if file.filetype() != FileType::RegularFile {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(file.filestat().ok()?.size).ok()?.min(LONGEST) + 1];
    let mut length = 0;
    while length < bytes.len() {
        match file.read(&mut bytes[length..]).ok()? {
            0 => {
                bytes.truncate(length);
                return Some(bytes);
            }
            count => length += count,
        }
    }
    // It is too long, or grows while it is read.
    None
}

impl Dir for WithBytecode {
    fn filestat(&self) -> Result<Filestat> {
        self.dir.filestat()
    }

    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node> {
        let changes = OFlags::CREAT | OFlags::TRUNC | OFlags::DIRECTORY;
        if options.read
            && !options.write
            && !options.oflags.intersects(changes)
            && let Some(module) = Module::of(path.as_str())
            && let Some(file) = self.open_bytecode(&module)
        {
            return Ok(file);
        }
        Ok(match self.dir.open(path, options)? {
            Node::Dir(dir) => Node::Dir(Box::new(Self::new(dir, self.bytecode.clone()))),
            file @ Node::File(_) => file,
        })
    }

    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat> {
        self.dir.filestat_at(path, follow)
    }

    fn access_at(&self, path: RelativePath<'_>, follow: bool, access: Access) -> Result<()> {
        self.dir.access_at(path, follow, access)
    }

    fn set_mode_at(&self, path: RelativePath<'_>, permissions: u32) -> Result<()> {
        self.dir.set_mode_at(path, permissions)
    }

    fn set_times_at(&self, path: RelativePath<'_>, follow: bool, atim: SetTime, mtim: SetTime) -> Result<()> {
        self.dir.set_times_at(path, follow, atim, mtim)
    }

    fn set_times(&self, atim: SetTime, mtim: SetTime) -> Result<()> {
        self.dir.set_times(atim, mtim)
    }

    fn entries(&self) -> Result<Entries> {
        self.dir.entries()
    }

    fn create_dir(&self, path: RelativePath<'_>) -> Result<()> {
        self.dir.create_dir(path)
    }

    fn remove_dir(&self, path: RelativePath<'_>) -> Result<()> {
        self.dir.remove_dir(path)
    }

    fn unlink(&self, path: RelativePath<'_>) -> Result<()> {
        self.dir.unlink(path)
    }

    fn read_link(&self, path: RelativePath<'_>) -> Result<String> {
        self.dir.read_link(path)
    }

    fn symlink(&self, target: RelativePath<'_>, path: RelativePath<'_>) -> Result<()> {
        self.dir.symlink(target, path)
    }

    fn link(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn rename(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self::new(self.dir.reopen()?, self.bytecode.clone())))
    }

    fn fork(&self, fork: &mut Fork) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self::new(self.dir.fork(fork)?, self.bytecode.clone())))
    }

    fn charge_to(&mut self, quota: &Quota) {
        self.dir.charge_to(quota);
    }

    fn inner(&self) -> Option<&dyn Dir> {
        Some(&*self.dir)
    }

    fn writable(&self) -> bool {
        self.dir.writable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str) -> Option<(String, u8)> {
        Module::of(&path.replace("TAG", &tag())).map(|module| (module.source, module.optimization))
    }

    #[test]
    fn the_path_of_bytecode_tells_its_module() {
        let some = |source: &str, optimization| Some((source.to_owned(), optimization));
        assert_eq!(module("__pycache__/a.TAG.pyc"), some("a.py", 0));
        assert_eq!(module("a/b.c/__pycache__/d.e.TAG.opt-1.pyc"), some("a/b.c/d.e.py", 1));
        assert_eq!(module("a/__pycache__/__init__.TAG.opt-2.pyc"), some("a/__init__.py", 2));
    }

    #[test]
    fn other_paths_are_those_of_files() {
        for path in [
            "a.py",
            "a.pyc",
            "__pycache__/a.py",
            "__pycache__/a.cpython-27.pyc",
            "__pycache__/.TAG.pyc",
            "__pycache__/a.TAG.opt-3.pyc",
            "x__pycache__/a.TAG.pyc",
            "__pycache__/b/a.TAG.pyc",
            "__pycache__",
            "",
        ] {
            assert_eq!(module(path), None, "{path}");
        }
    }
}
