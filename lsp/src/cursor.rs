//! Where a cursor stands: in the name of an instruction, in one of its words, in a comment or in a heredoc's body.
//!
//! Only the text before the cursor decides what may be written there, so that the instruction is read again up to the
//! cursor: what follows may be half-written.

mod line;
mod words;

use containr_dockerfile::syntax::{Escape, Instruction};
use containr_dockerfile::{Parsed, Span, SyntaxKind};

use line::Line;
pub(crate) use words::{Quote, Word};

/// Is the place of a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// In the name of an instruction, or where one may begin.
    Keyword(Word),
    /// In the name of the instruction after ONBUILD, or where it may begin.
    Trigger(Word),
    /// In the words after the name.
    Argument(Argument),
    /// In a comment or a directive.
    Comment(Comment),
    /// In the body or at the end of a heredoc.
    Body,
}

/// Is what stands between an instruction's name and the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    /// The name in upper case; for ONBUILD that of the instruction it keeps.
    pub(crate) keyword: String,
    /// The whole words before the one at the cursor.
    pub(crate) words: Vec<Word>,
    /// The word at the cursor, cut there; maybe empty.
    pub(crate) current: Word,
    /// Everything after the name up to the cursor, continuations joined.
    pub(crate) text: String,
    /// The quotes that are open at the cursor.
    pub(crate) quote: Quote,
}

/// Is a comment line with a cursor in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// What stands between the `#` and the cursor.
    pub(crate) before: Word,
    /// The whole text after the `#`.
    pub(crate) whole: Word,
    /// Whether only directives stand above, so that this may be one.
    pub(crate) directive: bool,
}

impl Argument {
    /// Tells whether a flag may stand at the cursor.
    pub(crate) fn takes_flags(&self) -> bool {
        self.words.iter().all(|word| word.text.starts_with("--") && word.text.len() > 2)
    }

    /// Returns the flags before the cursor, each with its value.
    pub(crate) fn flags(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let flags = self.words.iter().map_while(|word| word.text.strip_prefix("--").filter(|text| !text.is_empty()));
        flags.map(|flag| flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value))))
    }

    /// Returns the words before the cursor that are no flags.
    pub(crate) fn operands(&self) -> &[Word] {
        let flags = self.words.iter().take_while(|word| word.text.starts_with("--") && word.text.len() > 2).count();
        let rest = &self.words[flags..];
        if rest.first().is_some_and(|word| word.text == "--") { &rest[1..] } else { rest }
    }

    /// Tells whether the arguments have the JSON form.
    pub(crate) fn is_json(&self) -> bool {
        self.operands().first().unwrap_or(&self.current).text.starts_with('[')
    }
}

impl Cursor {
    /// Finds out where an offset stands; one beyond the end or inside of a character is moved back.
    pub(crate) fn at(parsed: &Parsed, offset: u32) -> Self {
        let text = parsed.text();
        let offset = floor(text, offset);
        let line = Line::at(text, offset);
        if in_body(parsed, offset) {
            return Self::Body;
        }
        if text[line.start..offset].trim_start().starts_with('#') {
            return Self::Comment(comment(text, line, offset));
        }
        match instruction_at(parsed, offset) {
            Some(instruction) => inside(parsed, instruction, offset),
            None => Self::Keyword(words::last(&text[line.start..offset], line.start)),
        }
    }
}

