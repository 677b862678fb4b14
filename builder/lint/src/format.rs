//! Writes diagnostics the ways tools read them: hadolint's ten formats byte for byte, and our own.

mod checkstyle;
mod codeclimate;
mod github;
mod json;
mod junit;
mod lines;
mod sarif;
mod sonarqube;
mod xml;

use std::fmt;
use std::str::FromStr;

use containr_dockerfile::{Parsed, Span};

use crate::config::Dialect;
use crate::diagnostic::{Diagnostic, Fix};
use crate::rule::Severity;

/// Names a form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A line for each remark, for people.
    Tty,
    /// An array of objects.
    Json,
    /// Checkstyle's XML.
    Checkstyle,
    /// Code Climate's objects, each ended by a zero byte.
    Codeclimate,
    /// GitLab's code quality report: Code Climate's objects with fingerprints.
    GitlabCodeclimate,
    /// Lines as the GNU standards want them.
    Gnu,
    /// Codacy's objects.
    Codacy,
    /// SonarQube's generic issues.
    SonarQube,
    /// SARIF 2.1.0; with fixes in our own dialect.
    Sarif,
    /// JUnit's XML.
    JUnit,
    /// Annotations of GitHub's actions.
    Github,
}

impl Format {
    /// Lists every format.
    pub const ALL: [Self; 11] = [
        Self::Tty,
        Self::Json,
        Self::Checkstyle,
        Self::Codeclimate,
        Self::GitlabCodeclimate,
        Self::Gnu,
        Self::Codacy,
        Self::SonarQube,
        Self::Sarif,
        Self::JUnit,
        Self::Github,
    ];

    /// Returns the name that people type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tty => "tty",
            Self::Json => "json",
            Self::Checkstyle => "checkstyle",
            Self::Codeclimate => "codeclimate",
            Self::GitlabCodeclimate => "gitlab_codeclimate",
            Self::Gnu => "gnu",
            Self::Codacy => "codacy",
            Self::SonarQube => "sonarqube",
            Self::Sarif => "sarif",
            Self::JUnit => "junit",
            Self::Github => "github",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Says that a word names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown output format `{0}`")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// Says whether lines for people have colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colors {
    /// They have.
    Ansi,
    /// They have none.
    #[default]
    Plain,
}

/// What the formats need besides the remarks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// In whose name the report is made.
    pub dialect: Dialect,
    /// Whether lines have colours.
    pub colors: Colors,
    /// The path that some formats tell in place of the file's.
    pub path_in_report: Option<&'a str>,
    /// The time of the run in seconds since 1970, which JUnit tells.
    pub now: u64,
}

/// Are the remarks on one file.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file as it was named.
    pub name: String,
    remarks: Vec<Remark>,
}

/// Is a remark with its lines and columns, counted from 1.
#[derive(Clone, Debug)]
struct Remark {
    start: (u32, u32),
    end: (u32, u32),
    severity: Severity,
    code: &'static str,
    message: String,
    fixes: Vec<LocatedFix>,
    /// The text of the line, where the whole file could not be read.
    unread: Option<String>,
}

/// Is a fix with lines and columns.
#[derive(Clone, Debug)]
struct LocatedFix {
    fix: Fix,
    places: Vec<((u32, u32), (u32, u32))>,
}

impl Report {
    /// Gives remarks their lines and columns; in hadolint's dialect every column is 1.
    pub fn new(name: impl Into<String>, parsed: &Parsed, diagnostics: &[Diagnostic], dialect: Dialect) -> Self {
        let remarks = diagnostics.iter().map(|one| Remark::new(parsed, one, dialect)).collect();
        Self { name: name.into(), remarks }
    }

    /// Tells whether a remark is as bad as `threshold` or worse; a file that could not be read always is.
    pub fn fails(&self, threshold: Severity) -> bool {
        self.remarks.iter().any(|one| one.unread.is_some() || one.severity <= threshold)
    }
}

impl Remark {
    fn new(parsed: &Parsed, diagnostic: &Diagnostic, dialect: Dialect) -> Self {
        let position = |offset: u32| (parsed.lines().line(offset), parsed.lines().column(offset));
        let place = |span: Span| (position(span.start), position(span.end));
        let (mut start, mut end) = place(diagnostic.span);
        let unread = (diagnostic.code == "DL1000").then(|| {
            let text = parsed.text().lines().nth(start.0 as usize - 1);
            text.unwrap_or_default().to_owned()
        });
        if dialect == Dialect::Hadolint {
            start.1 = if unread.is_some() { start.1 } else { 1 };
            end = start;
        }
        let fixes = diagnostic.fixes.iter().map(|fix| LocatedFix {
            places: fix.edits.iter().map(|edit| place(edit.span)).collect(),
            fix: fix.clone(),
        });
        Self {
            start,
            end,
            severity: diagnostic.severity,
            code: diagnostic.code,
            message: diagnostic.message.to_string(),
            fixes: if dialect == Dialect::Containr { fixes.collect() } else { Vec::new() },
            unread,
        }
    }

    /// Returns the message, for a file that could not be read with the line in question below it.
    fn long_message(&self, name: &str) -> String {
        let Some(text) = &self.unread else { return self.message.clone() };
        let (line, column) = self.start;
        let margin = " ".repeat(line.to_string().len());
        let blanks = " ".repeat(column as usize - 1);
        format!("{name}:{line}:{column}:\n{margin} |\n{line} | {text}\n{margin} | {blanks}^\n{}\n", self.message)
    }
}

/// Writes reports in a format.
pub fn render(format: Format, reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    match format {
        Format::Tty => lines::tty(reports, options),
        Format::Gnu => lines::gnu(reports, options),
        Format::Json => json::render(reports, options),
        Format::Codacy => json::codacy(reports),
        Format::Checkstyle => checkstyle::render(reports, options),
        Format::Codeclimate => codeclimate::stream(reports, options),
        Format::GitlabCodeclimate => codeclimate::array(reports, options),
        Format::SonarQube => sonarqube::render(reports, options),
        Format::Sarif => sarif::render(reports, options),
        Format::JUnit => junit::render(reports, options),
        Format::Github => github::render(reports),
    }
}
