//! The open files: immutable snapshots, replaced as a whole at each change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use containr_dockerfile::{Parsed, Span, parse};
use containr_lint::{Config, LintCache, lint_with};
use tower_lsp_server::ls_types::{Position, Range, TextDocumentContentChangeEvent, Uri};

use crate::model::Model;
use crate::positions::{Encoding, Lines};
use crate::tokens::{Token, tokens};

/// Is a change of a document's text, as the protocol has it.
pub type Change = TextDocumentContentChangeEvent;

/// Is one version of a file; everything derived from the text is computed when first asked for, and once.
#[derive(Debug)]
pub struct Document {
    uri: Uri,
    version: i32,
    text: String,
    lines: Lines,
    parsed: OnceLock<Parsed>,
    tokens: OnceLock<Vec<Token>>,
    model: OnceLock<Model>,
    findings: Mutex<Option<(Arc<Config>, Findings)>>,
    /// What was found out about scripts and instructions of this and earlier versions.
    cache: Arc<Mutex<LintCache>>,
}

/// Are the lint's findings for a document.
pub type Findings = Arc<Vec<containr_lint::Diagnostic>>;

impl Document {
    /// Makes the snapshot of a text; one of 4 GiB and more is empty, since no position could address it.
    pub fn new(uri: Uri, version: i32, text: String, encoding: Encoding) -> Self {
        let text = if u32::try_from(text.len()).is_ok() { text } else { String::new() };
        let lines = Lines::new(&text, encoding);
        Self::of(uri, version, text, lines, Arc::new(Mutex::new(LintCache::new())))
    }

    fn of(uri: Uri, version: i32, text: String, lines: Lines, cache: Arc<Mutex<LintCache>>) -> Self {
        Self {
            uri,
            version,
            text,
            lines,
            parsed: OnceLock::new(),
            tokens: OnceLock::new(),
            model: OnceLock::new(),
            findings: Mutex::new(None),
            cache,
        }
    }

    /// Returns the name of the file.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the client's version of the text.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the part of the text at a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Returns the lines of the text.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Returns the trees of the text.
    pub fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| parse(self.text.as_bytes()))
    }

    /// Returns the tokens of the tree in one list.
    pub fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tokens(self.parsed()))
    }

    /// Returns the index of stages, variables and references.
    pub fn model(&self) -> &Model {
        self.model.get_or_init(|| Model::new(self.parsed(), self.tokens()))
    }

    /// Returns the lint's findings, those of the parser included; they are kept for the next call with these settings.
    pub fn findings(&self, config: &Arc<Config>) -> Findings {
        let mut kept = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, findings)) = kept.as_ref().filter(|(known, _)| Arc::ptr_eq(known, config)) {
            return Arc::clone(findings);
        }
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let findings = Arc::new(lint_with(self.parsed(), config, &mut cache));
        *kept = Some((Arc::clone(config), Arc::clone(&findings)));
        findings
    }

    /// Returns the position of an offset.
    pub fn position(&self, offset: u32) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// Returns the offset of a position, which may lie outside of the text.
    pub fn offset(&self, position: Position) -> u32 {
        self.lines.offset(&self.text, position)
    }

    /// Returns the range of a span.
    pub fn range(&self, span: Span) -> Range {
        self.lines.range(&self.text, span)
    }

    /// Returns the span of a range, which may lie outside of the text.
    pub fn span(&self, range: Range) -> Span {
        self.lines.span(&self.text, range)
    }

    /// Returns the next version: the changes applied in order, each to the result of the one before.
    pub fn changed(&self, version: i32, changes: Vec<Change>) -> Self {
        let encoding = self.lines.encoding();
        let mut text: Option<(String, Lines)> = None;
        for change in changes {
            let (old, lines) = match &text {
                Some((text, lines)) => (text.as_str(), lines),
                None => (self.text.as_str(), &self.lines),
            };
            let new = match change.range {
                None => change.text,
                Some(range) => {
                    let span = lines.span(old, range).range();
                    let mut new = String::with_capacity(old.len() - span.len() + change.text.len());
                    new.push_str(&old[..span.start]);
                    new.push_str(&change.text);
                    new.push_str(&old[span.end..]);
                    new
                }
            };
            let new = if u32::try_from(new.len()).is_ok() { new } else { String::new() };
            let lines = Lines::new(&new, encoding);
            text = Some((new, lines));
        }
        let (text, lines) = text.unwrap_or_else(|| (self.text.clone(), self.lines.clone()));
        Self::of(self.uri.clone(), version, text, lines, Arc::clone(&self.cache))
    }
}

/// Are the files that the client has open, by name.
#[derive(Debug, Default)]
pub struct Documents {
    open: RwLock<BTreeMap<String, Arc<Document>>>,
}

impl Documents {
    /// Returns the current snapshot of an open file.
    pub fn get(&self, uri: &Uri) -> Option<Arc<Document>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(uri.as_str()).cloned()
    }

    /// Returns the current snapshots of all open files, in the order of their names.
    pub fn all(&self) -> Vec<Arc<Document>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Keeps a snapshot as the current one.
    pub fn put(&self, document: Document) -> Arc<Document> {
        let document = Arc::new(document);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(document.uri.as_str().to_owned(), Arc::clone(&document));
        document
    }

    /// Applies changes to an open file, and returns the snapshot from before; a file that is not open stays unknown.
    pub fn change(&self, uri: &Uri, version: i32, changes: Vec<Change>) -> Option<Arc<Document>> {
        let before = self.get(uri)?;
        self.put(before.changed(version, changes));
        Some(before)
    }

    /// Forgets a file.
    pub fn close(&self, uri: &Uri) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(uri.as_str());
    }
}
