//! Diagnostics: the lint's findings, of which the parser's remarks are a part, in the protocol's form.

use std::collections::BTreeMap;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Instruction;
use containr_lint::{Diagnostic as Finding, Origin, Peer, Rule, Severity};
use serde::{Serialize, Serializer};
use tower_lsp_server::ls_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Range, Uri,
};

use crate::documents::Document;

/// The name under which the findings are shown.
pub(crate) const SOURCE: &str = "containr";

/// Are the findings of a document, to be written in the protocol's form one by one.
pub(crate) struct Told<'a> {
    pub(crate) document: &'a Document,
    pub(crate) findings: &'a [Finding],
}

/// Is a finding in the protocol's form, as [`diagnostic`] gives it, without texts of its own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    range: Range,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<DiagnosticSeverity>,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_description: Option<Page<'a>>,
    source: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_information: Vec<DiagnosticRelatedInformation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<[DiagnosticTag; 1]>,
}

#[derive(Serialize)]
struct Page<'a> {
    href: &'a str,
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pages: BTreeMap<&'static str, Option<String>> = BTreeMap::new();
        for finding in self.findings {
            pages.entry(finding.code).or_insert_with(|| page_text(finding.origin));
        }
        serializer.collect_seq(self.findings.iter().map(|finding| {
            let rule = finding.origin.rule();
            let page = pages.get(finding.code).and_then(|page| page.as_deref());
            Line {
                range: self.document.range(finding.span),
                severity: severity(finding.severity),
                code: finding.code,
                code_description: page.map(|href| Page { href }),
                source: SOURCE,
                message: &finding.message,
                related_information: rule.map(|rule| related(self.document, rule, finding.span)).unwrap_or_default(),
                tags: rule.and_then(tag).map(|tag| [tag]),
            }
        }))
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
fn page(finding: &Finding) -> Option<Uri> {
    page_text(finding.origin)?.parse().ok()
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
