//! What the last build of a Dockerfile left behind, read from the local state.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use containr_engine::{Records, Settings, StepOutlook, StepRecord, SurveyRequest};
use containr_lsp::ports::{Answer, BuildFacts, CacheState, StepFact};
use containr_progress::Cancel;

use super::images::{LeftAlone, records};
use super::{blocking, context};

/// How long an answer holds: hints and lenses ask for the same at once, and builds happen elsewhere.
const FRESH: Duration = Duration::from_secs(2);

/// Looks steps up.
#[derive(Clone)]
pub(super) struct Builds(Arc<Inner>);

struct Inner {
    settings: Settings,
    records: Mutex<Option<Arc<Records>>>,
    last: Mutex<Option<Known>>,
}

/// Is the answer that was given last.
struct Known {
    file: PathBuf,
    text: String,
    since: Instant,
    facts: Vec<StepFact>,
}

impl Builds {
    /// Returns the port; nothing is opened before something is asked.
    pub(super) fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner { settings, records: Mutex::default(), last: Mutex::default() }))
    }
}

impl BuildFacts for Builds {
    fn steps<'a>(&'a self, file: &'a Path, text: &'a str) -> Answer<'a, Vec<StepFact>> {
        let (inner, cancel) = (Arc::clone(&self.0), Cancel::new());
        let (file, text) = (file.to_owned(), text.to_owned());
        let left = LeftAlone(cancel.clone());
        Box::pin(async move {
            let found = blocking(move || inner.steps(file, text, &cancel).unwrap_or_default()).await;
            drop(left);
            found
        })
    }
}

impl Inner {
    fn steps(&self, file: PathBuf, text: String, cancel: &Cancel) -> Option<Vec<StepFact>> {
        // One search at a time: who asks for the same meanwhile waits for its answer.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &&Known| known.file == file && known.text == text && known.since.elapsed() < FRESH;
        if let Some(known) = last.as_ref().filter(same) {
            return Some(known.facts.clone());
        }
        let root = context::root(&file)?;
        let request = SurveyRequest { dockerfile: &file, text: text.as_bytes(), context: &root };
        let found = records(&self.settings, &self.records)?.survey(&request, cancel).ok()?;
        let facts: Vec<StepFact> = found.iter().map(fact).collect();
        *last = Some(Known { file, text, since: Instant::now(), facts: facts.clone() });
        Some(facts)
    }
}

fn fact(record: &StepRecord) -> StepFact {
    let cached = match record.outlook {
        StepOutlook::Hit => CacheState::Hit,
        StepOutlook::Miss => CacheState::Miss,
        StepOutlook::Open => CacheState::Unknown,
    };
    StepFact { start: record.start, cached, bytes: record.bytes, duration_ms: record.duration_ms }
}
