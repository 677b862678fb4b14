//! Reads what a build starts from: the Dockerfile, the contexts and their ignore rules.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use containr_dockerfile::Parsed;
use containr_dockerfile::ignore::IgnoreRules;
use containr_oci::Digest;
use containr_plan::NamedContext;
use containr_sys::beneath::{self, Links};
use rustix::fs::{Mode, OFlags};

use super::{BuildRequest, ContextSource, StreamBytes, TextSource};
use super::{broken, stream};
use crate::error::Context as _;
use crate::{BuildError, Engine, EngineError, Records, Settings};

/// All that was read before the plan.
pub(super) struct Sources {
    /// The Dockerfile.
    pub(super) dockerfile: Dockerfile,
    /// Directories by the name that the graph knows them by.
    pub(super) locals: BTreeMap<String, Directory>,
    /// What the planner must know of `--build-context`.
    pub(super) named: BTreeMap<String, NamedContext>,
    /// Keeps an unpacked stream until the end of the build.
    _unpacked: Option<stream::Unpacked>,
}

/// A Dockerfile with its name for messages.
pub(super) struct Dockerfile {
    /// As people know it: the path that they gave or that was found.
    pub(super) name: String,
    /// The text with its trees.
    pub(super) parsed: Parsed,
}

/// A directory of the user's, opened once.
pub(super) struct Directory {
    /// The directory.
    pub(super) root: OwnedFd,
    /// What its ignore file says.
    pub(super) ignore: IgnoreRules,
    /// The file of its digest cache.
    pub(super) cache: PathBuf,
}

/// Reads Dockerfile, contexts and ignore files.
pub(super) fn read(engine: &Engine, request: &BuildRequest) -> Result<Sources, BuildError> {
    let (root, stdin_text, unpacked) = match &request.context {
        ContextSource::Directory(path) => (Some(engine.settings.absolute(path)), None, None),
        ContextSource::Stream(StreamBytes(bytes)) => {
            let mut bytes = bytes.lock().map_err(|_| EngineError::Request("the context's stream broke".to_owned()))?;
            match stream::read(&engine.store.work_dir(), &mut **bytes)? {
                stream::Content::Dockerfile(text) => (None, Some(text), None),
                stream::Content::Tree(unpacked) => (Some(unpacked.path().to_owned()), None, Some(unpacked)),
            }
        }
    };
    if let Some(root) = &root {
        check_directory(root)?;
    }
    let (name, text, path) = dockerfile_text(
        &engine.settings,
        (&request.context, request.dockerfile.as_ref()),
        root.as_deref(),
        stdin_text,
    )?;
    let parsed = containr_dockerfile::parse(&text);
    broken::refuse(&name, &parsed, request)?;
    let mut locals = BTreeMap::new();
    if let Some(root) = &root {
        locals.insert("context".to_owned(), directory(engine, root, path.as_deref())?);
    }
    let named = named_contexts(engine, request, &mut locals)?;
    Ok(Sources { dockerfile: Dockerfile { name, parsed }, locals, named, _unpacked: unpacked })
}

fn check_directory(root: &Path) -> Result<(), EngineError> {
    match fs::metadata(root) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(EngineError::Request(format!("the context {} is not a directory", root.display()))),
        Err(source) => Err(EngineError::File { action: "open the context", path: root.to_owned(), source }),
    }
}

/// Reads the Dockerfile of a build alone: its name, as people know it, and its bytes.
///
/// # Errors
/// A file that is missing or cannot be read, a context that is a tar.
pub fn read_dockerfile(
    settings: &Settings,
    context: &ContextSource,
    dockerfile: Option<&TextSource>,
) -> Result<(String, Vec<u8>), EngineError> {
    let (root, stdin_text) = match context {
        ContextSource::Directory(path) => (Some(settings.absolute(path)), None),
        ContextSource::Stream(StreamBytes(bytes)) => {
            let mut bytes = bytes.lock().map_err(|_| EngineError::Request("the context's stream broke".to_owned()))?;
            (None, Some(stream::read_text(&mut **bytes)?))
        }
    };
    let (name, text, _) = dockerfile_text(settings, (context, dockerfile), root.as_deref(), stdin_text)?;
    Ok((name, text))
}

