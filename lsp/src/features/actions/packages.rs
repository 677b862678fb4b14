//! Rewrites of commands that install packages: sorted names, cache mounts.

use std::ops::Range;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Instruction, MountKey};
use containr_lint::Edit;

use super::refactor::{Refactoring, Rewrite, Spot};
use super::runs::shell_at;
use super::shell::{Shell, Token, run_of};
use crate::reference::{Cache, caches};

/// Offers to sort the packages that the command at the cursor installs.
pub(super) fn sort(spot: &Spot<'_>) -> Option<Refactoring> {
    let (_, shell) = shell_at(spot)?;
    let mut edits = Vec::new();
    for command in shell.commands() {
        let names = packages(&shell, &command);
        let texts: Vec<String> = names.iter().map(|token| shell.text(token)).collect();
        let mut sorted = texts.clone();
        sorted.sort();
        let exact = names.iter().zip(&texts).all(|(token, text)| spot.parsed.text()[token.range.clone()] == *text);
        if sorted == texts || !exact || holds_comment(&shell, &names) {
            continue;
        }
        let changed = names.iter().zip(&texts).zip(sorted).filter(|((_, old), new)| **old != *new);
        edits.extend(changed.map(|((token, _), text)| Edit { span: span(&token.range), text }));
    }
    let title = "Sort the packages".to_owned();
    (!edits.is_empty()).then_some(Refactoring { title, rewrite: Rewrite::Rephrase, edits })
}

/// Tells whether a comment stands among words; it may speak of its neighbour, so that neither is moved.
fn holds_comment(shell: &Shell<'_>, words: &[&Token]) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return true };
    shell.comments.iter().any(|comment| first.range.start < comment.start && comment.start < last.range.end)
}

/// Returns the names that a command installs: the run of plain words behind its action.
fn packages<'a>(shell: &Shell<'_>, command: &[&'a Token]) -> Vec<&'a Token> {
    const INSTALLERS: [(&str, &str); 9] = [
        ("apt-get", "install"),
        ("apt", "install"),
        ("apk", "add"),
        ("dnf", "install"),
        ("microdnf", "install"),
        ("yum", "install"),
        ("zypper", "install"),
        ("npm", "install"),
        ("gem", "install"),
    ];
    let texts: Vec<String> = command.iter().map(|token| shell.text(token)).collect();
    let start = texts.iter().enumerate().find_map(|(index, text)| {
        let (_, action) = INSTALLERS.iter().find(|(program, _)| program == text)?;
        let found = texts[index..].iter().position(|text| text == action)?;
        Some(index + found + 1)
    });
    let Some(start) = start else { return Vec::new() };
    let plain = |text: &String| {
        text.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '@')
            && text.chars().all(|char| char.is_ascii_alphanumeric() || "@+-_.:/=~^*".contains(char))
    };
    // A switch with a value (`-t name`) would be torn apart, so that the names must stand in one run at the end.
    let last_switch = texts[start..].iter().rposition(|text| !plain(text));
    let from = start + last_switch.map_or(0, |index| index + 1);
    let takes_value =
        from > start && matches!(texts[from - 1].as_str(), "-t" | "-o" | "-c" | "--virtual" | "--repository");
    let from = from + usize::from(takes_value);
    command.get(from..).unwrap_or_default().to_vec()
}

/// Offers cache mounts for the programs that a RUN uses.
pub(super) fn cache_mounts(spot: &Spot<'_>) -> Option<Refactoring> {
    let (instruction, shell) = shell_at(spot)?;
    let mounted = mounted(instruction);
    let mut programs: Vec<&str> = Vec::new();
    let mut targets: Vec<(&str, bool)> = Vec::new();
    let mut edits = Vec::new();
    for command in shell.commands() {
        let Some(cache) = cache_of(&shell, &command) else { continue };
        let wanted = cache.targets.iter().filter(|target| !mounted.iter().any(|one| one == *target));
        let fresh: Vec<&str> = wanted.copied().filter(|target| targets.iter().all(|(one, _)| one != target)).collect();
        if !fresh.is_empty() && !programs.contains(&cache.programs[0]) {
            programs.push(cache.programs[0]);
        }
        targets.extend(fresh.into_iter().map(|target| (target, cache.locked)));
        edits.extend(switches(spot, &shell, &command, cache));
    }
    if targets.is_empty() {
        return None;
    }
    let mounts: Vec<String> = targets.iter().map(|(target, locked)| mount(target, *locked)).collect();
    let at = instruction.flags.last().map_or(instruction.keyword.span.end, |flag| flag.span.end);
    let glue = format!(" \\{}    ", spot.eol());
    let text = match mounts.as_slice() {
        [one] => format!(" {one}"),
        many => format!(" {}", many.join(&glue)),
    };
    edits.insert(0, Edit { span: Span::new(at, at), text });
    let title = format!("Add a cache mount for {}", programs.join(", "));
    Some(Refactoring { title, rewrite: Rewrite::Rephrase, edits })
}

fn mount(target: &str, locked: bool) -> String {
    let sharing = if locked { ",sharing=locked" } else { "" };
    format!("--mount=type=cache,target={target}{sharing}")
}

fn mounted(instruction: &Instruction) -> Vec<String> {
    let mounts = run_of(instruction).map(|run| run.mounts.as_slice()).unwrap_or_default();
    let target = |option: &containr_dockerfile::syntax::MountOption| option.key == MountKey::Target;
    let values = mounts.iter().filter_map(|mount| mount.options.iter().find(|one| target(one))?.value.clone());
    values.map(|value| value.trim_end_matches('/').to_owned()).collect()
}

fn cache_of(shell: &Shell<'_>, command: &[&Token]) -> Option<&'static Cache> {
    let texts: Vec<String> = command.iter().map(|token| shell.text(token)).collect();
    let name = |text: &String| text.rsplit('/').next().unwrap_or_default().to_owned();
    let head = texts.iter().position(|text| !text.contains('=') && text != "sudo")?;
    let (program, args) = (name(&texts[head]), &texts[head + 1..]);
    // `python -m pip` is pip.
    let (program, args) = match args {
        [module, pip, rest @ ..] if program.starts_with("python") && module == "-m" => (pip.clone(), rest),
        _ => (program, args),
    };
    let fits = |cache: &&Cache| {
        let action = cache.actions.is_empty() || args.iter().any(|arg| cache.actions.contains(&arg.as_str()));
        cache.programs.contains(&program.as_str()) && action
    };
    caches().iter().find(fits)
}

/// Returns the edits that take out switches which turn a cache off.
fn switches(spot: &Spot<'_>, shell: &Shell<'_>, command: &[&Token], cache: &Cache) -> Vec<Edit> {
    let pairs = command.windows(2).filter(|pair| cache.switches.contains(&shell.text(pair[1]).as_str()));
    let gaps = pairs.map(|pair| (pair[0].range.end, pair[1].range.end));
    // A gap with a line break belongs to the layout of the command.
    let plain = |start: usize, end: usize| !spot.parsed.text()[start..end].contains('\n');
    gaps.filter(|(start, end)| plain(*start, *end))
        .map(|(start, end)| Edit { span: crate::cursor::span(start, end), text: String::new() })
        .collect()
}

fn span(range: &Range<usize>) -> Span {
    crate::cursor::span(range.start, range.end)
}
