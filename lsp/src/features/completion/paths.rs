//! Paths of the build context.

use super::{Completions, Want};
use crate::cursor::{Argument, Word};

/// Offers paths for the sources of COPY and ADD that come out of the context.
pub(super) fn sources(argument: &Argument, found: &mut Completions) {
    let from_elsewhere = argument.flags().any(|(name, _)| name == "from");
    let word = &argument.current;
    if from_elsewhere || word.text.starts_with("<<") || word.text.contains("://") {
        return;
    }
    if !argument.is_json() {
        path(word, found);
        return;
    }
    // In the JSON form a path begins behind its quote.
    if let Some(quote) = word.text.rfind('"').filter(|_| word.text.matches('"').count() % 2 == 1) {
        path(&word.tail(quote + 1), found);
    }
}

/// Asks for the entries of the directory that a path begins with.
pub(super) fn path(word: &Word, found: &mut Completions) {
    let typed = word.after_last(&['/']);
    let directory = &word.text[..word.text.len() - typed.text.len()];
    let parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    // What a pattern, a variable or a step upwards means is not known from here.
    if parts.contains(&"..") || directory.contains(['$', '*', '?', '[', '\\']) {
        return;
    }
    found.wants.push(Want::Paths { directory: parts.join("/"), word: typed });
}