/// Returns name, bytes and (when it is a file) path of the Dockerfile.
fn dockerfile_text(
    settings: &Settings,
    (context, dockerfile): (&ContextSource, Option<&TextSource>),
    root: Option<&Path>,
    stdin_text: Option<Vec<u8>>,
) -> Result<(String, Vec<u8>, Option<PathBuf>), EngineError> {
    if let Some(text) = stdin_text {
        return Ok(("Dockerfile".to_owned(), text, None));
    }
    match (dockerfile, root) {
        (Some(TextSource::Bytes(text)), _) => Ok(("Dockerfile".to_owned(), text.clone(), None)),
        // As docker, a name beside a context from stdin means a file of that context; links stay inside it.
        (Some(TextSource::File(path)), Some(root)) if matches!(context, ContextSource::Stream(_)) => {
            let text = read_inside(root, path)?;
            Ok((path.display().to_string(), text, Some(root.join(path))))
        }
        (Some(TextSource::File(path)), root) => {
            // As docker, relative to the working directory; as podman, else inside the context.
            let candidates = [Some(settings.absolute(path)), root.map(|root| root.join(path))];
            first_file(candidates.into_iter().flatten())
                .map(|(found, text)| (path.display().to_string(), text, Some(found)))
        }
        (None, Some(root)) => {
            let candidates = ["Dockerfile", "dockerfile", "Containerfile"].map(|name| root.join(name));
            let (found, text) = first_file(candidates.into_iter())?;
            let name = found.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Ok((name, text, Some(found)))
        }
        (None, None) => Err(EngineError::Request("there is no Dockerfile".to_owned())),
    }
}

/// Reads a file of a foreign tree; no link leads out of the tree.
fn read_inside(root: &Path, path: &Path) -> Result<Vec<u8>, EngineError> {
    let failed = |source: io::Error| EngineError::File { action: "read", path: path.to_owned(), source };
    let root = fs::File::open(root).map_err(failed)?;
    let file = beneath::open(&root, path, OFlags::RDONLY, Links::Inside).map_err(|error| failed(error.into()))?;
    let mut text = Vec::new();
    fs::File::from(file).read_to_end(&mut text).map_err(failed)?;
    Ok(text)
}

/// Returns the first of the files that exists; when none does, the error of the first.
fn first_file(candidates: impl Iterator<Item = PathBuf>) -> Result<(PathBuf, Vec<u8>), EngineError> {
    let mut first = None;
    for path in candidates {
        match fs::read(&path) {
            Ok(text) => return Ok((path, text)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                first = first.or(Some(EngineError::File { action: "read", path, source }));
            }
            Err(source) => return Err(EngineError::File { action: "read", path, source }),
        }
    }
    Err(first.unwrap_or_else(|| EngineError::Request("there is no Dockerfile".to_owned())))
}

/// Opens a directory with its ignore rules; `dockerfile` may bring its own.
pub(super) fn directory(engine: &Records, root: &Path, dockerfile: Option<&Path>) -> Result<Directory, EngineError> {
    let file = |source: rustix::io::Errno| EngineError::File {
        action: "open the context",
        path: root.to_owned(),
        source: source.into(),
    };
    let descriptor =
        rustix::fs::open(root, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(file)?;
    let stat = rustix::fs::fstat(&descriptor).map_err(file)?;
    let place = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let identity = format!("{}\0{}\0{}", place.display(), stat.st_dev, stat.st_ino);
    let cache = engine.store.contexts_dir().join(Digest::of(identity.as_bytes()).hex());
    Ok(Directory { root: descriptor, ignore: ignore_rules(root, dockerfile)?, cache })
}

/// Reads `DOCKERFILE.dockerignore`, else `.dockerignore`, else `.containerignore`.
fn ignore_rules(root: &Path, dockerfile: Option<&Path>) -> Result<IgnoreRules, EngineError> {
    let beside = dockerfile.map(|path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".dockerignore");
        PathBuf::from(name)
    });
    for path in beside.into_iter().chain([root.join(".dockerignore"), root.join(".containerignore")]) {
        let mut text = Vec::new();
        match fs::File::open(&path).and_then(|mut file| file.read_to_end(&mut text)) {
            Ok(_) => return IgnoreRules::parse(&text).context(|| format!("cannot use {}", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(EngineError::File { action: "read", path, source }),
        }
    }
    Ok(IgnoreRules::default())
}

/// Reads `--build-context NAME=SOURCE`.
fn named_contexts(
    engine: &Engine,
    request: &BuildRequest,
    locals: &mut BTreeMap<String, Directory>,
) -> Result<BTreeMap<String, NamedContext>, EngineError> {
    let mut named = BTreeMap::new();
    for (name, source) in &request.contexts {
        let context = if let Some(image) = source.strip_prefix("docker-image://") {
            NamedContext::Image(image.to_owned())
        } else if source.contains("://") || source.starts_with("git@") {
            let hint = "not supported yet; directories and docker-image://REF are";
            return Err(EngineError::Request(format!("--build-context {name}={source} is {hint}")));
        } else {
            let root = engine.settings.absolute(Path::new(source));
            check_directory(&root)?;
            locals.insert(name.clone(), directory(engine, &root, None)?);
            NamedContext::Directory
        };
        named.insert(name.clone(), context);
    }
    Ok(named)
}
