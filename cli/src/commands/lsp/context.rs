//! The build context of a Dockerfile that is edited, as far as it can be told without a build.

use std::fs;
use std::path::{Path, PathBuf};

use containr_dockerfile::ignore::{IgnoreRules, Verdict};
use containr_lsp::ports::{Answer, Context, Entry, EntryKind};

use super::blocking;

/// Reads the file system.
pub(super) struct Directories;

/// The number of entries of a directory that are looked at.
const MOST_ENTRIES: usize = 10_000;

/// The number of directories above a Dockerfile that may be the context's root.
const MOST_LEVELS: usize = 8;

/// Files that only the root of a context holds.
const MARKS: [&str; 2] = [".dockerignore", ".containerignore"];

impl Context for Directories {
    fn list<'a>(&'a self, file: &'a Path, directory: &'a str) -> Answer<'a, Vec<Entry>> {
        let (file, directory) = (file.to_owned(), directory.to_owned());
        Box::pin(blocking(move || entries(&file, &directory).unwrap_or_default()))
    }
}

/// Returns the root of the context that a Dockerfile is most likely built with.
///
/// That is the nearest directory at or above it with an ignore file, else the Dockerfile's own.
pub(super) fn root(file: &Path) -> Option<PathBuf> {
    let own = file.parent()?;
    let marked = own.ancestors().take(MOST_LEVELS).find(|folder| MARKS.iter().any(|mark| folder.join(mark).is_file()));
    Some(marked.unwrap_or(own).to_owned())
}

/// Returns the ignore rules of a context: the Dockerfile's own before those of the root.
pub(super) fn rules(file: &Path, root: &Path) -> IgnoreRules {
    let mut own = file.as_os_str().to_owned();
    own.push(".dockerignore");
    let places = std::iter::once(PathBuf::from(own)).chain(MARKS.map(|mark| root.join(mark)));
    let text = places.into_iter().find_map(|place| fs::read(place).ok());
    // Rules that cannot be read leave nothing out, so that the list rather shows too much.
    text.and_then(|text| IgnoreRules::parse(&text).ok()).unwrap_or_default()
}

fn entries(file: &Path, directory: &str) -> Option<Vec<Entry>> {
    let root = root(file)?.canonicalize().ok()?;
    let folder = root.join(directory).canonicalize().ok()?;
    // A link may lead out of the context, where a build does not follow.
    if !folder.starts_with(&root) {
        return None;
    }
    let rules = rules(file, &root);
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).ok()?.take(MOST_ENTRIES).flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = if directory.is_empty() { name.clone() } else { format!("{directory}/{name}") };
        let hidden = rules.verdict(path.as_bytes()) == Verdict::Ignored;
        if !hidden || (is_directory && rules.may_contain_included(path.as_bytes())) {
            found.push(Entry { name, kind: if is_directory { EntryKind::Directory } else { EntryKind::File } });
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &Path, directory: &str) -> Option<Vec<String>> {
        Some(entries(file, directory)?.into_iter().map(|entry| entry.name).collect())
    }

    #[test]
    fn lists_what_the_rules_leave_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("docker")).unwrap();
        fs::create_dir_all(path("src/deep")).unwrap();
        for name in ["docker/Dockerfile", "src/a.rs", "src/b.log", "c.txt"] {
            fs::write(path(name), "").unwrap();
        }
        fs::write(path(".dockerignore"), "**/*.log\ndocker\n").unwrap();
        let file = path("docker/Dockerfile");
        assert_eq!(names(&file, "").unwrap(), [".dockerignore", "c.txt", "src"]);
        assert_eq!(names(&file, "src").unwrap(), ["a.rs", "deep"]);
        assert_eq!(names(&file, "missing"), None);
        std::os::unix::fs::symlink("/", path("out")).unwrap();
        assert_eq!(names(&file, "out"), None);
    }

    #[test]
    fn without_rules_the_context_is_the_file_s_directory() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Dockerfile");
        fs::write(&file, "").unwrap();
        assert_eq!(names(&file, "").unwrap(), ["Dockerfile"]);
    }
}
