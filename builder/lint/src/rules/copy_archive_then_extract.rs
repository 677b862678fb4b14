//! `copy-archive-then-extract`.

use std::collections::BTreeSet;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Copy, Kind};

use super::edits::remove_command;
use super::shared::{bare, is_archive, sources};
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Script};

/// Wants ADD for archives that a RUN unpacks.
pub(super) const RULE: Rule = Rule {
    id: "copy-archive-then-extract",
    severity: Severity::Info,
    summary: "Wants ADD for archives that a RUN unpacks.",
    page: "ADD unpacks local archives itself; then the archive is not part of a layer.",
    aliases: &[hadolint("DL3010", "Use `ADD` for extracting archives into an image")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let last = context.parsed.syntax().stages.len().checked_sub(1);
    let mut copied: Vec<(&Step<'_>, &str)> = Vec::new();
    let mut told: BTreeSet<(Span, &str)> = BTreeSet::new();
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => copied.clear(),
            Kind::Copy(copy) if copy.from.is_none() => copied.extend(archives(copy).map(|name| (step, name))),
            Kind::Run(_) => {
                let commands = step.script().map(Script::list).unwrap_or_default();
                for (copy, name) in &copied {
                    let unpacked = commands.iter().find(|command| unpacks(command, name));
                    let Some(command) = unpacked else { continue };
                    if told.insert((copy.span, name)) {
                        let message = format!("ADD unpacks `{name}` by itself");
                        let finding =
                            Finding::new(copy.keyword(), message).maybe_fix(unpack(context, copy, step, command));
                        out.add(if step.stage == last { finding.hadolint(copy.span) } else { finding });
                    }
                }
            }
            _ => {}
        }
    }
}

/// Returns the names of archives as the stage will have them.
fn archives(copy: &Copy) -> impl Iterator<Item = &str> {
    let target = file_name(&copy.destination.value);
    let renamed = is_archive(bare(&copy.destination.value));
    let names =
        sources(&copy.sources).into_iter().filter(move |_| !renamed).map(file_name).filter(|name| is_archive(name));
    renamed.then_some(target).into_iter().chain(names)
}

fn file_name(path: &str) -> &str {
    bare(path).rsplit(['/', '\\']).next().unwrap_or_default()
}

fn unpacks(command: &Command, archive: &str) -> bool {
    const UNPACKERS: [&str; 9] = ["unzip", "gunzip", "bunzip2", "unlzma", "unxz", "zgz", "uncompress", "zcat", "gzcat"];
    let extract = |text: &str| matches!(text, "--extract" | "--get") || (text.starts_with('-') && text.contains('x'));
    let tar = command.is("tar") && command.args().iter().any(|word| extract(&word.text));
    let unpacker = tar || command.name().is_some_and(|name| UNPACKERS.contains(&name));
    unpacker && command.plain_args(&[]).iter().any(|word| file_name(&word.text) == archive)
}

/// Returns the fix that unpacks by ADD into the directory that tar is told, where tar is told nothing else.
fn unpack(context: &Context<'_>, copy: &Step<'_>, run: &Step<'_>, command: &Command) -> Option<Fix> {
    let Kind::Copy(Copy { sources, destination, .. }) = copy.kind() else { return None };
    let [_, options, _, flag, directory] = command.words.as_slice() else { return None };
    let plain = options.text.trim_start_matches('-').chars().all(|letter| "xzjJvf".contains(letter));
    let told = plain && matches!(flag.text.as_str(), "-C" | "--directory") && directory.literal;
    let simple = sources.len() == 1 && copy.instruction.flags.is_empty() && directory.text.starts_with('/');
    let removal = remove_command(context, run, run.script()?, command).filter(|_| told && simple)?;
    let target = format!("{}/", directory.text.trim_end_matches('/'));
    let mut edits = vec![Edit::replace(copy.keyword(), "ADD"), Edit::replace(destination.span, target)];
    edits.extend(removal.edits);
    Some(Fix::risky("unpack it by ADD", edits))
}
