//! The recipe, stage by stage, in the order in which they run.

mod archive;
mod artefact;
mod build_python;
mod c_libraries;
mod compiler;
mod cross;
mod link;
mod math;
mod source;
mod time_zones;

use crate::stage::Stage;

pub(crate) use artefact::INFO;
pub(crate) use source::VERSION;

/// The whole recipe; the last stage's result is the artefact.
pub(crate) fn all() -> Vec<Stage> {
    vec![
        source::STAGE,
        compiler::STAGE,
        time_zones::STAGE,
        c_libraries::STAGE,
        math::STAGE,
        build_python::STAGE,
        cross::STAGE,
        link::STAGE,
        archive::STAGE,
        artefact::STAGE,
    ]
}
