//! What the ports add to the candidates: paths, images, tags, digests.

use std::path::Path;

use tower_lsp_server::ls_types::CompletionItemKind;

use super::{Candidate, Want};
use crate::ports::{EntryKind, Ports, Reach};

/// The number of answers of one port that a list may hold; with more the client asks again for a longer beginning.
const MANY: usize = 500;

/// Are the candidates of the ports.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pub(crate) candidates: Vec<Candidate>,
    /// Whether there is more than was returned.
    pub(crate) is_cut: bool,
}

/// Asks the ports; `file` is the path of the document, where it has one.
pub(crate) async fn fetch(ports: &Ports, file: Option<&Path>, wants: Vec<Want>, reach: Reach) -> Fetched {
    let mut found = Fetched::default();
    for want in wants {
        let mut candidates = answer(ports, file, want, reach).await;
        candidates.retain(Candidate::fits);
        found.is_cut |= candidates.len() > MANY;
        candidates.truncate(MANY);
        found.candidates.extend(candidates);
    }
    found
}

async fn answer(ports: &Ports, file: Option<&Path>, want: Want, reach: Reach) -> Vec<Candidate> {
    match want {
        Want::Paths { directory, word } => {
            let (Some(context), Some(file)) = (&ports.context, file) else { return Vec::new() };
            let entries = context.list(file, &directory).await;
            let offer = |entry: crate::ports::Entry| match entry.kind {
                EntryKind::Directory => {
                    Candidate::new(format!("{}/", entry.name), CompletionItemKind::FOLDER, &word).goes_on().rank(2)
                }
                EntryKind::File => Candidate::new(entry.name, CompletionItemKind::FILE, &word).rank(2),
            };
            // A blank would part the path in the shell form.
            entries.into_iter().filter(|entry| !entry.name.contains(char::is_whitespace)).map(offer).collect()
        }
        Want::Images { word } => {
            let Some(images) = &ports.images else { return Vec::new() };
            let names = images.names(&word.text).await;
            let offer = |name| Candidate::new(name, CompletionItemKind::REFERENCE, &word).detail("image").rank(3);
            names.into_iter().map(offer).collect()
        }
        Want::Tags { repository, word } => {
            let Some(images) = &ports.images else { return Vec::new() };
            let tags = images.tags(&repository, reach).await;
            let offer =
                |tag| Candidate::new(tag, CompletionItemKind::VALUE, &word).detail(format!("tag of {repository}"));
            tags.into_iter().map(offer).collect()
        }
        Want::Digest { reference, word } => {
            let Some(images) = &ports.images else { return Vec::new() };
            let digest = images.digest(&reference, reach).await;
            let offer =
                |digest| Candidate::new(digest, CompletionItemKind::VALUE, &word).detail(format!("{reference} now"));
            digest.into_iter().map(offer).collect()
        }
    }
}
