//! `containr lint`: judges Dockerfiles, shows the findings, repairs what it is told to.

use std::fmt::Write as _;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use containr_dockerfile::{Parsed, parse};
use containr_lint::format::{Colors, Options, Report, render};
use containr_lint::{Config, Diagnostic, Dialect, LintCache, Safety, Severity, apply, lint_with};

use crate::args::{CommonArgs, Form, LintArgs};
use crate::failure::{Exit, Failure};
use crate::read::dockerfiles::{STDIN, find, read, replace};
use crate::read::settings::SettingsOf;
use crate::read::world::World;
use crate::show::diff;
use crate::surroundings::{interruptible, print, settings as surroundings};

/// Judges the files.
///
/// # Errors
/// The failure to show: a file that cannot be read or written, settings that cannot be read.
pub(crate) fn run(common: &CommonArgs, args: &LintArgs) -> Result<u8, Failure> {
    let mut world =
        if args.online { World::online(&surroundings(common)?, interruptible()?)? } else { World::offline() };
    let mut settings = SettingsOf::new(args.config.as_deref())?;
    let files = find(&args.files)?;
    let limit = if args.fix_unsafe { Safety::Unsafe } else { Safety::Safe };
    let mut shown = Shown { cache: LintCache::of_scripts(), reports: Vec::new(), text: String::new(), fails: false };
    for file in &files {
        let mut text = read(file)?;
        let mut config = settings.file(file)?.config(args.dialect.into());
        config.ignored.extend(args.ignore.iter().cloned());
        config.surroundings = world.around(file, &text)?;
        if args.diff {
            let fixed = apply(&text, &config, limit);
            print(diff::unified(&file.display().to_string(), &text, &fixed.text).as_bytes())?;
            shown.fails |= fixed.text != text;
            continue;
        }
        if args.fix || args.fix_unsafe {
            text = repair(file, &text, &config, limit)?;
        }
        shown.add(file, &text, args, &config);
    }
    shown.finish(args, !(args.diff || files.iter().any(|file| file == Path::new(STDIN)) && args.fix))
}

/// Applies fixes to a file, or to stdin by way of stdout.
fn repair(file: &Path, text: &[u8], config: &Config, limit: Safety) -> Result<Vec<u8>, Failure> {
    let fixed = apply(text, config, limit);
    if file == Path::new(STDIN) {
        print(&fixed.text)?;
    } else if fixed.text != text {
        replace(file, &fixed.text)?;
    }
    Ok(fixed.text)
}

/// What is to be shown in the end.
struct Shown {
    /// What is known of scripts that files have in common.
    cache: LintCache,
    reports: Vec<Report>,
    text: String,
    fails: bool,
}

impl Shown {
    fn add(&mut self, file: &Path, text: &[u8], args: &LintArgs, config: &Config) {
        let parsed = parse(text);
        let found = lint_with(&parsed, config, &mut self.cache);
        let name = file.display().to_string();
        self.fails |= found.iter().any(|one| one.severity <= args.failure_threshold);
        match args.format {
            Form::Text => self.text.extend(found.iter().map(|one| excerpt(&name, &parsed, one))),
            Form::Tools(_) => self.reports.push(Report::new(name, &parsed, &found, config.dialect)),
        }
    }

    fn finish(self, args: &LintArgs, shows: bool) -> Result<u8, Failure> {
        let dialect = Dialect::from(args.dialect);
        let options = Options { dialect, colors: Colors::Plain, path_in_report: None, now: crate::surroundings::now() };
        if shows {
            match args.format {
                Form::Text => print(self.text.as_bytes())?,
                Form::Tools(format) => print(&render(format, &self.reports, &options))?,
            }
        }
        Ok(if self.fails { Exit::Failure as u8 } else { Exit::Success as u8 })
    }
}

/// Returns a finding with its line, a caret, and what may be done about it.
fn excerpt(name: &str, parsed: &Parsed, one: &Diagnostic) -> String {
    let level = match one.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
        _ => Level::NOTE,
    };
    let text = parsed.text();
    let start = one.span.range().start;
    let end = text[one.span.range()].find('\n').map_or(one.span.range().end, |line| start + line);
    let snippet = Snippet::source(text).path(name).annotation(AnnotationKind::Primary.span(start..end));
    let group = level.primary_title(one.message.as_ref()).id(one.code).element(snippet);
    let mut shown = Renderer::plain().render(&[group]);
    shown.push('\n');
    if let Some(fix) = one.fixes.first() {
        let flag = if fix.safety == Safety::Safe { "--fix" } else { "--fix-unsafe" };
        let _ = writeln!(shown, "hint: {} ({flag} does it)", fix.title);
    }
    shown.push('\n');
    shown
}
