//! Diagnostics: the lint's findings, of which the parser's remarks are a part, in the protocol's form.

use containr_lint::{Diagnostic as Finding, Origin, Peer, Rule, Severity};
use tower_lsp_server::ls_types::{CodeDescription, Diagnostic, DiagnosticSeverity, DiagnosticTag, NumberOrString};

use crate::documents::Document;

/// The name under which the findings are shown.
pub(crate) const SOURCE: &str = "containr";

/// Returns the findings of a document in the order of the text.
pub(crate) fn diagnostics(document: &Document, findings: &[Finding]) -> Vec<Diagnostic> {
    findings.iter().map(|finding| diagnostic(document, finding)).collect()
}

/// Returns a finding in the protocol's form.
pub(crate) fn diagnostic(document: &Document, finding: &Finding) -> Diagnostic {
    let tags = finding.origin.rule().map(tags).unwrap_or_default();
    Diagnostic {
        range: document.range(finding.span),
        severity: severity(finding.severity),
        code: Some(NumberOrString::String(finding.code.to_owned())),
        code_description: page(finding.origin),
        source: Some(SOURCE.to_owned()),
        message: finding.message.clone().into_owned(),
        tags: (!tags.is_empty()).then_some(tags),
        ..Diagnostic::default()
    }
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
fn page(origin: Origin) -> Option<CodeDescription> {
    let page = match origin {
        Origin::Rule(rule) => page_of(rule)?,
        Origin::Shell(code) => code.page(),
    };
    Some(CodeDescription { href: page.parse().ok()? })
}

fn page_of(rule: &Rule) -> Option<String> {
    let buildkit = rule
        .alias(Peer::BuildKit)
        .map(|alias| format!("https://docs.docker.com/reference/build-checks/{}/", kebab(alias.id)));
    buildkit.or_else(|| {
        let alias = rule.alias(Peer::Hadolint)?;
        Some(format!("https://github.com/hadolint/hadolint/wiki/{}", alias.id))
    })
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
fn tags(rule: &Rule) -> Vec<DiagnosticTag> {
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
        return vec![DiagnosticTag::UNNECESSARY];
    }
    if DEPRECATED.contains(&rule.id) { vec![DiagnosticTag::DEPRECATED] } else { Vec::new() }
}
