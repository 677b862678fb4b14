//! Detached overlay mounts over directories that are given as descriptors.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::mount::{FsMountFlags, FsOpenFlags};

use super::{Attributes, Depth, bind};

/// Which extended attributes hold overlay's own marks (opaque directories).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlayXattr {
    /// `trusted.overlay.*`: for those with CAP_SYS_ADMIN in the initial user namespace.
    Trusted,
    /// `user.overlay.*`: for mounts in a user namespace.
    User,
}

/// What differs between overlay mounts; all else is fixed, so that a diff sees plain files only.
#[derive(Clone, Copy, Debug)]
pub struct OverlayOptions {
    /// The attributes that marks are kept in.
    pub xattr: OverlayXattr,
    /// Attributes of the mount itself.
    pub attributes: Attributes,
}

impl OverlayOptions {
    /// Returns the options with marks in `xattr` and no mount attribute.
    pub fn new(xattr: OverlayXattr) -> OverlayOptions {
        OverlayOptions { xattr, attributes: Attributes::empty() }
    }
}

/// Makes a detached overlay of `lowers` (topmost first) and, when given, an upper and a work directory.
///
/// A single lower without an upper is a read-only bind clone. The options are `redirect_dir=nofollow`, `metacopy=off`,
/// `index=off` and, with an upper, `volatile`: closing such a mount syncs nothing, and a crash leaves the upper to be
/// thrown away. Upper and work lie on one file system. Fails with `EINVAL` for no lower at all or more than 500.
/// Below Linux 6.13 the layers are named through /proc/self/fd.
pub fn overlay(
    lowers: &[BorrowedFd<'_>],
    upper_and_work: Option<(BorrowedFd<'_>, BorrowedFd<'_>)>,
    options: OverlayOptions,
) -> io::Result<OwnedFd> {
    if let ([only], None) = (lowers, upper_and_work) {
        return bind(*only, Depth::Single, options.attributes | Attributes::MOUNT_ATTR_RDONLY);
    }
    match mount(lowers, upper_and_work, options, Layers::Descriptors) {
        Err(Errno::INVAL) if !lowers.is_empty() => Ok(mount(lowers, upper_and_work, options, Layers::Names)?),
        other => Ok(other?),
    }
}

/// How the layers are handed to the kernel.
#[derive(Clone, Copy, PartialEq)]
enum Layers {
    /// By descriptor, Linux 6.13.
    Descriptors,
    /// As `/proc/self/fd/N`; Linux 6.5 for several lowers.
    Names,
}

fn mount(
    lowers: &[BorrowedFd<'_>],
    upper_and_work: Option<(BorrowedFd<'_>, BorrowedFd<'_>)>,
    options: OverlayOptions,
    layers: Layers,
) -> rustix::io::Result<OwnedFd> {
    if lowers.is_empty() {
        return Err(Errno::INVAL);
    }
    let context = rustix::mount::fsopen(c"overlay", FsOpenFlags::FSOPEN_CLOEXEC)?;
    rustix::mount::fsconfig_set_string(&context, c"source", c"overlay")?;
    if options.xattr == OverlayXattr::User {
        rustix::mount::fsconfig_set_flag(&context, c"userxattr")?;
    }
    for (key, value) in [(c"redirect_dir", c"nofollow"), (c"metacopy", c"off"), (c"index", c"off")] {
        rustix::mount::fsconfig_set_string(&context, key, value)?;
    }
    for lower in lowers {
        set_layer(context.as_fd(), c"lowerdir+", *lower, layers)?;
    }
    if let Some((upper, work)) = upper_and_work {
        set_layer(context.as_fd(), c"upperdir", upper, layers)?;
        set_layer(context.as_fd(), c"workdir", work, layers)?;
        rustix::mount::fsconfig_set_flag(&context, c"volatile")?;
    }
    rustix::mount::fsconfig_create(&context)?;
    let read_only = if upper_and_work.is_none() { Attributes::MOUNT_ATTR_RDONLY } else { Attributes::empty() };
    rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, options.attributes | read_only)
}

fn set_layer(
    context: BorrowedFd<'_>,
    key: &std::ffi::CStr,
    layer: BorrowedFd<'_>,
    layers: Layers,
) -> rustix::io::Result<()> {
    match layers {
        Layers::Descriptors => rustix::mount::fsconfig_set_fd(context, key, layer),
        Layers::Names => {
            rustix::mount::fsconfig_set_string(context, key, format!("/proc/self/fd/{}", layer.as_raw_fd()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;

    use rustix::fs::{AtFlags, Mode, OFlags};

    use super::*;

    fn dir(root: &Path, name: &str, files: &[&str]) -> File {
        fs::create_dir(root.join(name)).unwrap();
        for file in files {
            fs::write(root.join(name).join(file), name).unwrap();
        }
        File::open(root.join(name)).unwrap()
    }

    fn read(mount: &OwnedFd, name: &str) -> String {
        let file = rustix::fs::openat(mount, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        std::io::read_to_string(File::from(file)).unwrap()
    }

    fn layers_are_merged(layers: Layers) {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let root = tempfile::tempdir().unwrap();
        let (top, bottom) = (dir(root.path(), "top", &["x"]), dir(root.path(), "bottom", &["x", "y"]));
        let (upper, work) = (dir(root.path(), "upper", &[]), dir(root.path(), "work", &[]));
        let merged = mount(
            &[top.as_fd(), bottom.as_fd()],
            Some((upper.as_fd(), work.as_fd())),
            OverlayOptions::new(OverlayXattr::User),
            layers,
        )
        .unwrap();
        assert_eq!((read(&merged, "x").as_str(), read(&merged, "y").as_str()), ("top", "bottom"));
        rustix::fs::unlinkat(&merged, "y", AtFlags::empty()).unwrap();
        assert_eq!(fs::read_dir(root.path().join("upper")).unwrap().count(), 1);
        assert!(root.path().join("bottom/y").exists());
    }

    #[test]
    fn layers_given_as_descriptors() {
        layers_are_merged(Layers::Descriptors);
    }

    #[test]
    fn layers_given_as_names() {
        layers_are_merged(Layers::Names);
    }

    #[test]
    fn two_lowers_without_an_upper_are_read_only() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let root = tempfile::tempdir().unwrap();
        let (top, bottom) = (dir(root.path(), "top", &["x"]), dir(root.path(), "bottom", &["y"]));
        let options = OverlayOptions::new(OverlayXattr::Trusted);
        let merged = overlay(&[top.as_fd(), bottom.as_fd()], None, options).unwrap();
        assert_eq!(read(&merged, "y"), "bottom");
        assert_eq!(rustix::fs::unlinkat(&merged, "y", AtFlags::empty()).unwrap_err(), Errno::ROFS);
    }

    #[test]
    fn no_lower_is_refused() {
        assert!(overlay(&[], None, OverlayOptions::new(OverlayXattr::User)).is_err());
    }
}
