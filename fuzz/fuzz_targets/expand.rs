//! Any word expands or is refused, in every dialect, and stays below the limit.

#![no_main]

use std::collections::BTreeMap;

use containr_dockerfile::expand::{Dialect, MAX_EXPANSION_BYTES, expand};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // The first line is the value of two variables, the rest the word.
    let (value, word) = text.split_once('\n').unwrap_or(("", text));
    let variables = BTreeMap::from([("a".to_owned(), value.to_owned()), ("B".to_owned(), format!("{value}{value}"))]);
    let dialects = [Dialect::argument('\\'), Dialect::argument('`'), Dialect::heredoc(), Dialect::display('\\')];
    for dialect in dialects {
        if let Ok(expanded) = expand(word, dialect, &variables) {
            assert!(expanded.text.len() <= MAX_EXPANSION_BYTES);
            assert!(expanded.words.iter().map(String::len).sum::<usize>() <= expanded.text.len());
        }
    }
});
