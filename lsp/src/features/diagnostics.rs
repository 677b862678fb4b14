//! Diagnostics: the lint's findings, of which the parser's remarks are a part, in the protocol's form.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Instruction;
use containr_lint::{Diagnostic as Finding, Origin, Peer, Rule, Severity};
use serde::{Serialize, Serializer};
use tower_lsp_server::ls_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Uri,
};

use crate::documents::Document;

/// The name under which the findings are shown.
pub(crate) const SOURCE: &str = "containr";

/// Are the findings of a document, to be written in the protocol's form one by one.
pub(crate) struct Told<'a> {
    pub(crate) document: &'a Document,
    pub(crate) findings: &'a [Finding],
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| diagnostic(self.document, finding)))
    }
}

/// Returns a finding in the protocol's form.
pub(crate) fn diagnostic(document: &Document, finding: &Finding) -> Diagnostic {
    let rule = finding.origin.rule();
    let related = rule.map(|rule| related(document, rule, finding.span)).unwrap_or_default();
    Diagnostic {
        range: document.range(finding.span),
        severity: severity(finding.severity),
        code: Some(NumberOrString::String(finding.code.to_owned())),
        code_description: page(finding).map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: finding.message.clone().into_owned(),
        related_information: (!related.is_empty()).then_some(related),
        tags: rule.and_then(tag).map(|tag| vec![tag]),
        ..Diagnostic::default()
    }
}

/// Returns the other places that a finding is about: the first stage of a name, the instruction that wins.
fn related(document: &Document, rule: &Rule, span: Span) -> Vec<DiagnosticRelatedInformation> {
    let place = match rule.id {
        "stage-name-duplicate" => first_of_name(document, span),
        "multiple-cmd" | "multiple-entrypoint" | "multiple-healthcheck" => last_of_kind(document, span),
        _ => None,
    };
    let related = place.map(|(span, message)| DiagnosticRelatedInformation {
        location: Location::new(document.uri().clone(), document.range(span)),
        message: message.to_owned(),
    });
    related.into_iter().collect()
}

fn first_of_name(document: &Document, span: Span) -> Option<(Span, &'static str)> {
    let model = document.model();
    let own = model.stages[model.stage_at(span.start)?].name.as_ref()?;
    let mut names = model.stages.iter().filter_map(|stage| stage.name.as_ref());
    let first = names.find(|name| name.value == own.value && name.span != own.span)?;
    Some((first.span, "the first stage with the name"))
}

fn last_of_kind(document: &Document, span: Span) -> Option<(Span, &'static str)> {
    let stage = document.parsed().syntax().stages.get(document.model().stage_at(span.start)?)?;
    let own = stage.instructions.iter().find(|one| one.span.end > span.start)?;
    let same = |one: &&Instruction| one.keyword.value.eq_ignore_ascii_case(&own.keyword.value);
    let last = stage.instructions.iter().rev().find(same).filter(|last| last.span != own.span)?;
    Some((last.keyword.span, "the one that holds"))
}

fn severity(severity: Severity) -> Option<DiagnosticSeverity> {
    match severity {
        Severity::Error => Some(DiagnosticSeverity::ERROR),
        Severity::Warning => Some(DiagnosticSeverity::WARNING),
        Severity::Info => Some(DiagnosticSeverity::INFORMATION),
        Severity::Style => Some(DiagnosticSeverity::HINT),
        Severity::Off => None,
    }
}

/// Returns the public page about a rule, where a peer has one, or about a code of ShellCheck.
///
/// A name is made once a rule and kept: many findings share it.
fn page(finding: &Finding) -> Option<Uri> {
    static PAGES: RwLock<BTreeMap<&'static str, Option<Uri>>> = RwLock::new(BTreeMap::new());
    if let Some(page) = PAGES.read().unwrap_or_else(PoisonError::into_inner).get(finding.code) {
        return page.clone();
    }
    let page = page_text(finding.origin).and_then(|page| page.parse::<Uri>().ok());
    PAGES.write().unwrap_or_else(PoisonError::into_inner).insert(finding.code, page.clone());
    page
}

fn page_text(origin: Origin) -> Option<String> {
    let rule = match origin {
        Origin::Rule(rule) => rule,
        Origin::Shell(code) => return Some(code.page()),
    };
    if let Some(alias) = rule.alias(Peer::BuildKit) {
        return Some(format!("https://docs.docker.com/reference/build-checks/{}/", kebab(alias.id)));
    }
    Some(format!("https://github.com/hadolint/hadolint/wiki/{}", rule.alias(Peer::Hadolint)?.id))
}

fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    for (index, char) in name.char_indices() {
        if char.is_ascii_uppercase() && index > 0 {
            kebab.push('-');
        }
        kebab.push(char.to_ascii_lowercase());
    }
    kebab
}

/// Tells how the text at a finding may be shown: as of no use, or as outdated.
fn tag(rule: &Rule) -> Option<DiagnosticTag> {
    const UNNECESSARY: [&str; 6] = [
        "empty-continuation",
        "from-platform-redundant",
        "label-superfluous",
        "pointless-command",
        "trailing-whitespace",
        "unreachable-stage",
    ];
    const DEPRECATED: [&str; 2] = ["legacy-key-value", "maintainer-deprecated"];
    if UNNECESSARY.contains(&rule.id) {
        return Some(DiagnosticTag::UNNECESSARY);
    }
    DEPRECATED.contains(&rule.id).then_some(DiagnosticTag::DEPRECATED)
}
