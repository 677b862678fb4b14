//! The linter shuck behind our port.

use std::sync::LazyLock;

use shuck_linter::{AnalysisRequest, Diagnostic, LinterSettings, RuleSet};
use shuck_parser::parser::{ParseResult, Parser};

use super::codes::{self, ShellCode};
use super::dialect::ShellDialect;
use super::linter::{Remark, Repair, Script, ShellLinter};
use super::{directive, errexit, grammar, supplement, variables};
use crate::rule::Severity;
use crate::shell::{self, Command};

/// Bounds what is handed over: a longer body is data that happens to stand in a script.
const MAX_BODY: usize = 64 * 1024;

/// Is shuck.
pub(super) struct Shuck;

impl ShellLinter for Shuck {
    fn lint(&self, script: &Script) -> Vec<Remark> {
        if script.text.len() - script.body > MAX_BODY {
            return Vec::new();
        }
        if let Some(at) = script.text[script.body..].find('\r') {
            return without_carriage_returns(self, script, at);
        }
        let body = &script.text[script.body..];
        let judged = grammar::judge(body);
        let mut remarks = match judged.readable {
            Some(length) if length < body.len() => self.of_meaning(
                &Script { text: script.text[..script.body + length].to_owned(), ..*script },
                judged.certain,
            ),
            Some(_) => self.of_meaning(script, judged.certain),
            None => Vec::new(),
        };
        remarks.extend(judged.remarks);
        let directives: Vec<&str> = body.lines().filter(|line| line.contains("shellcheck")).map(str::trim).collect();
        remarks.retain(|one| !directives.iter().any(|line| directive::disables(line, one.code.id)));
        remarks
    }
}

impl Shuck {
    /// Judges a script that ShellCheck could read, where that is certain.
    fn of_meaning(&self, script: &Script, certain: bool) -> Vec<Remark> {
        let shell = shell(script.dialect);
        let settings = &SETTINGS[shell as usize];
        let parsed = Parser::with_dialect(&script.text, shell.parser_dialect()).parse();
        let found = AnalysisRequest::from_parse_result(&parsed, &script.text, settings).lint();
        let mut remarks: Vec<Remark> = found.into_iter().filter_map(|one| remark(one, script)).collect();
        if parsed.is_err() && !certain {
            return unreadable(remarks, &parsed, script);
        }
        remarks.extend(supplement(&parsed, script));
        remarks
    }
}

/// Says at the first carriage return what the shell makes of it, and judges the rest as if there were blanks.
fn without_carriage_returns(linter: &Shuck, script: &Script, first: usize) -> Vec<Remark> {
    let message =
        "the shell takes this carriage return for a part of the word; save the file with the line ends of Linux";
    let mut remarks = vec![supplement::remark("SC1017", message, first..first + 1)];
    remarks.extend(linter.lint(&Script { text: script.text.replace('\r', " "), ..*script }));
    remarks
}

/// Says what is wrong with a script that cannot be read, and nothing else, as ShellCheck does.
fn unreadable(mut remarks: Vec<Remark>, parsed: &ParseResult, script: &Script) -> Vec<Remark> {
    remarks.retain(|one| one.code.number() < 2000);
    // Where a script ends too early nobody knows what was meant, and a guess can be wrong again.
    remarks.iter_mut().for_each(|one| one.fix = None);
    if remarks.iter().all(|one| one.severity != Severity::Error) {
        let error = parsed.strict_error();
        let shuck_parser::Error::Parse { message, line, column } = error;
        let start = offset(&script.text, line, column).max(script.body) - script.body;
        let length = script.text[script.body + start..].chars().next().map_or(0, char::len_utf8);
        let message = format!("the shell cannot read this: {message}");
        remarks.push(supplement::remark("SC1072", message, start..start + length));
    }
    remarks
}

/// Returns the offset of a line and a column, both counted from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = &text[start..];
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(index, _)| index)
}

/// Returns what the linter does not know of.
fn supplement(parsed: &ParseResult, script: &Script) -> Vec<Remark> {
    let body = &script.text[script.body..];
    let commands = shell::read(body);
    let mut remarks = supplement::remarks(body, &commands);
    if commands.list.iter().any(ends_on_failure) {
        let message = "this `!` keeps a failure from ending the script; use `&& exit 1` or look at the outcome";
        let bangs = errexit::useless_bangs(&parsed.file).into_iter();
        let bangs = bangs.filter_map(|at| Some(at.start.checked_sub(script.body)?..at.end.checked_sub(script.body)?));
        remarks.extend(bangs.map(|at| supplement::remark("SC2251", message, at)));
    }
    if matches!(script.dialect, ShellDialect::Posix | ShellDialect::Dash) {
        let of_bash = variables::of_bash(&script.text, script.body).into_iter();
        remarks.extend(of_bash.map(|one| {
            let told = supplement::remark("SC3028", format!("`{}` is a variable of Bash", one.name), one.range);
            Remark { severity: severity(told.code, script.dialect), ..told }
        }));
    }
    remarks
}

fn ends_on_failure(command: &Command) -> bool {
    command.is("set") && (command.has_flag(&["e"]) || command.has_arg("errexit"))
}

/// The settings for each of shuck's dialects.
static SETTINGS: LazyLock<Vec<LinterSettings>> = LazyLock::new(|| {
    use shuck_linter::ShellDialect as Theirs;
    let all = [Theirs::Unknown, Theirs::Sh, Theirs::Bash, Theirs::Dash, Theirs::Ksh];
    let rules: RuleSet = codes::all().iter().filter_map(ShellCode::rule).collect();
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
