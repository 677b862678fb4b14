//! Where the result of a build goes beside the local store.

use std::os::fd::AsFd as _;

use containr_layer::rootfs::{self, Owners};
use containr_oci::{Descriptor, Reference};
use containr_snapshot::View;

use super::{ArchiveForm, BuildRequest, Destination, Output};
use crate::error::Context as _;
use crate::image::Found;
use crate::work::{TaskWork, Work};
use crate::{Engine, EngineError};

/// What the outputs are made of.
pub(super) struct Built<'a> {
    pub(super) found: &'a Found,
    pub(super) names: &'a [Reference],
}

/// Writes all outputs, pushes what is to be pushed, and returns the manifest when one was made.
pub(super) fn write(
    engine: &Engine,
    request: &BuildRequest,
    built: &Built<'_>,
    work: &Work<'_>,
) -> Result<Option<Descriptor>, EngineError> {
    let mut manifest = None;
    for output in &request.outputs {
        let name = match output.form {
            ArchiveForm::OciArchive | ArchiveForm::OciDirectory => "exporting to an OCI layout",
            ArchiveForm::DockerArchive => "exporting to a docker archive",
            ArchiveForm::Tar => "exporting the file tree as a tar",
            ArchiveForm::Directory => "exporting the file tree",
        };
        let made = engine.task(work, name, |task| one(engine, request, built, output, task))?;
        manifest = manifest.or(made);
    }
    if let Some(compression) = request.push {
        if built.names.is_empty() {
            return Err(EngineError::Request("pushing needs a name: give one with --tag".to_owned()));
        }
        for name in built.names {
            let pushed = engine.task(work, &format!("pushing {}", name.familiar()), |task| {
                engine.push_found(built.found, name, (compression, &request.annotations), task)
            })?;
            manifest = Some(pushed);
        }
    }
    Ok(manifest)
}

fn one(
    engine: &Engine,
    request: &BuildRequest,
    built: &Built<'_>,
    output: &Output,
    work: &TaskWork<'_>,
) -> Result<Option<Descriptor>, EngineError> {
    match (output.form, &output.destination) {
        (ArchiveForm::Tar, destination) => {
            engine.export_tar(&view(engine, built, work)?, destination, work)?;
            Ok(None)
        }
        (ArchiveForm::Directory, Destination::Path(path)) => {
            directory(engine, &view(engine, built, work)?, &engine.settings.absolute(path), work)?;
            Ok(None)
        }
        (ArchiveForm::Directory, Destination::Stdout) => {
            Err(EngineError::Request("a directory cannot be written to stdout".to_owned()))
        }
        (_, _) => {
            let images = [(built.found, built.names)];
            Ok(engine.write_images(&images, output, &request.annotations, work)?.pop())
        }
    }
}

fn view(engine: &Engine, built: &Built<'_>, work: &TaskWork<'_>) -> Result<View, EngineError> {
    engine.layers_view("", &built.found.config.rootfs.diff_ids, work)
}

fn directory(engine: &Engine, view: &View, path: &std::path::Path, work: &TaskWork<'_>) -> Result<(), EngineError> {
    let failed = || format!("cannot write the file tree to {}", path.display());
    std::fs::create_dir_all(path).context(failed)?;
    let into = std::fs::File::open(path).context(failed)?;
    let root = engine.snapshots.mount(view).context(failed)?;
    // Who may give files away keeps the image's owners; others become the owner themselves.
    let owners = if engine.settings.uid == 0 { Owners::Kept } else { Owners::Own };
    rootfs::export_directory(root.as_fd(), into.as_fd(), owners, work.layer(engine.threads())).context(failed)
}