/// Returns the instruction that an offset stands in, its own line breaks at the end included.
pub(crate) fn instruction_at(parsed: &Parsed, offset: usize) -> Option<&Instruction> {
    let syntax = parsed.syntax();
    let at = u32::try_from(offset).ok()?;
    let offset = floor(parsed.text(), at);
    let stage = syntax.stages.partition_point(|stage| stage.span.start <= at).checked_sub(1);
    let found = match stage.map(|index| &syntax.stages[index]) {
        Some(stage) => {
            let index = stage.instructions.partition_point(|one| one.span.start <= at);
            Some(index.checked_sub(1).map_or(&stage.from, |index| &stage.instructions[index]))
        }
        None => {
            let head = syntax.global_args.iter().chain(&syntax.orphans);
            head.filter(|one| one.span.start <= at).max_by_key(|one| one.span.start)
        }
    }?;
    let end = found.span.end as usize;
    let unfinished = || {
        let between = &parsed.text()[end..offset];
        between.trim().is_empty() && between.matches('\n').count() == 1 && is_continued(parsed, found)
    };
    (offset <= end || unfinished()).then_some(found)
}

fn is_continued(parsed: &Parsed, instruction: &Instruction) -> bool {
    let text = &parsed.text()[instruction.span.range()];
    line::continuation(text.lines().next_back().unwrap_or_default(), parsed.escape()).is_some()
}

fn inside(parsed: &Parsed, instruction: &Instruction, offset: usize) -> Cursor {
    let start = instruction.span.start as usize;
    let logical = line::Joined::read(parsed.text(), start, offset, parsed.escape());
    let keyword = instruction.keyword.value.as_str();
    if logical.text.len() <= keyword.len() {
        return Cursor::Keyword(logical.word(0, logical.text.len()));
    }
    argument(&logical, keyword, keyword.len(), parsed.escape())
}

fn argument(logical: &line::Joined, keyword: &str, from: usize, escape: Escape) -> Cursor {
    let keyword = keyword.to_ascii_uppercase();
    let (mut words, quote) = words::split(logical, from, escape, words::Style::of(&keyword));
    let current = words.pop().unwrap_or_else(|| logical.word(logical.text.len(), logical.text.len()));
    if keyword != "ONBUILD" {
        let text = logical.text[from..].to_owned();
        return Cursor::Argument(Argument { keyword, words, current, text, quote });
    }
    let Some(trigger) = words.first() else { return Cursor::Trigger(current) };
    // A chain of ONBUILD means nothing, hence is not followed.
    if trigger.text.eq_ignore_ascii_case("ONBUILD") {
        return Cursor::Body;
    }
    argument(logical, &trigger.text, trigger.logical_end, escape)
}

fn comment(text: &str, line: Line, offset: usize) -> Comment {
    let content = &text[line.start..line.end];
    let hash = line.start + content.find('#').unwrap_or_default() + 1;
    let above = text[..line.start].lines();
    let directive = above.into_iter().all(is_directive);
    // A cursor may stand inside of the line break.
    let end = offset.clamp(hash, line.end.max(hash));
    Comment { before: words::plain(text, hash, end), whole: words::plain(text, hash, line.end), directive }
}

fn is_directive(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_start();
    let key = line.strip_prefix('#').and_then(|rest| rest.split_once('=')).map(|(key, _)| key.trim());
    key.is_some_and(|key| crate::reference::directive(key).is_some())
}

/// Returns the word at the end of a text that begins at `start` in the file.
pub(crate) fn word_in(front: &str, start: u32) -> Word {
    words::last(front, start as usize)
}

fn in_body(parsed: &Parsed, offset: usize) -> bool {
    let Ok(at) = u32::try_from(offset) else { return false };
    // Before the token and after it: an empty body has no token, and the end of the last line is the body's too.
    parsed.tree().token_at_offset(at.into()).any(|token| {
        let heredoc = matches!(token.kind(), SyntaxKind::HeredocBody | SyntaxKind::HeredocEnd);
        heredoc && (u32::from(token.text_range().start()) <= at)
    })
}

/// Moves an offset back to the end of the text and to the start of a character.
pub(crate) fn floor(text: &str, offset: u32) -> usize {
    let offset = (offset as usize).min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Returns the span between two offsets of a text whose spans have 32 bits.
pub(crate) fn span(start: usize, end: usize) -> Span {
    let bound = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(bound(start), bound(end))
}

#[cfg(test)]
mod tests;
