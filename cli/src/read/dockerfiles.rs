//! Finds Dockerfiles, reads them and writes them back.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Exit, Failure};

/// The name that stands for stdin, or stdout where something is written.
pub(crate) const STDIN: &str = "-";

/// Returns the files that the arguments mean, those of a directory in order.
///
/// # Errors
/// A path that is not there, a directory that cannot be read.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    if paths.is_empty() {
        walk(Path::new("."), &mut found).map_err(|error| unreadable(Path::new("."), &error))?;
    }
    for path in paths {
        if path != Path::new(STDIN) && path.is_dir() {
            walk(path, &mut found).map_err(|error| unreadable(path, &error))?;
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let path = if folder == Path::new(".") { PathBuf::from(&name) } else { entry.path() };
        if kind.is_dir() {
            if name != ".git" {
                walk(&path, found)?;
            }
        } else if (kind.is_file() || kind.is_symlink()) && name.to_str().is_some_and(is_dockerfile) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_dockerfile(name: &str) -> bool {
    let (lower, names) = (name.to_ascii_lowercase(), ["dockerfile", "containerfile"]);
    let named = names.iter().any(|base| {
        lower == *base
            || lower.strip_suffix(base).is_some_and(|front| front.ends_with('.'))
            || lower.strip_prefix(base).is_some_and(|end| end.starts_with('.'))
    });
    named && !lower.ends_with(".dockerignore") && !lower.ends_with(".containerignore")
}

/// Reads a file, or stdin.
///
/// # Errors
/// What the system says.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let read = match file == Path::new(STDIN) {
        true => io::stdin().read_to_end(&mut text).map(|_| ()),
        false => fs::read(file).map(|bytes| text = bytes),
    };
    read.map_err(|error| unreadable(file, &error))?;
    Ok(text)
}

/// Returns the failure of a file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot read {}: {error}", path.display()), Exit::Request)
}

/// Gives a file another content: the new one appears whole or not at all, with the rights of the old one.
///
/// # Errors
/// What the system says.
pub(crate) fn replace(file: &Path, text: &[u8]) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let target = fs::canonicalize(file)?;
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!(".containr-{}", std::process::id()));
        let beside = target.with_file_name(name);
        let result = fs::File::create_new(&beside).and_then(|mut file| {
            file.set_permissions(fs::metadata(&target)?.permissions())?;
            file.write_all(text)?;
            file.sync_all()?;
            fs::rename(&beside, &target)
        });
        if result.is_err() {
            let _ = fs::remove_file(&beside);
        }
        result
    };
    write().map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display()), Exit::Failure))
}

#[cfg(test)]
mod tests {
    use super::is_dockerfile;

    #[test]
    fn knows_dockerfiles_by_name() {
        for name in ["Dockerfile", "Containerfile", "Dockerfile.test", "app.Dockerfile", "app.dockerfile"] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in ["Dockerfile.dockerignore", "MyDockerfile", "Dockerfiles", "x.txt"] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }
}
