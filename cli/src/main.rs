//! Is the binary `containr`: reads arguments and surroundings, shows events and errors, returns exit codes.

mod args;
mod commands;
mod failure;
mod output_hint;
mod read;
mod show;
mod surroundings;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Args;
use crate::failure::{Exit, Failure};

fn main() -> ExitCode {
    let args = match Args::try_parse_from(surroundings::command_line()) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Request as u8 } else { Exit::Success as u8 });
        }
    };
    match commands::run(args) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// Writes a failure to stderr; when even that fails, the exit code is all there is.
fn complain(failure: &Failure) {
    let _ = std::io::stderr().lock().write_all(failure.render().as_bytes());
}
