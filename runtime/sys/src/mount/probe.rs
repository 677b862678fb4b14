//! Finds out what overlay can do on a file system by doing it there.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, XattrFlags};
use rustix::io::Errno;

use super::{OverlayOptions, OverlayXattr, overlay};

/// The directories of a probe, in the order in which they are made.
const DIRECTORIES: [&str; 5] = ["lower", "lower/gone", "bottom", "upper", "work"];

/// Finds the attributes with which overlay works in `scratch`, an empty directory of the real store.
///
/// Mounts an overlay there, removes a directory through it and makes it again, and looks for the marks of that in the
/// upper. `None`: overlay does not work at all. What it made in `scratch` is removed again.
pub fn probe_overlay(scratch: BorrowedFd<'_>) -> io::Result<Option<OverlayXattr>> {
    let found = match rustix::fs::fsetxattr(scratch, c"trusted.overlay.probe", b"y", XattrFlags::empty()) {
        Ok(()) => {
            rustix::fs::fremovexattr(scratch, c"trusted.overlay.probe")?;
            Some(OverlayXattr::Trusted)
        }
        Err(_) => None,
    };
    for xattr in found.into_iter().chain([OverlayXattr::User]) {
        for name in DIRECTORIES {
            rustix::fs::mkdirat(scratch, name, Mode::RWXU)?;
        }
        let works = replaces_a_directory(scratch, xattr).is_ok();
        clear(scratch)?;
        if works {
            return Ok(Some(xattr));
        }
    }
    Ok(None)
}

fn replaces_a_directory(scratch: BorrowedFd<'_>, xattr: OverlayXattr) -> rustix::io::Result<()> {
    let open = |name: &str| directory(scratch, name);
    let (lower, bottom, upper, work) = (open("lower")?, open("bottom")?, open("upper")?, open("work")?);
    let lowers = [lower.as_fd(), bottom.as_fd()];
    let view = overlay(&lowers, Some((upper.as_fd(), work.as_fd())), OverlayOptions::new(xattr))
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    rustix::fs::unlinkat(&view, "gone", AtFlags::REMOVEDIR)?;
    rustix::fs::mkdirat(&view, "gone", Mode::RWXU)?;
    let replaced =
        rustix::fs::openat(&upper, "gone", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mark = match xattr {
        OverlayXattr::Trusted => c"trusted.overlay.opaque",
        OverlayXattr::User => c"user.overlay.opaque",
    };
    rustix::fs::fgetxattr(&replaced, mark, &mut [0_u8; 8]).map(|_| ())
}

fn directory(parent: BorrowedFd<'_>, name: &str) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(
        parent,
        name,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

/// Removes all that is below `directory`; overlay's own work directories have mode 0, so they are opened up first.
fn clear(parent: BorrowedFd<'_>) -> rustix::io::Result<()> {
    for entry in rustix::fs::Dir::read_from(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        if entry.file_type() == FileType::Directory {
            rustix::fs::chmodat(parent, name, Mode::RWXU, AtFlags::empty())?;
            let child = rustix::fs::openat(
                parent,
                name,
                OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                Mode::empty(),
            )?;
            clear(child.as_fd())?;
            rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)?;
        } else {
            rustix::fs::unlinkat(parent, name, AtFlags::empty())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    #[test]
    fn leaves_nothing_behind() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let scratch = tempfile::tempdir().unwrap();
        let found = probe_overlay(File::open(scratch.path()).unwrap().as_fd()).unwrap();
        assert!(found.is_some());
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}
