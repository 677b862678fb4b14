//! Files that a chroot step is lent: where nothing can be mounted they are put into its tree, and taken out again.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{BorrowedFd, OwnedFd};

use containr_sys::beneath::{self, Links};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;

/// Files in a tree that are no part of it; [`Lent::take_back`] leaves the tree as if they had never been there.
pub(crate) struct Lent(Vec<File>);

struct File {
    parent: OwnedFd,
    name: String,
    content: Vec<u8>,
    /// What was there: nothing, or an empty file.
    before: Option<Stat>,
    /// Times of the directory before and after the file was put there.
    times: (Timestamps, Timestamps),
}

impl Lent {
    /// Puts each file where the tree has its directory and nothing, or an empty file, in its place.
    pub(crate) fn put(root: BorrowedFd<'_>, files: Vec<(&str, Vec<u8>)>) -> io::Result<Self> {
        let mut lent = Self(Vec::new());
        for (path, content) in files {
            let (directory, name) = path.rsplit_once('/').unwrap_or((".", path));
            let Some(parent) = open_directory(root, directory)? else { continue };
            lent.0.extend(File::put(parent, name, content)?);
        }
        Ok(lent)
    }

    /// Takes back every file that the step has not made its own by changing it.
    pub(crate) fn take_back(mut self) -> io::Result<()> {
        // The last one first, so that the times of a shared directory come back in their order.
        while let Some(file) = self.0.pop() {
            file.take_back()?;
        }
        Ok(())
    }
}

impl File {
    fn put(parent: OwnedFd, name: &str, content: Vec<u8>) -> io::Result<Option<Self>> {
        let before = match rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if is_file(&stat) && stat.st_size == 0 => Some(stat),
            Ok(_) => return Ok(None),
            Err(Errno::NOENT) => None,
            Err(error) => return Err(error.into()),
        };
        let old = times(&rustix::fs::fstat(&parent)?);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&parent, name, flags, Mode::from_raw_mode(0o644))?;
        std::fs::File::from(file).write_all(&content)?;
        let new = times(&rustix::fs::fstat(&parent)?);
        Ok(Some(Self { parent, name: name.to_owned(), content, before, times: (old, new) }))
    }

    fn take_back(self) -> io::Result<()> {
        if !self.is_unchanged()? {
            return Ok(());
        }
        let now = times(&rustix::fs::fstat(&self.parent)?);
        match &self.before {
            Some(stat) => {
                let file = open_file(&self.parent, &self.name, OFlags::WRONLY)?;
                rustix::fs::ftruncate(&file, 0)?;
                rustix::fs::futimens(&file, &times(stat))?;
            }
            None => rustix::fs::unlinkat(&self.parent, &self.name, AtFlags::empty())?,
        }
        // A step that changed the directory keeps the time at which it did.
        let (old, new) = &self.times;
        let kept = if now.last_modification == new.last_modification { old } else { &now };
        Ok(rustix::fs::futimens(&self.parent, kept)?)
    }

    fn is_unchanged(&self) -> io::Result<bool> {
        let file = match open_file(&self.parent, &self.name, OFlags::RDONLY) {
            Ok(file) => file,
            // The step removed it or put a link or device there.
            Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if !is_file(&rustix::fs::fstat(&file)?) {
            return Ok(false);
        }
        let mut content = Vec::new();
        let most = self.content.len() as u64 + 1;
        std::fs::File::from(file).take(most).read_to_end(&mut content)?;
        Ok(content == self.content)
    }
}

fn open_file(parent: &OwnedFd, name: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    // Not blocking: a pipe that the step may have put there has no other end.
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

/// Opens a directory of the tree, never one outside; nothing where the tree has none.
fn open_directory(root: BorrowedFd<'_>, path: &str) -> io::Result<Option<OwnedFd>> {
    match beneath::open(root, path, OFlags::RDONLY | OFlags::DIRECTORY, Links::Inside) {
        Ok(directory) => Ok(Some(directory)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

fn times(stat: &Stat) -> Timestamps {
    let time = |seconds, nanoseconds| Timespec { tv_sec: seconds, tv_nsec: nanoseconds };
    Timestamps {
        last_access: time(stat.st_atime, stat.st_atime_nsec.cast_signed()),
        last_modification: time(stat.st_mtime, stat.st_mtime_nsec.cast_signed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;

    /// A tree with `etc`, and a step that is lent a resolv.conf there.
    fn after(prepare: impl FnOnce(&std::path::Path), step: impl FnOnce(&std::path::Path)) -> tempfile::TempDir {
        let tree = tempfile::tempdir().unwrap();
        let etc = tree.path().join("etc");
        fs::create_dir(&etc).unwrap();
        prepare(&etc);
        let root = OwnedFd::from(fs::File::open(tree.path()).unwrap());
        rustix::fs::futimens(fs::File::open(&etc).unwrap(), &LONG_AGO).unwrap();
        let files = vec![("etc/resolv.conf", b"lent".to_vec()), ("no/hosts", Vec::new())];
        let lent = Lent::put(root.as_fd(), files).unwrap();
        step(&etc);
        lent.take_back().unwrap();
        tree
    }

    const LONG_AGO: Timestamps = Timestamps {
        last_access: Timespec { tv_sec: 5, tv_nsec: 6 },
        last_modification: Timespec { tv_sec: 7, tv_nsec: 8 },
    };

    #[test]
    fn a_missing_file_is_missing_again_and_nobody_can_tell() {
        let tree = after(|_| (), |etc| assert_eq!(fs::read(etc.join("resolv.conf")).unwrap(), b"lent"));
        let etc = fs::metadata(tree.path().join("etc")).unwrap();
        assert!(!tree.path().join("etc/resolv.conf").exists());
        assert_eq!((etc.mtime(), etc.mtime_nsec()), (7, 8));
    }

    #[test]
    fn an_empty_file_is_empty_again() {
        let tree = after(|etc| fs::write(etc.join("resolv.conf"), "").unwrap(), |_| ());
        assert_eq!(fs::read(tree.path().join("etc/resolv.conf")).unwrap(), b"");
    }

    #[test]
    fn what_the_tree_has_is_not_touched() {
        let tree = after(|etc| fs::write(etc.join("resolv.conf"), "own").unwrap(), |_| ());
        assert_eq!(fs::read(tree.path().join("etc/resolv.conf")).unwrap(), b"own");
    }

    #[test]
    fn what_the_step_wrote_stays() {
        let tree = after(|_| (), |etc| fs::write(etc.join("resolv.conf"), "new").unwrap());
        assert_eq!(fs::read(tree.path().join("etc/resolv.conf")).unwrap(), b"new");
    }

    #[test]
    fn a_link_out_of_the_tree_is_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("victim");
        after(
            |_| (),
            |etc| {
                fs::remove_file(etc.join("resolv.conf")).unwrap();
                std::os::unix::fs::symlink(&target, etc.join("resolv.conf")).unwrap();
            },
        );
        after(|etc| std::os::unix::fs::symlink(&target, etc.join("resolv.conf")).unwrap(), |_| ());
        assert!(!target.exists());
    }
}
