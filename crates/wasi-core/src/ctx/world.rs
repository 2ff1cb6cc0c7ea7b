//! Between a context and its world at rest.

use super::context::{Run, WasiCtx};
use super::fork::Streams;
use super::trees::Trees;
use crate::fs::saved::{Grants, Resumer, Saver};
use crate::fs::{DeviceNumbers, Dir};
use crate::world::World;
use crate::world_error::WorldError;

impl WasiCtx {
    /// The world of this guest at rest; the guest can go on, and does not show in it.
    ///
    /// [`WorldError::Unsavable`] for a clock, a source of randomness or a time source that is neither
    /// the system's nor a fixed one.
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
    /// A context that goes on from here, with these streams and with the folders of `granted` under
    /// their names.
    ///
    /// Folders of the host draw on the budget that they drew on before, whatever they were made
    /// with. [`WorldError::NotGranted`] unless there is one for each of [`grants`](Self::grants);
    /// [`WorldError::OtherArchive`] for an archive with another index.
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
            trees,
            clock: self.clock.resume(),
            random: self.random.resume().ok_or(WorldError::Damaged)?,
            limits: self.limits.clone(),
            output_left: self.output_left,
            run: Run::default(),
        })
    }
}
