//! Follows symbolic links by name, inside a root that nothing leaves.

use std::collections::VecDeque;

use containr_tree::TreePath;

use crate::CopyError;

/// What stands at one path, as far as following links cares.
pub(crate) enum Standing {
    /// A symbolic link with its target.
    Link(Box<[u8]>),
    /// Anything else.
    Other,
    /// Nothing.
    Missing,
}

/// The number of links after which a path is given up, as in Go's `RootPath`.
const MOST_LINKS: usize = 255;

/// Returns the path with all links followed, the last component's too; missing components stay as they are written.
///
/// `look` answers for paths whose directories are free of links. `..` in a link's target goes up physically and stops at
/// the root.
///
/// # Errors
/// More than 255 links, and whatever `look` gives.
pub(crate) fn resolve(
    path: &TreePath,
    mut look: impl FnMut(&TreePath) -> Result<Standing, CopyError>,
) -> Result<TreePath, CopyError> {
    let mut done = TreePath::root();
    let mut rest: VecDeque<Box<[u8]>> = path.components().map(Box::from).collect();
    let mut links = 0;
    while let Some(component) = rest.pop_front() {
        if &*component == b".." {
            done = done.parent().unwrap_or_default();
            continue;
        }
        let next = done.join(&component);
        match look(&next)? {
            Standing::Other | Standing::Missing => done = next,
            Standing::Link(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(CopyError::LinkLoop(path.clone()));
                }
                if target.starts_with(b"/") {
                    done = TreePath::root();
                }
                let parts = target.split(|b| *b == b'/').filter(|c| !c.is_empty() && *c != b".");
                for part in parts.rev().map(Box::from) {
                    rest.push_front(part);
                }
            }
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(path: &str, links: &[(&str, &str)]) -> Result<String, CopyError> {
        resolve(&TreePath::new(path.as_bytes()).unwrap(), |at| {
            let link = links.iter().find(|(name, _)| name.as_bytes() == at.bytes());
            Ok(link.map_or(Standing::Missing, |(_, target)| Standing::Link(target.as_bytes().into())))
        })
        .map(|path| path.to_string())
    }

    #[test]
    fn relative_absolute_and_chained_links() {
        let links = [("a", "b/c"), ("b", "/real"), ("real/c", "../x")];
        assert_eq!(follow("a/f", &links).unwrap(), "/x/f");
    }

    #[test]
    fn nothing_leaves_the_root() {
        assert_eq!(follow("a/f", &[("a", "../../../etc")]).unwrap(), "/etc/f");
    }

    #[test]
    fn a_loop_is_an_error() {
        assert!(matches!(follow("a", &[("a", "b"), ("b", "a")]), Err(CopyError::LinkLoop(_))));
    }
}
