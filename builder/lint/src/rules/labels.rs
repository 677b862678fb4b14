//! What the values of labels must look like where the configuration says so.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::Peer;

/// Identifiers of licences, one a line.
const LICENSES: &str = include_str!("../../data/spdx-licenses.txt");

/// Returns the labels of a kind whose values are not right: the instruction's place, the label, the value's place.
pub(super) fn wrong_labels<'a>(
    context: &'a Context<'_>,
    kind: Option<LabelKind>,
    is_right: impl Fn(&str) -> bool,
) -> Vec<(Span, &'a str, Span)> {
    let mut found = Vec::new();
    for (label, wanted) in &context.config.labels {
        if kind.is_some_and(|kind| kind != *wanted) {
            continue;
        }
        for step in &context.steps {
            let Kind::Label(pairs) = step.kind() else { continue };
            let wrong = |value: &str| !is_right(bare(value));
            let pair = pairs.iter().find(|pair| bare(&pair.name.value) == label && wrong(&pair.value.value));
            found.extend(pair.map(|pair| (step.span, label.as_str(), pair.value.span)));
        }
    }
    found
}

/// Is what a rule wants of the labels of one kind.
pub(super) struct Form {
    pub(super) kind: LabelKind,
    pub(super) is_right: fn(&str) -> bool,
    /// Guesses what a wrong value was meant to be.
    pub(super) guess: fn(&str) -> Option<String>,
    /// What the value lacks, in our words.
    pub(super) noun: &'static str,
    /// What hadolint says after the label's name.
    pub(super) remark: &'static str,
}

/// Minds every label of a kind whose value has another form.
pub(super) fn mind(context: &Context<'_>, out: &mut Findings<'_>, form: &Form) {
    for (step, label, value) in wrong_labels(context, Some(form.kind), form.is_right) {
        let finding = Finding::new(value, format!("label `{label}` lacks {}", form.noun));
        let finding = finding.voice(Peer::Hadolint, step, format!("Label `{label}` {}", form.remark));
        out.add(finding.maybe_fix(rewrite(context, form, value)));
    }
}

fn rewrite(context: &Context<'_>, form: &Form, place: Span) -> Option<Fix> {
    let written = bare(context.text(place)).trim();
    let text = (form.guess)(written).filter(|text| (form.is_right)(text) && !text.contains(['"', '\\', '$', '`']))?;
    Some(Fix::risky(format!("write `{text}`"), vec![Edit::replace(place, format!("\"{text}\""))]))
}

/// Tells whether a text is a URI with a scheme.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let named = scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
    let mut digits = 0;
    let allowed = rest.chars().all(|char| {
        // A percent sign wants two digits after it.
        let escaped = digits == 0 || char.is_ascii_hexdigit();
        digits = if char == '%' { 2 } else { i32::max(digits - 1, 0) };
        escaped && (char.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(char))
    });
    named && allowed && digits == 0
}

/// Tells whether a text is a time by RFC 3339.
pub(super) fn is_time(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(digits);
    let sign = |at: usize, signs: &str| text[at..].chars().next().is_some_and(|char| signs.contains(char));
    if !text.is_ascii() || text.len() < 20 {
        return false;
    }
    let signs = sign(4, "-") && sign(7, "-") && sign(10, "Tt ") && sign(13, ":") && sign(16, ":");
    let date = matches!((number(0..4), number(5..7)), (Some(_), Some(1..=12)))
        && number(8..10).is_some_and(|day| (1..=days(number(0..4), number(5..7))).contains(&day));
    let time = matches!((number(11..13), number(14..16), number(17..19)), (Some(0..=23), Some(0..=59), Some(0..=60)));
    signs
        && date
        && time
        && is_zone(text[19..].trim_start_matches('.').trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn days(year: Option<u32>, month: Option<u32>) -> u32 {
    let year = year.unwrap_or_default();
    match month {
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        Some(2) => 28,
        _ => 31,
    }
}

fn is_zone(text: &str) -> bool {
    let offset = text.strip_prefix(['+', '-']).and_then(|offset| offset.split_once(':'));
    matches!(text, "Z" | "z")
        || offset.is_some_and(|(hours, minutes)| {
            hours.len() == 2
                && minutes.len() == 2
                && digits(hours) < Some(24)
                && matches!(digits(minutes), Some(0..=59))
        })
}

/// Returns the identifiers of all licences.
pub(super) fn licenses() -> impl Iterator<Item = &'static str> {
    LICENSES.lines()
}

/// Tells whether a text is the identifier of a licence.
pub(super) fn is_license(text: &str) -> bool {
    licenses().any(|name| name == text)
}

/// Tells whether a text is a commit of git, whole or of seven digits.
pub(super) fn is_commit(text: &str) -> bool {
    let hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    hex && matches!(text.len(), 7 | 40)
}

/// Tells whether a text is a semantic version.
pub(super) fn is_version(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let number = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
    };
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(|pre| pre.split('.').all(|part| word(part) && (!is_number(part) || number(part))))
        && build.is_none_or(|build| build.split('.').all(word))
}

/// Tells whether a text is an e-mail address.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |text: &str| {
        !text.is_empty()
            && text.chars().all(|char| char.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char))
    };
    let label = |text: &str| {
        let word = |char: char| char.is_ascii_alphanumeric() || char == '-';
        !text.is_empty() && text.len() < 64 && text.chars().all(word) && !text.starts_with('-') && !text.ends_with('-')
    };
    let literal = domain.starts_with('[') && domain.ends_with(']');
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    (quoted || local.split('.').all(atom)) && (literal || domain.split('.').all(label))
}
