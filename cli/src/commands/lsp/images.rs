//! What is known of images: the local store, and registries where asking them is allowed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use containr_engine::{ImageFacts as Facts, Inquiry, Patience, Records, Settings};
use containr_lsp::ports::{Answer, Image, ImageFacts, Reach};
use containr_progress::Cancel;

use super::blocking;

/// How long an answer of a registry holds, that there is none included.
const FRESH: Duration = Duration::from_secs(300);

/// The number of answers that are kept.
const MOST_ANSWERS: usize = 256;

/// Looks into the local store, and asks registries.
#[derive(Clone)]
pub(super) struct Images(Arc<Inner>);

struct Inner {
    settings: Settings,
    records: Mutex<Option<Arc<Records>>>,
    inquiry: Mutex<Option<Arc<Inquiry>>>,
    tags: Answers<Vec<String>>,
    digests: Answers<Option<String>>,
}

/// Answers of registries by question, each with its time.
type Answers<T> = Mutex<BTreeMap<String, (Instant, T)>>;

impl Images {
    /// Returns the port; nothing is opened before something is asked.
    pub(super) fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            settings,
            records: Mutex::default(),
            inquiry: Mutex::default(),
            tags: Mutex::default(),
            digests: Mutex::default(),
        }))
    }
}

impl ImageFacts for Images {
    fn image<'a>(&'a self, reference: &'a str, platform: Option<&'a str>) -> Answer<'a, Option<Image>> {
        let (inner, reference) = (Arc::clone(&self.0), reference.to_owned());
        let platform = platform.map(str::to_owned);
        Box::pin(blocking(move || {
            let facts = records(&inner.settings, &inner.records)?.image_facts(&reference, platform.as_deref());
            facts.ok().flatten().map(image)
        }))
    }

    fn names<'a>(&'a self, _prefix: &'a str) -> Answer<'a, Vec<String>> {
        let inner = Arc::clone(&self.0);
        Box::pin(blocking(move || {
            let names = records(&inner.settings, &inner.records).and_then(|records| records.image_names().ok());
            names.unwrap_or_default()
        }))
    }

    fn tags<'a>(&'a self, repository: &'a str, reach: Reach) -> Answer<'a, Vec<String>> {
        let (inner, repository, cancel) = (Arc::clone(&self.0), repository.to_owned(), Cancel::new());
        let left = LeftAlone(cancel.clone());
        Box::pin(async move {
            let found = blocking(move || inner.tags(&repository, reach, &cancel)).await;
            drop(left);
            found
        })
    }

    fn digest<'a>(&'a self, reference: &'a str, reach: Reach) -> Answer<'a, Option<String>> {
        let (inner, reference, cancel) = (Arc::clone(&self.0), reference.to_owned(), Cancel::new());
        let left = LeftAlone(cancel.clone());
        Box::pin(async move {
            let found = blocking(move || inner.digest(&reference, reach, &cancel)).await;
            drop(left);
            found
        })
    }
}

/// Ends the work for a question when no one waits for its answer any more.
pub(super) struct LeftAlone(pub(super) Cancel);

impl Drop for LeftAlone {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Inner {
    fn tags(&self, repository: &str, reach: Reach, cancel: &Cancel) -> Vec<String> {
        let local = records(&self.settings, &self.records).and_then(|records| records.local_tags(repository).ok());
        let mut tags = local.unwrap_or_default();
        if reach == Reach::Registry {
            let ask = |inquiry: &Inquiry| inquiry.tags(repository, cancel).unwrap_or_default();
            tags.extend(self.ask(&self.tags, repository, cancel, ask).unwrap_or_default());
            tags.sort();
            tags.dedup();
        }
        tags
    }

    fn digest(&self, reference: &str, reach: Reach, cancel: &Cancel) -> Option<String> {
        let ask = |inquiry: &Inquiry| inquiry.digest(reference, cancel).ok();
        let asked = (reach == Reach::Registry).then(|| self.ask(&self.digests, reference, cancel, ask));
        asked
            .flatten()
            .flatten()
            .or_else(|| records(&self.settings, &self.records)?.image_facts(reference, None).ok()??.digest)
    }

    /// Returns the answer that is kept while it is fresh, else asks; an answer that was broken off is not kept.
    fn ask<T: Clone>(
        &self,
        kept: &Answers<T>,
        question: &str,
        cancel: &Cancel,
        ask: impl FnOnce(&Inquiry) -> T,
    ) -> Option<T> {
        let known = kept.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned();
        if let Some((_, answer)) = known.filter(|(since, _)| since.elapsed() < FRESH) {
            return Some(answer);
        }
        let answer = ask(self.inquiry()?.as_ref());
        if cancel.check().is_ok() {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MOST_ANSWERS {
                kept.clear();
            }
            kept.insert(question.to_owned(), (Instant::now(), answer.clone()));
        }
        Some(answer)
    }

    fn inquiry(&self) -> Option<Arc<Inquiry>> {
        let mut inquiry = self.inquiry.lock().unwrap_or_else(PoisonError::into_inner);
        if inquiry.is_none() {
            *inquiry = Inquiry::new(&self.settings, Patience::Cursor).ok().map(Arc::new);
        }
        inquiry.clone()
    }
}

/// Returns the records of the local state, opened when there are any: looking must not make a state.
pub(super) fn records(settings: &Settings, opened: &Mutex<Option<Arc<Records>>>) -> Option<Arc<Records>> {
    let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
    if opened.is_none() && has_state(&settings.root) {
        *opened = Records::open(settings.clone()).ok().map(Arc::new);
    }
    opened.clone()
}

/// Tells whether something was built or pulled into a root; the index lies beside the blobs.
fn has_state(root: &Path) -> bool {
    root.join("blobs").is_dir()
}

fn image(facts: Facts) -> Image {
    Image {
        digest: facts.digest,
        size: Some(facts.size_bytes),
        layers: Some(facts.layers),
        platforms: facts.platforms,
        user: Some(facts.user),
        directory: Some(facts.working_dir),
        entrypoint: facts.entrypoint,
        command: facts.cmd,
        environment: facts.env,
        ports: facts.ports,
        created: facts.created,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_makes_no_state() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("state");
        assert!(!has_state(&root));
        std::fs::create_dir_all(root.join("blobs")).unwrap();
        assert!(has_state(&root));
    }
}
