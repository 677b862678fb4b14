//! Puts the table into `docs/benchmarks.md`, between two marks; what people wrote around it stays.

use std::path::{Path, PathBuf};

use super::table::Medians;
use super::version;
use crate::command::{command, output};
use crate::console::say;
use crate::failure::{Context as _, Outcome};
use crate::{peers, workspace};

const PAGE: &str = "docs/benchmarks.md";
/// The part of the page with the builders' table.
const BUILDERS: &str = "measured";
const NEW_PAGE: &str = "# Benchmarks\n\nMedians of interleaved runs on one machine; the ratio to the peer in the same run counts, since machines differ.\n\
    `cargo xtask bench` measures anew.\n\n<!-- measured: begin -->\n<!-- measured: end -->\n";

/// Writes the table of the given results into the page.
///
/// # Errors
/// The results cannot be read, or the page cannot be written.
pub(super) fn write(results: &[PathBuf]) -> Outcome {
    let table = table(results)?;
    replace_part(BUILDERS, &format!("{}\n\n{table}", surroundings()))?;
    say(&table);
    Ok(())
}

/// Gives a part of the page, between its two marks, another text.
///
/// # Errors
/// The page cannot be written.
pub(super) fn replace_part(name: &str, text: &str) -> Outcome {
    let path = workspace::root().join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap_or_else(|_| NEW_PAGE.to_owned());
    let part = path.with_extension("md.part");
    std::fs::write(&part, replaced(&page, name, text))
        .and_then(|()| std::fs::rename(&part, &path))
        .context(|| format!("cannot write {PAGE}"))
}

/// Shows the table of the given results.
///
/// # Errors
/// The results cannot be read.
pub(super) fn tell(results: &[PathBuf]) -> Outcome {
    table(results).map(say)
}

fn table(results: &[PathBuf]) -> Outcome<String> {
    let mut lines = String::new();
    for file in results {
        lines.push_str(&std::fs::read_to_string(file).context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(Medians::read(&lines)?.table())
}

/// Returns the page with new text between its marks; a page without marks gets them at its end.
fn replaced(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- {name}: begin -->"), format!("<!-- {name}: end -->"));
    match page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1))) {
        Some((before, after)) => format!("{before}{begin}\n{text}{end}{after}"),
        None => format!("{page}\n{begin}\n{text}{end}\n"),
    }
}

/// What the figures depend on: kernel, processors, the commit and the peers' versions.
pub(super) fn surroundings() -> String {
    let say_of = |program: &str, args: &[&str]| {
        output(command(program, args).current_dir(workspace::root())).unwrap_or_default().trim().to_owned()
    };
    let buildkit =
        peers::path("buildkitd").map_or_else(|| "no BuildKit".to_owned(), |path| version(&path, "--version"));
    [
        format!(
            "Commit {}, Linux {}, {} processors.",
            say_of("git", &["rev-parse", "--short", "HEAD"]),
            say_of("uname", &["-r"]),
            say_of("nproc", &[])
        ),
        format!(
            "{buildkit}; {}; {}.",
            version(Path::new("buildah"), "--version"),
            version(Path::new("crun"), "--version")
        ),
    ]
    .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marked_part_changes() {
        let page = replaced("before\n", "x", "old\n");
        let new = replaced(&format!("{page}after\n"), "x", "new\n");
        assert_eq!(new, "before\n\n<!-- x: begin -->\nnew\n<!-- x: end -->\nafter\n");
    }
}
