//! The part of a program that lays out a step's file system.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use containr_sys::mount::{self as sys_mount, Attributes, Depth};
use containr_sys::step::{Op, Slot, Text};
use rustix::fs::FileType;

use super::{Compiled, ROOT, Stage, invalid};
use crate::defaults;
use crate::error::SandboxError;
use crate::layout::{CgroupView, Layout, TtyGroup};
use crate::plan::{Access, Ids, Mount, MountSource};
use crate::probe::ProcSource;

const PROC: Slot = Slot(1);
const SYS: Slot = Slot(2);
const DEV: Slot = Slot(3);
/// A place for what nothing later refers to.
const OTHER: Slot = Slot(4);

/// A file system that the child mounts on a directory.
struct NewMount<'a> {
    stage: &'static str,
    filesystem: &'a str,
    options: &'a [&'a str],
    attributes: Attributes,
    at: Slot,
    name: &'a str,
    into: Slot,
}

fn mount_new(out: &mut Compiled, new: &NewMount<'_>) -> Result<(), SandboxError> {
    let (filesystem, name) = (out.text(new.filesystem)?, out.text(new.name)?);
    let options = out.program.texts(new.options).map_err(|_| invalid("a mount option", "it holds a NUL byte"))?;
    let (at, into) = (new.at, new.into);
    out.op(new.stage, Op::MountNew { filesystem, options, attributes: new.attributes.bits(), at, name, into });
    Ok(())
}

fn make_directory(out: &mut Compiled, at: Slot, name: &str, mode: u32) -> Result<Text, SandboxError> {
    let name = out.text(name)?;
    out.op("make a directory for a kernel file system", Op::MakeDirectory { at, name, mode });
    Ok(name)
}

/// No programs, no set-id bits, no device nodes.
fn inert() -> Attributes {
    Attributes::MOUNT_ATTR_NOSUID | Attributes::MOUNT_ATTR_NODEV | Attributes::MOUNT_ATTR_NOEXEC
}

/// Mounts /proc and /sys.
pub(super) fn kernel_file_systems(out: &mut Compiled, layout: Layout) -> Result<(), SandboxError> {
    let name = make_directory(out, ROOT, "proc", 0o755)?;
    let (stage, at, into) = ("mount /proc", ROOT, PROC);
    match layout.proc {
        ProcSource::Fresh => mount_new(
            out,
            &NewMount { stage, filesystem: "proc", options: &[], attributes: inert(), at, name: "proc", into },
        )?,
        ProcSource::Borrowed | ProcSource::None => {
            let from = out.text("/proc")?;
            out.op(stage, Op::MountClone { from, attributes: inert().bits(), at, name, into });
        }
    }
    let name = make_directory(out, ROOT, "sys", 0o755)?;
    let (stage, into, attributes) = ("mount /sys", SYS, inert() | Attributes::MOUNT_ATTR_RDONLY);
    if layout.ids == Ids::Initial {
        mount_new(out, &NewMount { stage, filesystem: "sysfs", options: &[], attributes, at, name: "sys", into })?;
        if layout.cgroup == CgroupView::Unified {
            let (stage, at, name, into) = ("mount /sys/fs/cgroup", SYS, "fs/cgroup", OTHER);
            mount_new(out, &NewMount { stage, filesystem: "cgroup2", options: &[], attributes, at, name, into })?;
        }
    } else {
        let from = out.text("/sys")?;
        out.op(stage, Op::MountClone { from, attributes: attributes.bits(), at, name, into });
    }
    Ok(())
}

/// Mounts /dev with its nodes, links and file systems.
pub(super) fn devices(out: &mut Compiled, shm_size: u64, layout: Layout) -> Result<(), SandboxError> {
    make_directory(out, ROOT, "dev", 0o755)?;
    let attributes = Attributes::MOUNT_ATTR_NOSUID | Attributes::MOUNT_ATTR_STRICTATIME;
    let (options, at, into) = (&["mode", "755", "size", "65536k"][..], ROOT, DEV);
    mount_new(out, &NewMount { stage: "mount /dev", filesystem: "tmpfs", options, attributes, at, name: "dev", into })?;
    for (name, major, minor) in defaults::DEVICES {
        let (from, name) = (out.text(format!("/dev/{name}"))?, out.text(name)?);
        let device = rustix::fs::makedev(major, minor);
        let node = match layout.ids {
            Ids::Initial => Op::MakeNode { at: DEV, name, mode: 0o666, device },
            Ids::Ranges | Ids::Single => Op::CloneNode { from, at: DEV, name },
        };
        out.op("make a device node", node);
    }
    for (name, target) in defaults::LINKS {
        let (name, target) = (out.text(name)?, out.text(target)?);
        out.op("make a link in /dev", Op::MakeLink { at: DEV, name, target });
    }
    device_file_systems(out, shm_size, layout)
}

