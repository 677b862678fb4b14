//! Lines for people and for editors that read compilers' output.

use std::fmt::Write as _;

use super::{Colors, Options, Remark, Report};
use crate::config::Dialect;
use crate::rule::Severity;

/// Writes `FILE:LINE CODE SEVERITY: MESSAGE`; in our own dialect with the column.
pub(super) fn tty(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let mut out = String::new();
    for (report, one) in pairs(reports) {
        let (line, column) = one.start;
        let severity = match options.colors {
            Colors::Ansi => colored(one.severity),
            Colors::Plain => one.severity.name().to_owned(),
        };
        let _ = match (options.dialect, &one.unread) {
            (_, Some(_)) => writeln!(out, "{}:{line}:{column} {} ", report.name, one.message),
            (Dialect::Hadolint, None) => {
                writeln!(out, "{}:{line} {} {severity}: {}", report.name, one.code, one.message)
            }
            _ => writeln!(out, "{}:{line}:{column} {} {severity}: {}", report.name, one.code, one.message),
        };
    }
    out.into_bytes()
}

/// Writes `PROGRAM:FILE:LINE: CODE SEVERITY: MESSAGE`.
pub(super) fn gnu(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let program = if options.dialect == Dialect::Hadolint { "hadolint" } else { "containr" };
    let mut out = String::new();
    for (report, one) in pairs(reports) {
        let (line, column) = one.start;
        let _ = match (options.dialect, &one.unread) {
            (_, Some(_)) => writeln!(out, "{program}:{}:{line}:{column}: {} ", report.name, one.message),
            (Dialect::Hadolint, None) => {
                writeln!(out, "{program}:{}:{line}: {} {}: {}", report.name, one.code, one.severity, one.message)
            }
            _ => writeln!(
                out,
                "{program}:{}:{line}.{column}: {} {}: {}",
                report.name, one.code, one.severity, one.message
            ),
        };
    }
    out.into_bytes()
}

fn pairs(reports: &[Report]) -> impl Iterator<Item = (&Report, &Remark)> {
    reports.iter().flat_map(|report| report.remarks.iter().map(move |one| (report, one)))
}

fn colored(severity: Severity) -> String {
    let start = match severity {
        Severity::Error => "\x1b[1m\x1b[91m",
        Severity::Warning => "\x1b[1m\x1b[93m",
        Severity::Info => "\x1b[92m",
        Severity::Style => "\x1b[96m",
        Severity::Off => return severity.name().to_owned(),
    };
    format!("{start}{}\x1b[0m", severity.name())
}
