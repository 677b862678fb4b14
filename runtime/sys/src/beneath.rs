//! Opening what lies below a directory, whatever links and renames are on the way: openat2(2).

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, Result};
use rustix::path::Arg;

/// What happens to symbolic links on the way and at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// A link is `ELOOP`, but for one in the last place that is opened itself (`PATH` with `NOFOLLOW`); an absolute path is `EXDEV`.
    Refused,
    /// They are followed as if the directory were `/`; those of /proc that lead to descriptors are `ELOOP`.
    Inside,
}

/// The kernel gives up on `..` with `EAGAIN` when anything on the machine was renamed or mounted meanwhile;
/// the limit ends a race that somebody wages on purpose, and is far beyond what busy machines need.
const TRIES: u32 = 1024;

/// Opens `path` below `root`; the descriptor is closed on exec.
///
/// It allocates nothing where `path` is a C string, so it may be called between fork and exec.
///
/// # Errors
/// Those of openat2(2); `EAGAIN` only when renames went on through all tries.
pub fn open(root: impl AsFd, path: impl Arg + Copy, flags: OFlags, links: Links) -> Result<OwnedFd> {
    let resolve = ResolveFlags::NO_MAGICLINKS
        | match links {
            Links::Refused => ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
            Links::Inside => ResolveFlags::IN_ROOT,
        };
    let mut tries = 1;
    loop {
        match rustix::fs::openat2(&root, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Err(Errno::AGAIN | Errno::INTR) if tries < TRIES => tries += 1,
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn links_are_refused_or_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        symlink("/../../inner", folder.path().join("up")).unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        let open = |path, links| open(&root, path, OFlags::PATH, links).map(drop);
        assert_eq!(open("up", Links::Inside), Ok(()));
        assert_eq!(open("/inner", Links::Inside), Ok(()));
        assert_eq!(open("up", Links::Refused), Err(Errno::LOOP));
        assert_eq!(open("/inner", Links::Refused), Err(Errno::XDEV));
        assert_eq!(open("inner", Links::Refused), Ok(()));
        assert_eq!(super::open(&root, "up", OFlags::PATH | OFlags::NOFOLLOW, Links::Refused).map(drop), Ok(()));
    }

    #[test]
    fn renames_elsewhere_do_not_disturb() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("root/inner")).unwrap();
        symlink("/../../inner", folder.path().join("root/up")).unwrap();
        let root = fs::File::open(folder.path().join("root")).unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        fs::write(&one, "").unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    fs::rename(&one, &other).unwrap();
                    fs::rename(&other, &one).unwrap();
                }
            });
            let opened = (0..20_000).try_for_each(|_| open(&root, "up", OFlags::PATH, Links::Inside).map(drop));
            done.store(true, Ordering::Relaxed);
            assert_eq!(opened, Ok(()));
        });
    }
}
