//! Rules that look at one instruction and at nothing else: what they said of an unchanged one still holds.
//!
//! An instruction is known by the text of its *region*: from the start of the line on which the instruction before it
//! ends to the end of its own last line. A finding that points or writes beyond its region is not remembered.

use std::ops::Range;
use std::sync::Arc;

use containr_dockerfile::Span;

use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::memory::Memory;
use crate::rule::Rule;

/// The rules whose findings depend on nothing but the region of an instruction, the escape character and the line break.
///
/// The list is sorted. A rule may stand here when it looks at each instruction by itself and asks the context for
/// nothing but text, commands and the kind of an instruction; `tests/near.rs` compares with a judgement from scratch.
const NEAR: [&str; 68] = [
    "add-instead-of-copy",
    "apk-allow-untrusted",
    "apk-cache",
    "apk-upgrade",
    "apt-allow-unauthenticated",
    "apt-force-yes",
    "apt-in-script",
    "apt-recommends",
    "apt-upgrade",
    "apt-yes",
    "cd-instead-of-workdir",
    "chpasswd",
    "copy-destination-no-slash",
    "copy-whole-filesystem",
    "curl-insecure",
    "dnf-clean",
    "dnf-update",
    "dnf-yes",
    "docker-socket",
    "expose-invalid-format",
    "expose-proto-casing",
    "from-as-casing",
    "from-platform",
    "from-platform-redundant",
    "git-clone",
    "git-ssl-no-verify",
    "invalid-port-protocol",
    "invalid-signal",
    "json-single-quotes",
    "label-key-format",
    "legacy-key-value",
    "maintainer-deprecated",
    "node-tls-reject",
    "npm-strict-ssl",
    "npm-strict-ssl-variable",
    "package-cache-mount",
    "packages-unsorted",
    "pin-apk",
    "pin-apt",
    "pin-gem",
    "pin-go",
    "pin-npm",
    "pin-pip",
    "pin-zypper",
    "pip-trusted-host",
    "pip-trusted-host-variable",
    "pointless-command",
    "port-22",
    "port-out-of-range",
    "python-https-verify",
    "rpm-no-gpg-check",
    "rpm-no-signature",
    "shell-by-link",
    "stopsignal-kill",
    "stopsignal-spelling",
    "sudo",
    "useradd-high-uid",
    "wget-no-check-certificate",
    "wget-progress",
    "workdir-system-directory",
    "yum-clean",
    "yum-sslverify",
    "yum-update",
    "yum-yes",
    "zypper-clean",
    "zypper-dist-upgrade",
    "zypper-update",
    "zypper-yes",
];

/// Bounds each generation, in bytes of regions and findings.
const MAX_BYTES: usize = 4 << 20;

/// Tells whether a rule looks at one instruction at a time.
pub(crate) fn is_near(rule: &Rule) -> bool {
    NEAR.binary_search(&rule.id).is_ok()
}

/// Remembers what the rules of this kind said of instructions.
#[derive(Debug)]
pub(crate) struct NearCache {
    terms: Terms,
    remarks: Memory<Arc<[Remark]>>,
}

/// Is what a judgement depends on besides the region.
#[derive(Debug, Default, PartialEq, Eq)]
struct Terms {
    escape: Option<char>,
    line_break: &'static str,
    rules: Vec<&'static str>,
}

/// Is a finding whose places count from the start of the region.
#[derive(Clone, Debug)]
struct Remark {
    rule: &'static Rule,
    finding: Finding,
}

impl Default for NearCache {
    fn default() -> Self {
        Self { terms: Terms::default(), remarks: Memory::new(MAX_BYTES) }
    }
}

