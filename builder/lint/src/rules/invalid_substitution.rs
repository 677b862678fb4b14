//! `invalid-substitution`.

use containr_dockerfile::expand::ExpandError;

use super::shared::each_variable;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, utils};

/// Wants substitutions and quotes that can be read.
pub(super) const RULE: Rule = Rule {
    id: "invalid-substitution",
    severity: Severity::Error,
    summary: "Wants substitutions and quotes that can be read.",
    page: "An unknown modifier, an open brace or an open quote makes the build fail.",
    aliases: &[
        utils("UNSUPPORTED_MODIFIER"),
        utils("INVALID_SYNTAX"),
        utils("SYNTAX_MISSING_SINGLE_QUOTE"),
        utils("SYNTAX_MISSING_DOUBLE_QUOTE"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = context.stages();
    stages.walk(context.parsed, |_, instruction, variables| {
        each_variable(instruction, |word, span| {
            if stages.is_plain(word) {
                return;
            }
            // What `${name:?}` demands may be given by a build argument.
            let wrong = stages.expand(word, variables).err();
            if let Some(error) = wrong.filter(|error| !matches!(error, ExpandError::Demanded { .. })) {
                let sound = |word: &str| stages.expand(word, variables).is_ok();
                let text = repaired(word).into_iter().find(|text| sound(text));
                let text = text.filter(|text| context.text(span) == word && !text.is_empty());
                let fix = text.map(|text| Fix::risky(format!("write `{text}`"), vec![Edit::replace(span, text)]));
                out.add(Finding::new(span, error.to_string()).maybe_fix(fix));
            }
        });
    });
}

const LONGEST: usize = 256;

/// Returns what a word may have been meant to be: with its last quote or brace, or with a modifier that exists.
fn repaired(word: &str) -> Vec<String> {
    // A long word is no slip of the pen.
    if word.len() > LONGEST {
        return Vec::new();
    }
    let mut texts: Vec<String> = ["'", "\"", "}"].iter().map(|end| format!("{word}{end}")).collect();
    let name_end = |at: usize| {
        let rest = &word[at..];
        at + rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(rest.len())
    };
    for (at, _) in word.match_indices("${") {
        let end = name_end(at + 2);
        let Some(close) = word[end..].find('}').map(|index| end + index) else { continue };
        if word[end..].starts_with(':') {
            // `${name:text}` misses the sign that makes the text a default.
            texts.push(format!("{}-{}", &word[..=end], &word[end + 1..]));
        }
        texts.push(format!("{}{}", &word[..end], &word[close..]));
    }
    texts
}
