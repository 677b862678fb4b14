//! What the kernel says of one entry.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::FileType;

/// The type of an entry on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// A socket, which no layer can hold.
    Socket,
}

/// A point in time since 1970; the order is that of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment {
    /// Whole seconds, rounded down.
    pub seconds: i64,
    /// Nanoseconds on top of them.
    pub nanoseconds: u32,
}

/// The numbers of one entry; links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// The type.
    pub kind: FileKind,
    /// Permission bits with setuid, setgid and sticky (`0o7777`).
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Length in bytes.
    pub size: u64,
    /// Modification time, whole seconds.
    pub mtime_s: i64,
    /// Modification time, nanoseconds on top.
    pub mtime_ns: u32,
    /// Time of the last change of content or metadata, whole seconds.
    pub ctime_s: i64,
    /// Time of the last change, nanoseconds on top.
    pub ctime_ns: u32,
    /// The device that the entry lies on.
    pub dev: u64,
    /// Inode number on that device.
    pub ino: u64,
    /// Number of names.
    pub nlink: u64,
    /// The device that a device node stands for.
    pub rdev: u64,
}

impl Stat {
    /// Returns the modification time.
    pub fn mtime(&self) -> Moment {
        Moment { seconds: self.mtime_s, nanoseconds: self.mtime_ns }
    }

    /// Returns the time of the last change.
    pub fn ctime(&self) -> Moment {
        Moment { seconds: self.ctime_s, nanoseconds: self.ctime_ns }
    }

    /// Returns major and minor number of the device that a device node stands for.
    pub fn device(&self) -> (u32, u32) {
        (rustix::fs::major(self.rdev), rustix::fs::minor(self.rdev))
    }

    /// Returns whether both are the same file with the same content, as far as numbers can tell; names come and go.
    pub fn same_content(&self, other: &Self) -> bool {
        let numbers = |s: &Self| (s.kind, s.dev, s.ino, s.size, s.mtime(), s.ctime());
        numbers(self) == numbers(other)
    }
}

impl From<rustix::fs::Stat> for Stat {
    fn from(stat: rustix::fs::Stat) -> Self {
        // The kernel gives nanoseconds below one billion, so the conversions hold on every platform.
        let nanoseconds = |value: u64| u32::try_from(value).unwrap_or_default();
        Self {
            kind: match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => FileKind::Directory,
                FileType::Symlink => FileKind::Symlink,
                FileType::CharacterDevice => FileKind::CharDevice,
                FileType::BlockDevice => FileKind::BlockDevice,
                FileType::Fifo => FileKind::Fifo,
                FileType::Socket => FileKind::Socket,
                FileType::RegularFile | FileType::Unknown => FileKind::File,
            },
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            size: stat.st_size.cast_unsigned(),
            mtime_s: stat.st_mtime,
            mtime_ns: nanoseconds(stat.st_mtime_nsec),
            ctime_s: stat.st_ctime,
            ctime_ns: nanoseconds(stat.st_ctime_nsec),
            dev: stat.st_dev,
            ino: stat.st_ino,
            nlink: stat.st_nlink,
            rdev: stat.st_rdev,
        }
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let whole = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self { seconds: whole(after.as_secs()), nanoseconds: after.subsec_nanos() },
            Err(error) => {
                let before = error.duration();
                match before.subsec_nanos() {
                    0 => Self { seconds: -whole(before.as_secs()), nanoseconds: 0 },
                    nanoseconds => {
                        Self { seconds: -whole(before.as_secs()) - 1, nanoseconds: 1_000_000_000 - nanoseconds }
                    }
                }
            }
        }
    }
}

impl Moment {
    /// Returns the nanoseconds from `earlier` to this moment; negative when it lies later.
    pub fn since(self, earlier: Self) -> i128 {
        let total = |moment: Self| i128::from(moment.seconds) * 1_000_000_000 + i128::from(moment.nanoseconds);
        total(self) - total(earlier)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments_before_1970_round_down() {
        let moment = Moment::from(UNIX_EPOCH - Duration::from_millis(1500));
        assert_eq!(moment, Moment { seconds: -2, nanoseconds: 500_000_000 });
        assert_eq!(Moment::from(UNIX_EPOCH).since(moment), 1_500_000_000);
    }
}
