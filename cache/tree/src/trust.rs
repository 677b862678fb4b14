//! When a digest may be remembered: only when every later write is certain to show in the numbers of the file.

use std::fs::File;

use crate::{Moment, Stat};

/// Nanoseconds within which two changes can have the same ctime: kernels before 6.13 count in ticks of up to 10 ms.
const RACY_NS: i128 = 20_000_000;

/// Nanoseconds after which a file that cannot be leased counts as at rest.
const RESTING_NS: i128 = 60_000_000_000;

/// Who may write to a file without its numbers changing: a shared mapping that was made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writers {
    /// Nobody: a read lease was granted.
    None,
    /// Somebody has it open for writing.
    Some,
    /// Only the owner can find out.
    Unknown,
}

/// Returns whether a digest taken after `now` of a file with these numbers holds as long as the numbers stay.
pub(crate) fn lasts(stat: &Stat, now: Moment, writers: Writers) -> bool {
    // A time in the future can come again.
    if stat.ctime() > now || stat.mtime() > now {
        return false;
    }
    let age = now.since(stat.ctime());
    match writers {
        Writers::None => age >= RACY_NS,
        Writers::Some => false,
        Writers::Unknown => age >= RESTING_NS,
    }
}

/// Returns whether a file lies on a file system of this kernel: others (NFS, FUSE, 9p) may keep numbers when content changes.
pub(crate) fn is_local(file: &File) -> bool {
    /// The magic numbers of statfs(2): ext, xfs, btrfs, f2fs, bcachefs, zfs, tmpfs, ramfs, overlayfs, erofs, squashfs, jfs,
    /// nilfs, iso9660.
    const LOCAL: [u32; 14] = [
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0xca45_1a4e,
        0x2fc1_2fc1,
        0x0102_1994,
        0x8584_58f6,
        0x794c_7630,
        0xe0f5_e1e2,
        0x7371_7368,
        0x3153_464a,
        0x3434,
        0x9660,
    ];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "magic numbers have 32 bits")]
    rustix::fs::fstatfs(file).is_ok_and(|numbers| LOCAL.contains(&(numbers.f_type as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(ctime: Moment, mtime: Moment) -> Stat {
        let dir = tempfile::tempdir().unwrap();
        let any = Stat::from(rustix::fs::stat(dir.path()).unwrap());
        Stat {
            ctime_s: ctime.seconds,
            ctime_ns: ctime.nanoseconds,
            mtime_s: mtime.seconds,
            mtime_ns: mtime.nanoseconds,
            ..any
        }
    }

    fn at(milliseconds: i64) -> Moment {
        Moment { seconds: milliseconds / 1000, nanoseconds: u32::try_from(milliseconds % 1000).unwrap() * 1_000_000 }
    }

    #[test]
    fn table_of_ages_and_writers() {
        let cases = [
            (at(100_000), at(0), Writers::None, false),
            (at(99_981), at(0), Writers::None, false),
            (at(99_980), at(0), Writers::None, true),
            (at(40_001), at(0), Writers::Unknown, false),
            (at(40_000), at(0), Writers::Unknown, true),
            (at(0), at(0), Writers::Some, false),
            (at(100_001), at(0), Writers::None, false),
            (at(0), at(100_001), Writers::None, false),
        ];
        for (ctime, mtime, writers, expected) in cases {
            assert_eq!(lasts(&stat(ctime, mtime), at(100_000), writers), expected, "{ctime:?} {mtime:?} {writers:?}");
        }
    }

    #[test]
    fn proc_is_not_local() {
        assert!(!is_local(&File::open("/proc/self/stat").unwrap()));
        assert!(is_local(&tempfile::tempfile().unwrap()));
    }
}
