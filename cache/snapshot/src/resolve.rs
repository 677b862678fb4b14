//! Follows links by name inside a tree, to know where a mount target really lies.

use std::os::fd::BorrowedFd;

use containr_tree::TreePath;
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

/// Links that are followed before a circle is assumed, as in the kernel.
const MOST_LINKS: usize = 40;

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The path without links.
    pub(crate) path: TreePath,
    /// The longest part of it that is there.
    pub(crate) present: TreePath,
}

/// Resolves `target` inside the tree at `root`; links, also absolute ones and `..`, stay inside.
pub(crate) fn resolve(root: BorrowedFd<'_>, target: &TreePath) -> rustix::io::Result<Resolved> {
    let mut pending: Vec<Vec<u8>> = target.components().rev().map(<[u8]>::to_vec).collect();
    let (mut path, mut missing, mut links) = (TreePath::root(), None, 0);
    while let Some(component) = pending.pop() {
        if component == b".." {
            path = path.parent().unwrap_or_default();
            // Climbing out of what is missing leads back to what is there.
            missing = missing.filter(|present: &TreePath| path != *present && path.below(present).is_some());
            continue;
        }
        let next = path.join(&component);
        if missing.is_none() {
            match rustix::fs::statat(root, next.as_path(), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Errno::LOOP);
                    }
                    let link = rustix::fs::readlinkat(root, next.as_path(), Vec::new())?.into_bytes();
                    if link.first() == Some(&b'/') {
                        path = TreePath::root();
                    }
                    let parts = link.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
                    pending.extend(parts.rev().map(<[u8]>::to_vec));
                    continue;
                }
                Ok(_) => {}
                Err(Errno::NOENT | Errno::NOTDIR) => missing = Some(path.clone()),
                Err(error) => return Err(error),
            }
        }
        path = next;
    }
    let present = missing.unwrap_or_else(|| path.clone());
    Ok(Resolved { path, present })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_stay_inside_the_tree() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("usr/lib")).unwrap();
        symlink("/usr/lib", root.join("lib")).unwrap();
        symlink("../../../../lib", root.join("usr/up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("run/gone/conf", root.join("dangling")).unwrap();
        let file = File::open(root).unwrap();
        let look = |text: &str| {
            let resolved = resolve(file.as_fd(), &TreePath::new(text.as_bytes()).unwrap())?;
            Ok((resolved.path.to_string(), resolved.present.to_string()))
        };
        let both = |path: &str, present: &str| Ok((path.to_owned(), present.to_owned()));
        assert_eq!(look("lib/x/y"), both("/usr/lib/x/y", "/usr/lib"));
        assert_eq!(look("usr/up/z"), both("/usr/lib/z", "/usr/lib"));
        assert_eq!(look("usr/lib"), both("/usr/lib", "/usr/lib"));
        assert_eq!(look("dangling"), both("/run/gone/conf", "/"));
        assert_eq!(look("loop/a"), Err(Errno::LOOP));
    }
}
