//! `containr pull`, `push`, `save`, `load`, `export`, `import`: images in and out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use containr_engine::{
    ArchiveForm, CompressionChoice, Destination, Engine, EngineError, ImportRequest, LoadSource, Output, PullPolicy,
};
use containr_progress::{Cancel, Progress};

use super::engine;
use crate::args::{
    ArchiveFormat, CommonArgs, Compression, ExportArgs, ImportArgs, LoadArgs, ProgressMode, PullArgs, PushArgs,
    SaveArgs,
};
use crate::failure::{Exit, Failure};
use crate::show::{self, Show};
use crate::surroundings::{interruptible, print, stderr, stdin_stream, terminal_columns};

/// What long commands hand down beside their request.
struct Work {
    engine: Engine,
    show: Arc<dyn Show>,
    cancel: Cancel,
}

impl Work {
    fn begin(common: &CommonArgs, mode: ProgressMode) -> Result<Self, Failure> {
        let cancel = interruptible()?;
        Ok(Self { engine: engine(common)?, show: show::choose(mode, terminal_columns(), stderr()), cancel })
    }

    /// Runs `work` and ends the display before anything else is printed.
    fn run<T>(
        &self,
        work: impl FnOnce(&Engine, &dyn Progress, &Cancel) -> Result<T, EngineError>,
    ) -> Result<T, Failure> {
        let result = work(&self.engine, self.show.as_ref(), &self.cancel);
        self.show.finish();
        Ok(result?)
    }
}

fn mode(quiet: bool) -> ProgressMode {
    if quiet { ProgressMode::Quiet } else { ProgressMode::Auto }
}

/// Pulls images.
///
/// # Errors
/// The failure to show.
pub(crate) fn pull(common: &CommonArgs, args: &PullArgs) -> Result<u8, Failure> {
    let work = Work::begin(common, mode(args.quiet))?;
    for image in &args.images {
        let pulled = work.run(|engine, progress, cancel| {
            engine.pull((image, args.platform.as_deref()), PullPolicy::Always, progress, cancel)
        })?;
        let line = if args.quiet { pulled.id } else { format!("{} {}", pulled.name.unwrap_or_default(), pulled.id) };
        print(format!("{line}\n").as_bytes())?;
    }
    work.engine.settle();
    Ok(0)
}

/// Pushes an image.
///
/// # Errors
/// The failure to show.
pub(crate) fn push(common: &CommonArgs, args: &PushArgs) -> Result<u8, Failure> {
    let work = Work::begin(common, mode(args.quiet))?;
    let compression = compression(args.compression, args.compression_level)?;
    let target = args.target.as_deref().unwrap_or(&args.image);
    let digest =
        work.run(|engine, progress, cancel| engine.push(&args.image, target, compression, (progress, cancel)))?;
    print(format!("{digest}\n").as_bytes())?;
    work.engine.settle();
    Ok(0)
}

fn compression(kind: Compression, level: Option<i32>) -> Result<CompressionChoice, Failure> {
    let refuse = |range| Err(Failure::new(format!("--compression-level: expected {range}"), Exit::Request));
    match (kind, level) {
        (Compression::Gzip, None | Some(0..=12)) => Ok(CompressionChoice::Gzip(level)),
        (Compression::Zstd, None | Some(0..=22)) => Ok(CompressionChoice::Zstd(level)),
        (Compression::Uncompressed, None) => Ok(CompressionChoice::Plain),
        (Compression::Gzip, _) => refuse("0 to 12 for gzip"),
        (Compression::Zstd, _) => refuse("0 to 22 for zstd"),
        (Compression::Uncompressed, _) => refuse("no level without compression"),
    }
}

/// Writes images to an archive.
///
/// # Errors
/// The failure to show.
pub(crate) fn save(common: &CommonArgs, args: &SaveArgs) -> Result<u8, Failure> {
    let form = match args.format {
        ArchiveFormat::DockerArchive => ArchiveForm::DockerArchive,
        ArchiveFormat::OciArchive => ArchiveForm::OciArchive,
        ArchiveFormat::OciDir => ArchiveForm::OciDirectory,
    };
    if form == ArchiveForm::OciDirectory && args.output.is_none() {
        return Err(Failure::new("--format oci-dir needs --output DIRECTORY", Exit::Request));
    }
    let compression = compression(args.compression, args.compression_level)?;
    let output = Output { form, destination: destination(args.output.as_deref())?, compression };
    let work = Work::begin(common, ProgressMode::Auto)?;
    work.run(|engine, progress, cancel| engine.save(&args.images, &output, progress, cancel))?;
    work.engine.settle();
    Ok(0)
}

/// Returns where data goes; a terminal is no place for an archive.
fn destination(path: Option<&Path>) -> Result<Destination, Failure> {
    match path {
        Some(path) if path != Path::new("-") => Ok(Destination::Path(path.to_owned())),
        _ if std::io::IsTerminal::is_terminal(&std::io::stdout()) => {
            Err(Failure::new("an archive is not written to a terminal", Exit::Request)
                .hint("name a file with --output, or redirect stdout"))
        }
        _ => Ok(Destination::Stdout),
    }
}

/// Reads images from an archive.
///
/// # Errors
/// The failure to show.
pub(crate) fn load(common: &CommonArgs, args: &LoadArgs) -> Result<u8, Failure> {
    let work = Work::begin(common, mode(args.quiet))?;
    let source = source(args.input.as_deref());
    for image in work.run(|engine, progress, cancel| engine.load(&source, progress, cancel))? {
        let name = image.name.unwrap_or_else(|| image.id.clone());
        print(if args.quiet { format!("{name}\n") } else { format!("Loaded image: {name}\n") }.as_bytes())?;
    }
    work.engine.settle();
    Ok(0)
}

fn source(path: Option<&Path>) -> LoadSource {
    match path {
        Some(path) if path != Path::new("-") => LoadSource::Path(PathBuf::from(path)),
        _ => LoadSource::Stream(stdin_stream()),
    }
}

/// Writes a file tree.
///
/// # Errors
/// The failure to show.
pub(crate) fn export(common: &CommonArgs, args: &ExportArgs) -> Result<u8, Failure> {
    let destination = destination(args.output.as_deref())?;
    let work = Work::begin(common, ProgressMode::Auto)?;
    work.run(|engine, progress, cancel| engine.export(&args.image, &destination, progress, cancel))?;
    Ok(0)
}

/// Makes an image from a file tree.
///
/// # Errors
/// The failure to show.
pub(crate) fn import(common: &CommonArgs, args: &ImportArgs) -> Result<u8, Failure> {
    let work = Work::begin(common, ProgressMode::Auto)?;
    let request =
        ImportRequest { source: source(Some(&args.file)), name: args.name.clone(), changes: args.change.clone() };
    let id = work.run(|engine, progress, cancel| engine.import(&request, progress, cancel))?;
    print(format!("{id}\n").as_bytes())?;
    work.engine.settle();
    Ok(0)
}
