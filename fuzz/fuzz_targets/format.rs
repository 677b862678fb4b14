//! Formatting says the same as before, and a second time changes nothing.

#![no_main]

use containr_dockerfile::{format, format_line_break, formatted, parse};
use libfuzzer_sys::fuzz_target;

#[path = "../../builder/dockerfile/tests/format/meaning.rs"]
mod meaning;

fuzz_target!(|text: &[u8]| {
    meaning::check(text);
    let parsed = parse(text);
    let _ = format_line_break(&parsed, u32::try_from(text.len() / 2).unwrap_or(0));
    assert_eq!(format(&parse(&formatted(&parsed))), []);
});
