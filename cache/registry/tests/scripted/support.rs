//! What the tests of this room share: settings without waits, data, and a place for events.

use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use containr_http::{Pace, Roots};
use containr_oci::{Descriptor, Reference, media};
use containr_progress::{Cancel, Cancelled, Event, Progress, TaskId};
use containr_registry::{Context, Registries, RegistryError, Settings};
use containr_testkit::registry::ScriptedRegistry;

/// Does not wait but remembers what it was asked to, and adds it to its clock.
#[derive(Debug, Default)]
pub(crate) struct Hurry(Mutex<Vec<Duration>>);

impl Hurry {
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }
}

impl Pace for Hurry {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000) + self.waits().iter().sum::<Duration>()
    }

    fn wait(&self, duration: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        self.0.lock().unwrap().push(duration);
        cancel.check()
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<Vec<Event>>);

impl Progress for Events {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// One client with its surroundings.
pub(crate) struct Client {
    pub(crate) pace: Arc<Hurry>,
    pub(crate) events: Events,
    pub(crate) cancel: Cancel,
    pub(crate) registries: Registries,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// Returns a client that takes a short silence for a stall; a loaded machine may be silent as well.
    pub(crate) fn impatient() -> Self {
        Self::with(|settings| settings.idle_timeout = Duration::from_millis(300))
    }

    pub(crate) fn with(set: impl FnOnce(&mut Settings)) -> Self {
        let pace = Arc::new(Hurry::default());
        let mut settings = Settings::new("containr-test");
        settings.pace = pace.clone();
        settings.roots = Roots::Pem(Vec::new());
        set(&mut settings);
        let registries = Registries::new(settings).unwrap();
        Self { pace, events: Events::default(), cancel: Cancel::new(), registries }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { progress: &self.events, task: TaskId::next(), cancel: &self.cancel }
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let events = self.events.0.lock().unwrap();
        let warning = |event: &Event| match event {
            Event::Warning { text, .. } => Some(text.clone()),
            _ => None,
        };
        events.iter().filter_map(warning).collect()
    }

    /// Pulls a blob through the streaming reader.
    pub(crate) fn pull(&self, registry: &ScriptedRegistry, blob: &Descriptor) -> std::io::Result<Vec<u8>> {
        let reference = image(registry, "a/app:1");
        let mut reader = self.registries.blob(&reference, blob, &self.context()).map_err(std::io::Error::other)?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn push(
        &self,
        registry: &ScriptedRegistry,
        bytes: &[u8],
    ) -> Result<containr_registry::Pushed, RegistryError> {
        let reference = image(registry, "a/app:1");
        self.registries.push_blob(&reference, &layer(bytes), &Bytes(bytes), &[], &self.context())
    }
}

/// A blob source over bytes in memory.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl containr_registry::BlobSource for Bytes<'_> {
    fn open_at(&self, offset: u64) -> std::io::Result<Box<dyn std::io::Read + Send + '_>> {
        Ok(Box::new(&self.0[usize::try_from(offset).unwrap()..]))
    }
}

pub(crate) fn image(registry: &ScriptedRegistry, name: &str) -> Reference {
    format!("{}/{name}", registry.host()).parse().unwrap()
}

pub(crate) fn layer(bytes: &[u8]) -> Descriptor {
    Descriptor::of(media::LAYER_GZIP, bytes)
}

/// Returns bytes that do not repeat.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub(crate) fn manifest() -> &'static [u8] {
    br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#
}

/// Asserts that `moved` bytes are at most 1.2 times `size`.
#[track_caller]
pub(crate) fn assert_little_was_moved(moved: u64, size: usize) {
    let ratio = moved as f64 / size as f64;
    assert!((1.0..1.2).contains(&ratio), "moved {moved} of {size} bytes: x{ratio:.2}");
}
