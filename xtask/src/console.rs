//! The only place that writes to the terminal.
#![expect(clippy::print_stdout, reason = "a chore talks to the person who started it")]

/// Announces a part of a chore.
pub(crate) fn heading(text: &str) {
    println!("\n== {text}");
}

/// Says one line.
pub(crate) fn say(text: impl std::fmt::Display) {
    println!("{text}");
}
