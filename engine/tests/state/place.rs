//! A state of one test with a clock and a boot of its choice.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use containr_engine::{
    ArchiveForm, BuildError, BuildReport, BuildRequest, CompressionChoice, ContextSource, Destination, Engine, Explain,
    IsolationChoice, Network, NoCache, Output, PullPolicy, Reproducible, Settings,
};
use containr_progress::{Cancel, Silent};
use tempfile::TempDir;

/// A temporary directory with a state and a context.
pub(crate) struct Place(TempDir);

impl Place {
    /// Returns a new place; nothing, said aloud, for who is not root and would have to enter a user namespace.
    pub(crate) fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "this test needs root");
            eprintln!("skipped: needs root");
            return None;
        }
        let place = Self(TempDir::new().unwrap());
        fs::create_dir(place.path("ctx")).unwrap();
        Some(place)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file of the context.
    pub(crate) fn file(&self, name: &str, content: &str) {
        fs::write(self.path("ctx").join(name), content).unwrap();
    }

    /// Opens the state.
    pub(crate) fn engine(&self, boot_id: &str, clock: fn() -> i64) -> Engine {
        let settings = Settings {
            root: self.path("state"),
            home: None,
            environment: BTreeMap::new(),
            directory: self.0.path().to_owned(),
            clock,
            now: SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(clock().unsigned_abs()),
            boot_id: boot_id.to_owned(),
            uid: 0,
            threads: 2,
        };
        Engine::open(settings).unwrap()
    }

    /// Returns the bytes of an image's tree as one tar.
    pub(crate) fn tar(&self, engine: &Engine, image: &str) -> Vec<u8> {
        let path = self.path("tree.tar");
        engine.export(image, &Destination::Path(path.clone()), &Silent, &Cancel::new()).unwrap();
        fs::read(path).unwrap()
    }
}

/// Builds a Dockerfile as the image `t`.
pub(crate) fn build(engine: &Engine, place: &Place, dockerfile: &str) -> Result<BuildReport, Box<BuildError>> {
    place.file("Dockerfile", dockerfile);
    let request = BuildRequest {
        context: ContextSource::Directory(place.path("ctx")),
        dockerfile: None,
        tags: vec!["t".to_owned()],
        target: None,
        build_args: Vec::new(),
        contexts: Vec::new(),
        platforms: Vec::new(),
        no_cache: NoCache::Nothing,
        pull: PullPolicy::Missing,
        outputs: Vec::new(),
        push: None,
        labels: Vec::new(),
        annotations: Vec::new(),
        network: Network::Default,
        add_hosts: Vec::new(),
        shm_size: None,
        limits: Vec::new(),
        reproducible: Reproducible::No,
        explain: Explain::Quiet,
        isolation: IsolationChoice::Namespaces,
    };
    engine.build(&request, &Silent, &Cancel::new()).map_err(Box::new)
}

/// Returns an archive in a file.
pub(crate) fn archive(path: PathBuf) -> Output {
    Output {
        form: ArchiveForm::OciArchive,
        destination: Destination::Path(path),
        compression: CompressionChoice::default(),
    }
}
