//! Shapes that several rules have in common: an option, a variable or a command that must not be there, an instruction
//! that counts once.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{ArgDeclaration, Instruction, Kind, Pair};

use super::edits::{drop_argument, drop_instruction, remove_command, remove_words};
use super::shared::{bare, each_command};
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::shell::{Command, Script, Word};

/// Minds an option of some tools that gives up a protection, and removes it.
pub(super) fn forbid_option(context: &Context<'_>, out: &mut Findings<'_>, tools: &[&str], is_off: fn(&Word) -> bool) {
    each_command(context, out, |_, script, command| {
        command.name().filter(|name| tools.contains(name))?;
        let word = command.args().iter().find(|word| is_off(word))?;
        let edit = remove_words(context, script, word, word);
        let fix = edit.filter(|_| word.text.starts_with("--")).map(|edit| Fix::risky("remove the option", vec![edit]));
        Some(Finding::new(script.word(word), "the option gives up a protection").maybe_fix(fix))
    });
}

/// Minds a command that brings the whole system up to date, and removes it.
pub(super) fn forbid_upgrade(context: &Context<'_>, out: &mut Findings<'_>, tools: &[&str], actions: &[&str]) {
    each_command(context, out, |step, script, command| {
        // With packages named it is these that are wanted.
        let all = command.runs(tools, actions) && command.plain_args(&[]).len() == 1;
        let message = "the whole system is upgraded, to what depends on the day";
        all.then(|| removable(context, step, script, command, message))
    });
}

/// Returns a finding of a whole command, with the fix that removes it.
pub(super) fn removable(
    context: &Context<'_>,
    step: &Step<'_>,
    script: &Script,
    command: &Command,
    message: impl Into<std::borrow::Cow<'static, str>>,
) -> Finding {
    Finding::new(script.command(command), message).maybe_fix(remove_command(context, step, script, command))
}

/// Minds a variable of ENV or ARG whose value switches a check off, and removes it.
pub(super) fn forbid_variable(
    context: &Context<'_>,
    out: &mut Findings<'_>,
    name: &str,
    is_off: impl Fn(&str) -> bool,
    message: &'static str,
) {
    for step in &context.steps {
        let all = variables(step.instruction);
        for (_, _, span) in
            all.iter().filter(|(other, value, _)| other.eq_ignore_ascii_case(name) && is_off(bare(value)))
        {
            out.add(Finding::new(*span, message).maybe_fix(remove_variable(context, step, *span)));
        }
    }
}

/// Returns the fix that removes a variable from ENV or ARG.
pub(super) fn remove_variable(context: &Context<'_>, step: &Step<'_>, span: Span) -> Option<Fix> {
    let count = match step.kind() {
        Kind::Env(pairs) => pairs.len(),
        Kind::Arg(arguments) => arguments.len(),
        _ => return None,
    };
    Some(Fix::risky("remove the variable", vec![drop_argument(context, step, span, count)?]))
}

/// Returns the variables that ENV and ARG set: name, value and the place of both.
fn variables(instruction: &Instruction) -> Vec<(&str, &str, Span)> {
    let pair = |pair: &'_ Pair| Span::new(pair.name.span.start, pair.value.span.end);
    match &instruction.kind {
        Kind::Env(pairs) => {
            pairs.iter().map(|one| (one.name.value.as_str(), one.value.value.as_str(), pair(one))).collect()
        }
        Kind::Arg(arguments) => arguments.iter().filter_map(argument).collect(),
        _ => Vec::new(),
    }
}

fn argument(argument: &ArgDeclaration) -> Option<(&str, &str, Span)> {
    let default = argument.default.as_ref()?;
    let span = Span::new(argument.name.span.start, default.span.end);
    Some((argument.name.value.as_str(), default.value.as_str(), span))
}

/// Minds every instruction of a kind that a later one of its stage replaces, and removes it.
pub(super) fn only_last(context: &Context<'_>, out: &mut Findings<'_>, is_kind: fn(&Kind) -> bool, name: &str) {
    let mut last: Option<&Step<'_>> = None;
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => last = None,
            kind if is_kind(kind) => {
                if let Some(before) = last.replace(step) {
                    out.add(replaced(context, before, step, name));
                }
            }
            _ => {}
        }
    }
}

fn replaced(context: &Context<'_>, before: &Step<'_>, step: &Step<'_>, name: &str) -> Finding {
    let keyword = &step.instruction.keyword.value;
    let remark = format!(
        "Multiple {keyword} instructions should not be used in the same stage because only the last one will be used"
    );
    let fix = Fix::risky("remove the instruction that has no effect", vec![drop_instruction(context, before)]);
    Finding::new(before.keyword(), format!("a later {name} of the stage replaces this one"))
        .hadolint(step.span)
        .buildkit(before.span, remark)
        .fix(fix)
}

/// Returns the fix that takes a letter out of a cluster of options, or the whole word where it is alone.
pub(super) fn remove_letter(context: &Context<'_>, script: &Script, word: &Word, letter: char) -> Option<Fix> {
    let edit = if word.text.chars().count() == 2 {
        remove_words(context, script, word, word)?
    } else {
        let place = script.exact(word.start, word.end)?;
        let rest: String = word.text.chars().filter(|char| *char != letter).collect();
        Edit::replace(place, rest)
    };
    Some(Fix::risky("remove the option", vec![edit]))
}
