//! Pinning a base to the digest that it has now.

use containr_dockerfile::Span;
use containr_lint::Edit;
use tower_lsp_server::ls_types::CodeActionKind;

use super::bases::Parts;
use crate::documents::Document;

/// The kind of the action.
pub(crate) const KIND: CodeActionKind = CodeActionKind::REFACTOR_REWRITE;

/// Is a base that could be pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    /// The reference as written.
    pub(crate) reference: String,
    /// The place behind it, where the digest goes.
    pub(crate) at: u32,
}

impl Pin {
    /// Returns the edit that adds a digest.
    pub(crate) fn edit(&self, digest: &str) -> Edit {
        Edit { span: Span::new(self.at, self.at), text: format!("@{digest}") }
    }
}

/// Returns the base under a selection, where it is an image without a digest.
pub(crate) fn pin(document: &Document, span: Span) -> Option<Pin> {
    let stages = &document.model().stages;
    let stage = stages.iter().find(|one| one.from.start <= span.start && span.start <= one.from.end)?;
    let reference = stage.base.value.as_str();
    let named = !reference.is_empty() && reference != "scratch" && !reference.contains('$') && stage.parent.is_none();
    let exact = document.slice(stage.base.span) == reference;
    let free = Parts::read(reference).digest.is_none();
    (named && exact && free).then(|| Pin { reference: reference.to_owned(), at: stage.base.span.end })
}
