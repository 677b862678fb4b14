//! `containr hadolint`, and the program when it is called `hadolint`: the command line that pipelines know.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use containr_dockerfile::parse;
use containr_lint::format::{Colors, Format, Options, Report, render};
use containr_lint::{Dialect, LintCache, Settings, Severity, lint_with};

use crate::args::HadolintArgs;
use crate::failure::{Exit, Failure};
use crate::read::dockerfiles::{STDIN, read};
use crate::read::settings::{Unusable, settings_in, settings_path};
use crate::surroundings::print;

/// The release whose output is reproduced, and our own.
const VERSION: &str = concat!("Haskell Dockerfile Linter 2.15.1 (containr ", env!("CARGO_PKG_VERSION"), ")\n");

/// Judges files as hadolint does.
///
/// # Errors
/// The failure to show: a file that cannot be read or written.
pub(crate) fn run(words: &[OsString]) -> Result<u8, Failure> {
    let words = std::iter::once(OsString::from("hadolint")).chain(words.iter().cloned());
    let args = match HadolintArgs::try_parse_from(words) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return Ok(if error.use_stderr() { Exit::Failure as u8 } else { Exit::Success as u8 });
        }
    };
    if args.version {
        return print(VERSION.as_bytes()).map(|()| Exit::Success as u8);
    }
    if args.files.is_empty() {
        return print(b"Please provide a Dockerfile\n").map(|()| Exit::Failure as u8);
    }
    // hadolint has one exit code for all that goes wrong.
    settings(&args)
        .and_then(|settings| judge(&args, &settings))
        .map_err(|failure| Failure { exit: Exit::Failure, ..failure })
}

/// Puts the settings together: the environment, then the file, then the command line.
fn settings(args: &HadolintArgs) -> Result<Settings, Failure> {
    let environment = Settings::from_environment(|name| std::env::var(name).ok());
    let found = settings_path(args.config.as_deref());
    // As with hadolint, settings that are no settings are told and left out, but a file that is named must be there.
    let file = match found.as_deref().map(settings_in).transpose() {
        Ok(settings) => settings.unwrap_or_default(),
        Err(Unusable::Unread(failure)) => return Err(failure),
        Err(Unusable::Invalid(failure)) => {
            crate::complain(&failure);
            Settings::default()
        }
    };
    let lists = [&args.error, &args.warning, &args.info, &args.style];
    let line = Settings {
        no_fail: args.no_fail.then_some(true),
        no_color: args.no_color.then_some(true),
        verbose: args.verbose.then_some(true),
        formats: args.format.iter().map(|format| format.name().to_owned()).collect(),
        overrides: lists.map(Clone::clone),
        ignored: args.ignore.clone(),
        trusted_registries: args.trusted_registry.iter().cloned().collect(),
        labels: args.require_label.iter().cloned().collect(),
        strict_labels: args.strict_labels.then_some(true),
        disable_ignore_pragma: args.disable_ignore_pragma.then_some(true),
        failure_threshold: args.failure_threshold,
    };
    let settings = environment.under(file).under(line);
    if settings.verbose == Some(true) {
        tell(args.config.as_deref(), found.as_deref(), &settings);
    }
    Ok(settings)
}

/// Tells on stderr which settings hold, as hadolint does: a file that was found by its whole path.
fn tell(named: Option<&Path>, found: Option<&Path>, settings: &Settings) {
    let whole = found.and_then(|path| std::path::absolute(path).ok());
    let source = match named.or(whole.as_deref()) {
        Some(path) => format!("\"Configuration file used: {}\"\n", path.display()),
        None => "\"No configuration was specified. Using default configuration\"\n".to_owned(),
    };
    // When stderr is gone the remarks are there all the same.
    let _ = std::io::stderr().lock().write_all((source + &settings.shown()).as_bytes());
}

fn judge(args: &HadolintArgs, settings: &Settings) -> Result<u8, Failure> {
    let config = settings.config(Dialect::Hadolint);
    let mut cache = LintCache::of_scripts();
    let mut reports = Vec::with_capacity(args.files.len());
    for file in &args.files {
        let parsed = parse(&read(file)?);
        let name = file.display().to_string();
        reports.push(Report::new(name, &parsed, &lint_with(&parsed, &config, &mut cache), Dialect::Hadolint));
    }
    let formats: Vec<Format> = settings.formats.iter().filter_map(|name| name.parse().ok()).collect();
    let options = Options {
        dialect: Dialect::Hadolint,
        colors: if settings.no_color == Some(true) { Colors::Plain } else { Colors::Ansi },
        path_in_report: args.file_path_in_report.as_deref(),
        now: crate::surroundings::now(),
    };
    for (destination, format) in outputs(&args.output, &formats) {
        let bytes = render(format, &reports, &options);
        if destination == Path::new(STDIN) {
            print(&bytes)?;
        } else {
            let failed =
                |error| Failure::new(format!("cannot write {}: {error}", destination.display()), Exit::Failure);
            fs::write(destination, bytes).map_err(failed)?;
        }
    }
    let threshold = settings.failure_threshold.unwrap_or(Severity::Info);
    let silent = settings.no_fail == Some(true)
        || formats.iter().any(|format| matches!(format, Format::Codeclimate | Format::Codacy));
    let fails = !silent && reports.iter().any(|report| report.fails(threshold));
    Ok(if fails { Exit::Failure as u8 } else { Exit::Success as u8 })
}

/// Pairs destinations with formats; the shorter list is filled up with stdout and lines.
fn outputs<'a>(destinations: &'a [PathBuf], formats: &[Format]) -> Vec<(&'a Path, Format)> {
    let count = destinations.len().max(formats.len()).max(1);
    let pair = |index: usize| {
        let destination = destinations.get(index).map_or(Path::new(STDIN), PathBuf::as_path);
        (destination, formats.get(index).copied().unwrap_or(Format::Tty))
    };
    (0..count).map(pair).collect()
}
