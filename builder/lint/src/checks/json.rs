//! The JSON that tools read, laid out and escaped as Go does.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use containr_dockerfile::Parsed;

use super::{Obstacle, Warning};

/// Writes an object with the warnings, the file itself and what stops the build.
pub fn render(name: &str, parsed: &Parsed, warnings: &[Warning], obstacle: Option<&Obstacle>) -> Vec<u8> {
    let list = warnings.iter().map(|one| object(2, &warning(one))).collect::<Vec<_>>();
    let source = object(
        2,
        &[
            ("filename", string(name)),
            ("data", string(&base64(&parsed.bytes(parsed.span())))),
            ("language", string("Dockerfile")),
        ],
    );
    let mut members = vec![
        ("warnings", if list.is_empty() { "null".to_owned() } else { array(1, &list) }),
        ("sources", array(1, &[source])),
    ];
    if let Some(obstacle) = obstacle {
        let place = obstacle.lines.as_ref().map_or_else(|| "{}".to_owned(), |lines| location(2, lines));
        members.push(("buildError", object(1, &[("message", string(&obstacle.message)), ("location", place)])));
    }
    let mut out = object(0, &members);
    out.push('\n');
    out.into_bytes()
}

fn warning(one: &Warning) -> [(&'static str, String); 5] {
    [
        ("ruleName", string(one.rule)),
        ("description", string(one.description)),
        ("url", string(&one.url)),
        ("detail", string(&one.detail)),
        ("location", location(3, &one.lines)),
    ]
}

/// Writes a range for each line.
fn location(depth: usize, lines: &RangeInclusive<u32>) -> String {
    let line = |number: u32| object(depth + 3, &[("line", number.to_string())]);
    let range = |number: u32| object(depth + 2, &[("start", line(number)), ("end", line(number))]);
    let ranges: Vec<String> = lines.clone().map(range).collect();
    object(depth, &[("ranges", array(depth + 1, &ranges))])
}

/// Writes an object that stands at a depth.
fn object(depth: usize, members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    enclosed(depth, ('{', '}'), &members)
}

fn array(depth: usize, items: &[String]) -> String {
    enclosed(depth, ('[', ']'), items)
}

fn enclosed(depth: usize, (open, close): (char, char), items: &[String]) -> String {
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    format!("{open}\n{inner}{}\n{outer}{close}", items.join(&format!(",\n{inner}")))
}

/// Writes a string; what has a meaning in HTML is escaped too.
fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(out, "\\u{:04x}", char as u32).expect("a string takes all text");
            }
            _ => out.push(char),
        }
    }
    out.push('"');
    out
}

/// Writes bytes in base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain(&[0; 2]).take(3).fold(0, |word, byte| word << 8 | u32::from(*byte));
        for index in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * index) & 63) as usize];
            out.push(if index <= chunk.len() { digit.into() } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_as_in_go() {
        assert_eq!(string("a<b>&\"\\\n\u{1}\u{2028}é"), r#""a\u003cb\u003e\u0026\"\\\n\u0001\u2028é""#);
    }

    #[test]
    fn bytes_in_base64() {
        for (bytes, wanted) in
            [(&b""[..], ""), (b"a", "YQ=="), (b"ab", "YWI="), (b"abc", "YWJj"), (b"\xff\xfe", "//4=")]
        {
            assert_eq!(base64(bytes), wanted);
        }
    }
}