fn device_file_systems(out: &mut Compiled, shm_size: u64, layout: Layout) -> Result<(), SandboxError> {
    for name in ["pts", "shm", "mqueue"] {
        make_directory(out, DEV, name, 0o755)?;
    }
    let terminals: &[&str] = match layout.tty_group {
        TtyGroup::Mapped => &["newinstance", "", "ptmxmode", "0666", "mode", "0620", "gid", "5"],
        TtyGroup::Unmapped => &["newinstance", "", "ptmxmode", "0666", "mode", "0620"],
    };
    let size = shm_size.to_string();
    let shared = ["mode", "1777", "size", size.as_str()];
    let quiet = Attributes::MOUNT_ATTR_NOSUID | Attributes::MOUNT_ATTR_NOEXEC;
    for (stage, filesystem, options, attributes, name) in [
        ("mount /dev/pts", "devpts", terminals, quiet, "pts"),
        ("mount /dev/shm", "tmpfs", &shared[..], inert(), "shm"),
        ("mount /dev/mqueue", "mqueue", &[][..], inert(), "mqueue"),
    ] {
        mount_new(out, &NewMount { stage, filesystem, options, attributes, at: DEV, name, into: OTHER })?;
    }
    Ok(())
}

/// Makes a mount of the plan.
pub(super) fn further_mount(out: &mut Compiled, mount: Mount) -> Result<(), SandboxError> {
    let failed = |source| SandboxError::Mount { target: mount.target.clone(), source };
    if !mount.target.is_absolute() {
        return Err(invalid(&format!("a mount on {}", mount.target.display()), "its target is not absolute"));
    }
    if !mount.target.components().any(|component| matches!(component, Component::Normal(_))) {
        return Err(invalid("a mount on /", "the root is the plan's own"));
    }
    let detached = match mount.source {
        MountSource::Detached(detached) => detached,
        MountSource::Tmpfs { size_bytes, mode } => {
            let attributes = Attributes::MOUNT_ATTR_NOSUID | Attributes::MOUNT_ATTR_NODEV;
            sys_mount::tmpfs(size_bytes, mode, attributes).map_err(failed)?
        }
    };
    if mount.access == Access::ReadOnly {
        let recursive = Depth::Recursive;
        sys_mount::set_attributes(detached.as_fd(), recursive, Attributes::MOUNT_ATTR_RDONLY).map_err(failed)?;
    }
    device_mount_point(out, &mount.target, detached.as_fd())?;
    let path = out.text(mount.target.as_os_str().as_bytes())?;
    let carried = out.program.carry(detached);
    out.push(Stage::Mount(mount.target), Op::Attach { mount: carried, root: ROOT, path });
    Ok(())
}

/// Makes the mount point of a target below /dev, which is new in every step: nobody else can have made it.
fn device_mount_point(out: &mut Compiled, target: &Path, mount: BorrowedFd<'_>) -> Result<(), SandboxError> {
    let Ok(below) = target.strip_prefix("/dev") else { return Ok(()) };
    let names: Option<Vec<&OsStr>> = below
        .components()
        .map(|component| if let Component::Normal(name) = component { Some(name) } else { None })
        .collect();
    // A path that climbs is resolved when it is attached; what it names must be there.
    let Some((last, parents)) = names.as_deref().and_then(<[&OsStr]>::split_last) else { return Ok(()) };
    let failed = |error: rustix::io::Errno| SandboxError::Mount { target: target.to_owned(), source: error.into() };
    let stat = rustix::fs::fstat(mount).map_err(failed)?;
    let directory = FileType::Directory.as_raw_mode() | 0o755;
    let leaf = if FileType::from_raw_mode(stat.st_mode).is_dir() {
        directory
    } else {
        FileType::RegularFile.as_raw_mode() | 0o644
    };
    let mut parent = PathBuf::from(".");
    for (name, mode) in parents.iter().map(|name| (name, directory)).chain([(last, leaf)]) {
        let (at, text) = (DEV, out.text(parent.as_os_str().as_bytes())?);
        let entry = out.text(name.as_bytes())?;
        out.push(Stage::Mount(target.to_owned()), Op::MakeEntry { at, parent: text, name: entry, mode });
        parent.push(name);
    }
    Ok(())
}

/// Hides what a step must not see or change.
pub(super) fn hide(out: &mut Compiled) -> Result<(), SandboxError> {
    for (at, paths) in [(PROC, &defaults::MASKED_IN_PROC[..]), (SYS, &defaults::MASKED_IN_SYS)] {
        for path in paths {
            let path = out.text(path)?;
            out.op("mask a path of /proc or /sys", Op::Mask { at, path, devices: DEV });
        }
    }
    for path in defaults::READ_ONLY_IN_PROC {
        let path = out.text(path)?;
        out.op("make a path of /proc read-only", Op::Freeze { at: PROC, path });
    }
    Ok(())
}
