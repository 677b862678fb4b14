//! Chores of the project: tidy, demo, test, accept, bench, peers, setup.

mod command;
mod console;
mod failure;
mod tidy;
mod workspace;

use std::process::ExitCode;

use crate::failure::{Failure, Outcome};

const USAGE: &str = "usage: cargo xtask CHORE

  tidy                  checks the house rules that a machine can check
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::say(format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Outcome {
    match words {
        ["tidy"] => tidy::run(),
        _ => Err(Failure::new(format!("unknown chore\n{USAGE}"))),
    }
}
