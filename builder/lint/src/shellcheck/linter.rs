//! The port to a linter of shell scripts.

use std::ops::Range;

use super::codes::ShellCode;
use super::dialect::ShellDialect;
use crate::rule::Severity;

/// Judges shell scripts.
pub(super) trait ShellLinter {
    /// Returns what is to be said of a script's body, in any order.
    fn lint(&self, script: &Script) -> Vec<Remark>;
}

/// Is a script: a line that names its shell, a line that sets its environment, and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) text: String,
    /// Where the body begins.
    pub(super) body: usize,
    pub(super) dialect: ShellDialect,
}

impl Script {
    /// Makes a script that finds variables of these names in its environment.
    pub(super) fn new(dialect: ShellDialect, environment: &[&str], body: &str) -> Self {
        let shell = match dialect {
            ShellDialect::Posix => "/bin/sh",
            ShellDialect::Dash => "/bin/dash",
            ShellDialect::BusyBox => "/bin/busybox sh",
            ShellDialect::Bash => "/bin/bash",
            ShellDialect::Ksh => "/bin/ksh",
        };
        let mut text = format!("#!{shell}\n");
        for name in environment {
            // As with hadolint the value is one that needs no quotes.
            text.push_str("export ");
            text.push_str(name);
            text.push_str("=1\n");
        }
        let start = text.len();
        text.push_str(body);
        Self { text, body: start, dialect }
    }
}

/// Is something to be said of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) code: &'static ShellCode,
    pub(super) severity: Severity,
    pub(super) message: String,
    /// The place in the body, in bytes.
    pub(super) range: Range<usize>,
    pub(super) fix: Option<Repair>,
}

/// Is a way to repair a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repair {
    pub(super) title: String,
    /// What is replaced, in bytes of the body, and by what.
    pub(super) edits: Vec<(Range<usize>, String)>,
}
