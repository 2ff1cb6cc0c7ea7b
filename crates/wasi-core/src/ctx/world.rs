//! From a context to a saved world, and back.

use super::context::{Run, WasiCtx};
use super::fork::Streams;
use super::trees::Trees;
use crate::fs::saved::{Grants, Resumer, Saver};
use crate::fs::{DeviceNumbers, Dir, Locks};
use crate::world::World;
use crate::world_error::WorldError;

impl WasiCtx {
    /// Saves the state of this guest, which can go on.
    ///
    /// [`WorldError::Unsavable`] for a clock, a source of randomness or a time source that the embedder
    /// wrote.
    pub fn save(&self) -> Result<World, WorldError> {
        let mut saver = Saver::default();
        let table = self.table.save(&mut saver)?;
        let overlays = self.trees.save(&mut saver)?;
        let files = saver.finish();
        let mut grants: Vec<String> = table.grants().chain(files.lower_grants(&overlays)?).collect();
        grants.sort();
        grants.dedup();
        Ok(World {
            args: self.args.clone(),
            env: self.env.clone(),
            limits: self.limits.clone(),
            output_left: self.output_left,
            clock: self.clock.save().ok_or(WorldError::Unsavable("a clock of the embedder's own"))?,
            random: self
                .random
                .save()
                .ok_or(WorldError::Unsavable("a source of randomness of the embedder's own"))?,
            files,
            table,
            overlays,
            grants,
        })
    }
}

impl World {
    /// Returns a context that goes on from here, with these streams and with the directories that are
    /// granted again by their names.
    ///
    /// Directories of the host are charged to the quota that they were charged to before, not to the one that
    /// they are granted with. What was charged for files of the host is not refunded any more when these are
    /// removed, because the world does not know the files. [`WorldError::NotGranted`] unless there is a directory for each of
    /// [`grants`](Self::grants); [`WorldError::OtherArchive`] for an archive with another index.
    pub fn resume(
        &self,
        granted: impl IntoIterator<Item = (String, Box<dyn Dir>)>,
        mut streams: Streams,
    ) -> Result<WasiCtx, WorldError> {
        let grants = Grants(granted.into_iter().collect());
        let resumer = Resumer::begin(&self.files, &self.overlays, &grants)?;
        let mut numbers = DeviceNumbers::default();
        let limit = self.limits.open_files;
        let table = self.table.resume(limit, &resumer, &mut numbers, &mut |origin| streams.take(origin))?;
        let trees = Trees::resume(numbers, &self.overlays, &resumer)?;
        resumer.finish();
        Ok(WasiCtx {
            args: self.args.clone(),
            env: self.env.clone(),
            table,
            locks: Locks::default(),
            trees,
            clock: self.clock.resume(),
            random: self.random.resume().ok_or(WorldError::Damaged)?,
            limits: self.limits.clone(),
            output_left: self.output_left,
            run: Run::default(),
        })
    }
}
