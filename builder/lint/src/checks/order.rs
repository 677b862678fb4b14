//! The order in which BuildKit comes upon warnings: walk by walk, in each by instruction.

use containr_dockerfile::Parsed;

use super::Warning;
use super::known;

/// Sorts warnings as BuildKit comes upon them.
pub(super) fn sort(warnings: &mut [Warning], parsed: &Parsed) {
    warnings.sort_by_cached_key(|one| {
        let (walk, rank) = known::walk(one.rule);
        let at = match one.rule {
            "MultipleInstructionsDisallowed" => found_at(parsed, one),
            _ => one.span.start,
        };
        (walk, at, port(one).to_owned(), rank)
    });
}

/// Returns the port that a remark on EXPOSE is about; BuildKit looks at them in the order of their texts.
fn port(warning: &Warning) -> &str {
    match warning.rule {
        "ExposeProtoCasing" | "ExposeInvalidFormat" => warning.detail.split('\'').nth(1).unwrap_or_default(),
        _ => "",
    }
}

/// Returns where BuildKit finds that an instruction stands twice: at the next one, though it tells of the first.
fn found_at(parsed: &Parsed, warning: &Warning) -> u32 {
    let at = warning.span.start;
    let stages = &parsed.syntax().stages;
    let Some(stage) = stages.iter().rfind(|stage| stage.span.start <= at) else { return at };
    let mut rest = stage.instructions.iter().skip_while(|one| one.span.start < at);
    let Some(first) = rest.next() else { return at };
    let same = |keyword: &str| keyword.eq_ignore_ascii_case(&first.keyword.value);
    rest.find(|one| same(&one.keyword.value)).map_or(at, |next| next.span.start)
}