impl NearCache {
    /// Adds what the rules say of a file, in our own words.
    pub(crate) fn judge<'a>(
        &mut self,
        context: &Context<'a>,
        rules: &[&'static Rule],
        found: &mut Vec<(&'static Rule, Finding)>,
    ) {
        self.agree_on(Terms {
            escape: Some(context.parsed.escape().char()),
            line_break: context.line_break(),
            rules: rules.iter().map(|rule| rule.id).collect(),
        });
        let text = context.parsed.text();
        let mut missing: Vec<(&Step<'a>, Range<usize>)> = Vec::new();
        let mut before = 0;
        for step in &context.steps {
            let region = region(text, before, step.span);
            before = step.span.end as usize;
            let is_plain = is_plain(step, &region);
            match is_plain.then(|| self.remarks.get(&text[region.clone()], |remarks| size(remarks))).flatten() {
                Some(known) => found.extend(known.iter().map(|one| (one.rule, moved(&one.finding, region.start, 0)))),
                None => missing.push((step, region)),
            }
        }
        if !missing.is_empty() {
            self.judge_anew(context, rules, &missing, found);
        }
    }

    fn agree_on(&mut self, terms: Terms) {
        if self.terms != terms {
            *self = Self { terms, ..Self::default() };
        }
    }

    /// Judges some instructions and remembers what was said of each.
    fn judge_anew<'a>(
        &mut self,
        context: &Context<'a>,
        rules: &[&'static Rule],
        steps: &[(&Step<'a>, Range<usize>)],
        found: &mut Vec<(&'static Rule, Finding)>,
    ) {
        let narrow = context.narrowed(steps.iter().map(|(step, _)| *step));
        let first = found.len();
        for rule in rules.iter().copied() {
            (rule.check)(&narrow, &mut Findings { rule, found });
        }
        let mut remarks: Vec<Vec<Remark>> = steps.iter().map(|_| Vec::new()).collect();
        let mut holds: Vec<bool> = steps.iter().map(|(step, region)| is_plain(step, region)).collect();
        for (rule, finding) in &found[first..] {
            // What only a peer minds is not told in our own words.
            let Some((span, _)) = &finding.own else { continue };
            let Some(index) = steps.partition_point(|(step, _)| step.span.start <= span.start).checked_sub(1) else {
                continue;
            };
            let region = &steps[index].1;
            holds[index] &= is_inside(finding, region);
            if holds[index] {
                remarks[index].push(Remark { rule, finding: moved(finding, 0, region.start) });
            }
        }
        let text = context.parsed.text();
        for ((_, region), remarks) in
            steps.iter().zip(remarks).zip(holds).filter_map(|(one, holds)| holds.then_some(one))
        {
            let size = size(&remarks);
            self.remarks.keep(&text[region.clone()], remarks.into(), size);
        }
    }
}

/// Returns the region of an instruction; `before` is the end of the one before it.
fn region(text: &str, before: usize, span: Span) -> Range<usize> {
    let start = text.as_bytes()[..before.saturating_sub(1)].iter().rposition(|byte| *byte == b'\n');
    let end = span.end as usize;
    start.map_or(0, |index| index + 1)..text[end..].find('\n').map_or(text.len(), |index| end + index + 1)
}

/// Tells whether an instruction stands in a stage and below the top of the file, where directives may be.
fn is_plain(step: &Step<'_>, region: &Range<usize>) -> bool {
    step.stage.is_some() && region.start > 0
}

/// Tells whether a finding speaks of its region alone; at the region's very start begins what stands before it.
fn is_inside(finding: &Finding, region: &Range<usize>) -> bool {
    let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
    let mut spans = finding.own.iter().map(|(span, _)| *span).chain(edits);
    spans.all(|span| region.start < span.start as usize && span.end as usize <= region.end)
}

/// Returns a finding in our own words with its places moved: `to` is added, `from` taken away.
fn moved(finding: &Finding, to: usize, from: usize) -> Finding {
    let (to, from) = (to as u32, from as u32);
    let place = |span: Span| Span::new(span.start + to - from, span.end + to - from);
    let edit = |edit: &Edit| Edit { span: place(edit.span), text: edit.text.clone() };
    let fix =
        |fix: &Fix| Fix { title: fix.title.clone(), safety: fix.safety, edits: fix.edits.iter().map(edit).collect() };
    Finding {
        own: finding.own.as_ref().map(|(span, message)| (place(*span), message.clone())),
        voices: Vec::new(),
        fixes: finding.fixes.iter().map(fix).collect(),
    }
}

fn size(remarks: &[Remark]) -> usize {
    let texts = |fix: &Fix| -> usize {
        let edits = fix.edits.iter().map(|edit| size_of::<Edit>() + edit.text.len());
        size_of::<Fix>() + fix.title.len() + edits.sum::<usize>()
    };
    let fixes = |finding: &Finding| finding.fixes.iter().map(texts).sum::<usize>();
    let message = |finding: &Finding| finding.own.as_ref().map_or(0, |(_, message)| message.len());
    remarks.iter().map(|one| size_of::<Remark>() + message(&one.finding) + fixes(&one.finding)).sum()
}

#[cfg(test)]
mod tests {
    use super::NEAR;
    use crate::rules;

    #[test]
    fn the_list_is_sorted_and_names_rules() {
        assert!(NEAR.is_sorted());
        for id in NEAR {
            assert!(rules::all().any(|rule| rule.id == id), "{id}");
        }
    }
}
