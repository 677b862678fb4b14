//! Checks the flags of an instruction against those that it knows, and reads their values.

use crate::diagnostic::{Code, Diagnostics};
use crate::span::{Span, Spanned};
use crate::suggest::nearest;
use crate::syntax::Flag;

/// Says what a flag takes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Takes {
    /// Nothing, `true` or `false`; once.
    Switch,
    /// A value; once.
    Value,
    /// A value; any number of times.
    Values,
}

/// Is the list of flags that an instruction knows.
pub(crate) type Known = &'static [(&'static str, Takes)];

/// Reports every flag that is unknown, double or without a proper value.
pub(crate) fn check(flags: &[Flag], known: Known, instruction: &str, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<&str> = Vec::new();
    for flag in flags {
        let name = flag.name.value.as_str();
        let Some((name, takes)) = known.iter().find(|(other, _)| *other == name) else {
            let suggestion = nearest(name, known.iter().map(|(name, _)| *name)).map(|name| format!("--{name}"));
            let message = format!("{instruction} has no flag `--{name}`");
            let span = Span::new(flag.span.start, flag.name.span.end);
            diagnostics.misspelt(span, Code::UnknownFlag, message, suggestion);
            continue;
        };
        if *takes != Takes::Values {
            if seen.contains(name) {
                diagnostics.error(flag.span, Code::DuplicateFlag, format!("flag `--{name}` may stand once"));
            } else {
                seen.push(name);
            }
        }
        check_value(flag, *takes, diagnostics);
    }
}

fn check_value(flag: &Flag, takes: Takes, diagnostics: &mut Diagnostics) {
    let name = &flag.name.value;
    match (&flag.value, takes) {
        (None, Takes::Switch) | (Some(_), Takes::Value | Takes::Values) => {}
        (Some(value), Takes::Switch) if !value.value.is_empty() => {
            if truth(&value.value).is_none() {
                let message = format!("flag `--{name}` is `true` or `false`, not `{}`", value.value);
                diagnostics.error(value.span, Code::InvalidFlagValue, message);
            }
        }
        _ => diagnostics.error(flag.span, Code::MissingFlagValue, format!("flag `--{name}` needs a value")),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Returns the value of a flag; an empty one counts as none, as with BuildKit.
pub(crate) fn value(flags: &[Flag], name: &str) -> Option<Spanned<String>> {
    values(flags, name).into_iter().next().filter(|value| !value.value.is_empty())
}

/// Returns all values of a flag in order.
pub(crate) fn values(flags: &[Flag], name: &str) -> Vec<Spanned<String>> {
    flags.iter().filter(|flag| flag.name.value == name).filter_map(|flag| flag.value.clone()).collect()
}

/// Returns the state of a switch where it stands.
pub(crate) fn switch(flags: &[Flag], name: &str) -> Option<bool> {
    let flag = flags.iter().find(|flag| flag.name.value == name)?;
    Some(flag.value.as_ref().is_none_or(|value| truth(&value.value) == Some(true)))
}
