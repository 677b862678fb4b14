//! What several rules do alike: walking over commands, words and variables.

use containr_dockerfile::syntax::{Add, Copy, Instruction, Kind, Source};
use containr_dockerfile::{Span, Spanned};

use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings};
use crate::shell::{Command, Script, Word};
use crate::shellcheck::dialect::is_busybox;

/// Judges every command of every RUN; hadolint tells one finding of each RUN.
pub(super) fn each_command(
    context: &Context<'_>,
    out: &mut Findings<'_>,
    judge: impl Fn(&Step<'_>, &Script, &Command) -> Option<Finding>,
) {
    for (step, script) in context.scripts() {
        let found = script.list().iter().filter_map(|command| judge(step, script, command));
        for (index, finding) in found.enumerate() {
            out.add(if index == 0 { finding.hadolint(step.span) } else { finding });
        }
    }
}

/// Tells whether the tools where an instruction stands are BusyBox's, as far as the image at the root of its stage says.
pub(super) fn has_busybox(context: &Context<'_>, step: &Step<'_>) -> bool {
    let stages = context.stages();
    let parent = |stage: &usize| stages.parents.get(*stage).copied().flatten();
    let Some(root) = std::iter::successors(step.stage, parent).last() else { return false };
    let Some(stage) = context.parsed.syntax().stages.get(root) else { return false };
    stages.expand_global(&stage.base.value).is_ok_and(|base| is_busybox(&base.text.to_lowercase()))
}

/// Tells of words of commands; hadolint tells one finding of each RUN.
pub(super) fn each_word(
    context: &Context<'_>,
    out: &mut Findings<'_>,
    pick: for<'c> fn(&Step<'_>, &'c Command) -> Vec<&'c Word>,
    message: impl Fn(&Word) -> String,
) {
    for (step, script) in context.scripts() {
        let words = script.list().iter().flat_map(|command| pick(step, command));
        for (index, word) in words.enumerate() {
            let finding = Finding::new(script.word(word), message(word));
            out.add(if index == 0 { finding.hadolint(step.span) } else { finding });
        }
    }
}

/// Returns the first command that installs, where none that cleans comes after it.
pub(super) fn clean_missing(
    script: &Script,
    installs: impl Fn(&Command) -> bool,
    cleans: impl Fn(&Command) -> bool,
) -> Option<&Command> {
    let first = script.list().iter().position(installs)?;
    let clean = script.list().iter().position(cleans);
    clean.is_none_or(|clean| clean <= first).then(|| &script.list()[first])
}

/// Tells whether a command installs packages with pip.
pub(super) fn is_pip_install(command: &Command) -> bool {
    let name = command.name().unwrap_or_default();
    let plain = name.starts_with("pip") && !name.starts_with("pipenv") && command.has_arg("install");
    plain || (name.starts_with("python") && command.has_run(&["-m", "pip", "install"]))
}

/// Returns a text without quotes around it.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

/// Returns the sources of a copy; a heredoc's is its word.
pub(super) fn sources(all: &[Source]) -> Vec<&str> {
    all.iter()
        .map(|source| match source {
            Source::Path(path) => path.value.as_str(),
            Source::Heredoc(heredoc) => heredoc.name.value.as_str(),
        })
        .collect()
}

/// Tells whether a name is that of an archive that ADD unpacks.
pub(super) fn is_archive(path: &str) -> bool {
    const ENDS: [&str; 15] = [
        ".tar", ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz", ".txz",
        ".xz",
    ];
    ENDS.iter().any(|end| path.ends_with(end))
}

/// Tells whether a source is fetched from the web.
pub(super) fn is_url(path: &str) -> bool {
    path.starts_with("https://") || path.starts_with("http://")
}

/// Visits every word of an instruction in which BuildKit expands variables and minds those that are unknown.
pub(super) fn each_variable<'a>(instruction: &'a Instruction, mut visit: impl FnMut(&'a str, Span)) {
    match &instruction.kind {
        Kind::Env(pairs) | Kind::Label(pairs) => {
            for pair in pairs {
                visit(&pair.name.value, pair.name.span);
                visit(&pair.value.value, pair.value.span);
            }
        }
        Kind::Arg(arguments) => {
            let defaults = arguments.iter().filter_map(|argument| argument.default.as_ref());
            defaults.for_each(|default| visit(&default.value, default.span));
        }
        Kind::Workdir(word) | Kind::User(word) | Kind::StopSignal(word) => visit(&word.value, word.span),
        Kind::Volume(words) => words.iter().for_each(|word| visit(&word.value, word.span)),
        Kind::Copy(Copy { sources, destination, chown, chmod, .. }) => {
            [chown, chmod].into_iter().flatten().for_each(|word| visit(&word.value, word.span));
            each_path(sources, destination, visit);
        }
        Kind::Add(Add { sources, destination, chown, chmod, checksum, .. }) => {
            [chown, chmod, checksum].into_iter().flatten().for_each(|word| visit(&word.value, word.span));
            each_path(sources, destination, visit);
        }
        Kind::Run(run) => {
            for option in run.mounts.iter().flat_map(|mount| &mount.options) {
                option.value.as_deref().into_iter().for_each(|value| visit(value, option.text.span));
            }
        }
        _ => {}
    }
}

fn each_path<'a>(sources: &'a [Source], destination: &'a Spanned<String>, mut visit: impl FnMut(&'a str, Span)) {
    for source in sources {
        if let Source::Path(path) = source {
            visit(&path.value, path.span);
        }
    }
    visit(&destination.value, destination.span);
}
