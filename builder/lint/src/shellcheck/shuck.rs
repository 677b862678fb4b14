//! The linter shuck behind our port.

use std::sync::LazyLock;

use shuck_linter::{AnalysisRequest, Diagnostic, LinterSettings, RuleSet};
use shuck_parser::parser::Parser;

use super::codes::{self, ShellCode};
use super::dialect::ShellDialect;
use super::linter::{Remark, Repair, Script, ShellLinter};
use crate::rule::Severity;

/// Bounds what is handed over: a longer body is data that happens to stand in a script.
const MAX_BODY: usize = 64 * 1024;

/// Is shuck.
pub(super) struct Shuck;

impl ShellLinter for Shuck {
    fn lint(&self, script: &Script) -> Vec<Remark> {
        if script.text.len() - script.body > MAX_BODY {
            return Vec::new();
        }
        let shell = shell(script.dialect);
        let settings = &SETTINGS[shell as usize];
        let parsed = Parser::with_dialect(&script.text, shell.parser_dialect()).parse();
        let found = AnalysisRequest::from_parse_result(&parsed, &script.text, settings).lint();
        found.into_iter().filter_map(|one| remark(one, script)).collect()
    }
}

/// The settings for each of shuck's dialects.
static SETTINGS: LazyLock<Vec<LinterSettings>> = LazyLock::new(|| {
    use shuck_linter::ShellDialect as Theirs;
    let all = [Theirs::Unknown, Theirs::Sh, Theirs::Bash, Theirs::Dash, Theirs::Ksh];
    let rules: RuleSet = codes::all().iter().filter_map(|code| code.rule).collect();
    let settings = |shell: Theirs| {
        let mut settings = LinterSettings::for_rules(rules.iter()).with_shell(shell).with_resolve_source_closure(false);
        settings.report_environment_style_names = false;
        settings
    };
    all.into_iter().map(settings).collect()
});

fn shell(dialect: ShellDialect) -> shuck_linter::ShellDialect {
    match dialect {
        ShellDialect::Posix => shuck_linter::ShellDialect::Sh,
        ShellDialect::Dash | ShellDialect::BusyBox => shuck_linter::ShellDialect::Dash,
        ShellDialect::Bash => shuck_linter::ShellDialect::Bash,
        ShellDialect::Ksh => shuck_linter::ShellDialect::Ksh,
    }
}

fn remark(found: Diagnostic, script: &Script) -> Option<Remark> {
    let code = codes::of_rule(found.rule)?;
    if script.dialect == ShellDialect::BusyBox && BUSYBOX_KNOWS.contains(&code.number()) {
        return None;
    }
    let from = |offset: usize| offset.checked_sub(script.body);
    let (start, end) = (from(found.span.start.offset())?, from(found.span.end.offset())?);
    let fix = found.fix.as_ref().and_then(|fix| {
        let edits = fix.edits().iter().map(|edit| {
            let range = edit.range();
            Some((from(range.start().into())?..from(range.end().into())?, edit.content().to_owned()))
        });
        let title = found.fix_title.clone().unwrap_or_else(|| "repair it".to_owned());
        Some(Repair { title, edits: edits.collect::<Option<_>>()? })
    });
    Some(Remark { code, severity: severity(code, script.dialect), message: found.message, range: start..end, fix })
}

fn severity(code: &ShellCode, dialect: ShellDialect) -> Severity {
    // What POSIX leaves open is wrong where the very shell is known not to have it.
    match dialect {
        ShellDialect::Dash | ShellDialect::BusyBox if code.number() / 1000 == 3 => Severity::Error,
        _ => code.severity,
    }
}

/// What BusyBox's shell has although POSIX does not ask for it.
const BUSYBOX_KNOWS: &[u16] =
    &[3003, 3010, 3012, 3013, 3014, 3020, 3036, 3037, 3040, 3043, 3045, 3046, 3048, 3051, 3057, 3060, 3065, 3066, 3067];
