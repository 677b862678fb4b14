//! Deletes whole trees, whatever a step has left in them.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::DeltaId;

/// How deep the walk goes before it moves a directory up instead: steps can nest deeper than any stack or descriptor table.
const DEPTH: usize = 48;

/// What a removal gave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Bytes on disk that were freed.
    pub bytes: u64,
    /// Entries that could not be removed: files of foreign ids outside their user namespace, or immutable ones.
    pub left: u64,
}

/// Removes the file or tree `name` in `parent`; what is gone already is no error.
///
/// Symbolic links are not followed and other mounts not entered. Directories without permissions are opened up first.
pub fn remove_tree(parent: BorrowedFd<'_>, name: &CStr) -> Removed {
    let mut removal = Removal { top: parent, queue: vec![name.to_owned()], removed: Removed::default() };
    while let Some(name) = removal.queue.pop() {
        removal.entry(parent, &name, 0);
    }
    removal.removed
}

struct Removal<'a> {
    top: BorrowedFd<'a>,
    /// Names in `top` that are still to be removed.
    queue: Vec<CString>,
    removed: Removed,
}

impl Removal<'_> {
    fn entry(&mut self, parent: BorrowedFd<'_>, name: &CStr, depth: usize) {
        let stat = match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return,
            Err(_) => return self.removed.left += 1,
        };
        let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        if is_directory && depth == DEPTH && self.move_up(parent, name) {
            return;
        }
        if is_directory {
            self.directory(parent, name, depth);
        }
        let flags = if is_directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
        match rustix::fs::unlinkat(parent, name, flags) {
            Ok(()) => self.count(&stat),
            Err(Errno::NOENT) => {}
            Err(_) => self.removed.left += 1,
        }
    }

    /// Empties a directory; what goes wrong shows when it is removed.
    fn directory(&mut self, parent: BorrowedFd<'_>, name: &CStr, depth: usize) {
        let Ok(directory) = open_for_removal(parent, name) else { return };
        let Ok(entries) = rustix::fs::Dir::read_from(&directory) else { return };
        for entry in entries.flatten() {
            if ![c".", c".."].contains(&entry.file_name()) {
                self.entry(directory.as_fd(), entry.file_name(), depth + 1);
            }
        }
    }

    /// Moves a deep directory to the top under a random name and queues it there.
    fn move_up(&mut self, parent: BorrowedFd<'_>, name: &CStr) -> bool {
        let Ok(fresh) = DeltaId::random() else { return false };
        let Ok(fresh) = CString::new(fresh.as_str()) else { return false };
        // A rename of a directory writes its `..`, which needs permission on the directory itself.
        let _ = rustix::fs::chmodat(parent, name, Mode::RWXU, AtFlags::empty());
        let moved = rustix::fs::renameat(parent, name, self.top, &fresh).is_ok();
        if moved {
            self.queue.push(fresh);
        }
        moved
    }

    fn count(&mut self, stat: &Stat) {
        // The bytes of a file with several names go with the last one.
        if stat.st_nlink == 1 || FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            self.removed.bytes += stat.st_blocks.cast_unsigned() * 512;
        }
    }
}

/// Opens a directory of the same file system for reading, giving it permissions when it has none.
fn open_for_removal(parent: BorrowedFd<'_>, name: &CStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(parent, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) => {
            rustix::fs::chmodat(parent, name, Mode::RWXU, AtFlags::empty())?;
            rustix::fs::openat(parent, name, flags, Mode::empty())
        }
        Ok(directory) => {
            // Reading does not need it, but removing what is inside does.
            let mode = Mode::from_raw_mode(rustix::fs::fstat(&directory)?.st_mode);
            if !mode.contains(Mode::RWXU) {
                rustix::fs::fchmod(&directory, Mode::RWXU)?;
            }
            Ok(directory)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_tree_nested_deeper_than_any_path() {
        let dir = tempfile::tempdir().unwrap();
        let top = File::open(dir.path()).unwrap();
        let mut at: OwnedFd = top.try_clone().unwrap().into();
        for _ in 0..3000 {
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).unwrap();
            at = rustix::fs::openat(&at, "d", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        }
        let removed = remove_tree(top.as_fd(), c"d");
        assert_eq!(removed.left, 0);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn links_are_removed_and_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("kept")).unwrap();
        fs::write(dir.path().join("kept/file"), "x").unwrap();
        fs::create_dir(dir.path().join("gone")).unwrap();
        std::os::unix::fs::symlink("../kept", dir.path().join("gone/link")).unwrap();
        let top = File::open(dir.path()).unwrap();
        assert_eq!(remove_tree(top.as_fd(), c"gone").left, 0);
        assert!(dir.path().join("kept/file").exists());
        assert!(!dir.path().join("gone").exists());
    }

    #[test]
    fn directories_without_permissions_and_freed_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let locked = dir.path().join("gone/work");
        fs::create_dir_all(&locked).unwrap();
        fs::write(locked.join("a"), [1; 100_000]).unwrap();
        fs::hard_link(locked.join("a"), locked.join("b")).unwrap();
        fs::set_permissions(&locked, Permissions::from_mode(0o0)).unwrap();
        let top = File::open(dir.path()).unwrap();
        let removed = remove_tree(top.as_fd(), c"gone");
        assert_eq!(removed.left, 0);
        assert!((100_000..200_000).contains(&removed.bytes), "{}", removed.bytes);
    }

    #[test]
    fn what_is_gone_already_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let top = File::open(dir.path()).unwrap();
        assert_eq!(remove_tree(top.as_fd(), c"nothing"), Removed::default());
    }
}
