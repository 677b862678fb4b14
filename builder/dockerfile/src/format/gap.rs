//! What stands between two words of an instruction: blanks, continuations, comments and empty lines.

use super::trimmed;
use crate::syntax::Escape;

/// Says how two words stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spacing {
    /// They are apart by what stands between them, or parts of one word where that is nothing.
    AsWritten,
    /// They are apart, and one blank shows it.
    Apart,
    /// They stand side by side on a line.
    Tight,
}

/// Says how lines after a continuation begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indent<'a> {
    /// With this.
    Fixed(&'a str),
    /// As they do.
    Kept,
}

/// Is how gaps of an instruction are laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    pub(super) escape: Escape,
    pub(super) line_break: &'static str,
    pub(super) indent: Indent<'a>,
}

/// Returns a gap laid out anew; nothing where it holds something unexpected.
pub(super) fn lay_out(gap: &str, spacing: Spacing, manner: Manner<'_>) -> Option<String> {
    match gap.split_once('\n') {
        Some((first, rest)) => over_lines(first, rest, spacing, manner),
        None => gap.trim().is_empty().then(|| on_one_line(gap, spacing).to_owned()),
    }
}

fn on_one_line(gap: &str, spacing: Spacing) -> &'static str {
    match spacing {
        Spacing::Tight => "",
        Spacing::AsWritten if gap.is_empty() => "",
        Spacing::AsWritten | Spacing::Apart => " ",
    }
}

/// Lays out a gap with its first line and the others; empty lines go.
fn over_lines(first: &str, rest: &str, spacing: Spacing, manner: Manner<'_>) -> Option<String> {
    let escape = manner.escape.char();
    let before = continued(first, escape)?;
    let (between, last) = rest.rsplit_once('\n').map_or((None, rest), |(between, last)| (Some(between), last));
    let lines = || between.iter().flat_map(|between| between.split('\n')).filter(|line| !line.trim().is_empty());
    let parted = |line| continued(line, escape).is_some_and(|blanks| !blanks.is_empty());
    let apart = spacing != Spacing::AsWritten || !before.is_empty() || !last.is_empty() || lines().any(parted);
    let mut out = format!("{}{escape}{}", if apart { " " } else { "" }, manner.line_break);
    for line in lines() {
        out.push_str(indent(line, apart, manner));
        match line.trim_start().starts_with('#') {
            true => out.push_str(trimmed(line.trim_start())),
            false => continued(line, escape).map(|_| out.push(escape))?,
        }
        out.push_str(manner.line_break);
    }
    out.push_str(indent(last, apart, manner));
    last.trim().is_empty().then_some(out)
}

/// Returns how a line begins from now on.
fn indent<'a>(line: &'a str, apart: bool, manner: Manner<'a>) -> &'a str {
    match manner.indent {
        Indent::Fixed(indent) if apart => indent,
        _ => &line[..line.len() - line.trim_start().len()],
    }
}

/// Returns the blanks before the escape character of a line that holds nothing else.
fn continued(line: &str, escape: char) -> Option<&str> {
    let line = line.trim_end_matches('\r').trim_end_matches([' ', '\t']);
    line.strip_suffix(escape).filter(|before| before.trim().is_empty())
}
