//! The text that people read.

use std::ops::RangeInclusive;

use containr_dockerfile::Parsed;

use super::{Obstacle, Warning, unstable};

const RULER: &[u8] = b"--------------------\n";

/// Writes all warnings in the order of the text, with a sentence that counts them.
pub fn render(name: &str, parsed: &Parsed, warnings: &[Warning], obstacle: Option<&Obstacle>) -> Vec<u8> {
    let mut out = Vec::new();
    match warnings.len() {
        0 if obstacle.is_some() => {}
        0 => out.extend_from_slice(b"Check complete, no warnings found.\n"),
        1 => out.extend_from_slice(b"Check complete, 1 warning has been found!\n"),
        count => out.extend_from_slice(format!("Check complete, {count} warnings have been found!\n").as_bytes()),
    }
    let excerpts = Excerpts::new(name, parsed);
    for one in unstable::sort_by_key(warnings.iter().collect(), |one| *one.lines.start()) {
        out.extend_from_slice(format!("\nWARNING: {} - {}\n{}\n", one.rule, one.url, one.detail).as_bytes());
        out.extend(excerpts.of(&one.lines));
    }
    if obstacle.is_some() && !warnings.is_empty() {
        out.push(b'\n');
    }
    out
}

/// Is a file whose lines can be shown.
#[derive(Clone, Debug)]
pub struct Excerpts<'a> {
    name: &'a str,
    /// The bytes of the file, which need not be UTF-8.
    text: Vec<u8>,
    /// Where each line begins; one behind the last break too.
    starts: Vec<usize>,
}

impl<'a> Excerpts<'a> {
    /// Takes a file by the name that is shown.
    pub fn new(name: &'a str, parsed: &Parsed) -> Self {
        let text = parsed.bytes(parsed.span());
        let breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(index, _)| index + 1)).collect();
        Self { name, text, starts }
    }

    /// Writes some lines, marked, between those around them; nothing where there are no such lines.
    pub fn of(&self, marked: &RangeInclusive<u32>) -> Vec<u8> {
        let count = self.starts.len();
        let (first, last) = (*marked.start() as usize, (*marked.end() as usize).min(count));
        if first > count {
            return Vec::new();
        }
        let (start, end) = around(first, last, count);
        let mut out = format!("{}:{first}\n", self.name).into_bytes();
        out.extend_from_slice(RULER);
        for number in start..=end {
            let mark = if (first..=last).contains(&number) { ">>>" } else { "   " };
            out.extend_from_slice(format!(" {number:3} | {mark} ").as_bytes());
            out.extend_from_slice(self.line(number));
            out.push(b'\n');
        }
        out.extend_from_slice(RULER);
        out
    }

    fn line(&self, number: usize) -> &[u8] {
        let end = self.starts.get(number).map_or(self.text.len(), |next| next - 1);
        &self.text[self.starts[number - 1]..end]
    }
}

/// Widens a range of lines by about two on each side, as far as there are any.
fn around(mut start: usize, mut end: usize, count: usize) -> (usize, usize) {
    let wanted = if start == end { 4 } else { 2 };
    let mut added = 0;
    while added < wanted {
        if start > 1 {
            start -= 1;
            added += 1;
        }
        if end != count {
            end += 1;
            added += 1;
        }
        added += 1;
    }
    (start, end)
}
