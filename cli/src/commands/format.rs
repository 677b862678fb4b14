//! `containr fmt`: lays Dockerfiles out in one style.

use std::io::Write as _;
use std::path::Path;

use containr_dockerfile::{Parsed, Severity, formatted, parse};

use crate::args::FormatArgs;
use crate::failure::{Exit, Failure};
use crate::read::dockerfiles::{STDIN, find, read, replace};
use crate::show::diff;
use crate::surroundings::{print, stderr};

/// Formats the files.
///
/// # Errors
/// The failure to show: a file that cannot be read or written.
pub(crate) fn run(args: &FormatArgs) -> Result<u8, Failure> {
    let mut differs = false;
    for file in &find(&args.files)? {
        let text = read(file)?;
        let parsed = parse(&text);
        let new = formatted(&parsed);
        tell_errors(file, &parsed);
        differs |= new != text;
        if args.check || args.diff {
            print(&shown(file, &text, &new, args))?;
        } else if file == Path::new(STDIN) {
            print(&new)?;
        } else if new != text {
            replace(file, &new)?;
        }
    }
    let fails = differs && (args.check || args.diff);
    Ok(if fails { Exit::Failure as u8 } else { Exit::Success as u8 })
}

/// Returns what is shown of a file that stays as it is: its name or its changes.
fn shown(file: &Path, old: &[u8], new: &[u8], args: &FormatArgs) -> Vec<u8> {
    let name = file.display().to_string();
    match old == new {
        true => Vec::new(),
        false if args.diff => diff::unified(&name, old, new).into_bytes(),
        false => format!("{name}\n").into_bytes(),
    }
}

/// Tells which parts are left alone because they have an error.
fn tell_errors(file: &Path, parsed: &Parsed) {
    let mut out = stderr();
    for error in parsed.diagnostics().iter().filter(|one| one.severity == Severity::Error) {
        let (line, column) = (parsed.lines().line(error.span.start), parsed.lines().column(error.span.start));
        // When stderr is gone the exit code is all there is.
        let _ = writeln!(out, "{}:{line}:{column}: left as it is: {}", file.display(), error.message);
    }
}
