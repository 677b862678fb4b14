//! What a launcher sees: almost nothing, so that its steps are cheap to clone and have nothing to reach.

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
};
use rustix::process::{DumpableBehavior, Signal};

use super::place::{EMPTY, ROOT};
use super::{privilege, trim};
use crate::process::checked;

/// What a launcher keeps of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// Own pid and mount namespaces with one tmpfs: for those who may make device nodes and mount proc and sysfs.
    Bare,
    /// The same, with /proc, /sys and the device nodes kept to clone: for a user namespace.
    Borrowed,
    /// Those of its owner, for steps that know no namespaces.
    Shared,
}

/// What a launcher's process is told of how it is set up.
#[derive(Clone, Copy)]
pub(super) struct Setup {
    pub(super) surroundings: Surroundings,
    pub(super) bounding: u64,
}

/// The device nodes of a step, as they are named in a launcher's borrowed /dev too.
pub(super) const NODES: [&CStr; 6] =
    [c"/dev/null", c"/dev/zero", c"/dev/full", c"/dev/random", c"/dev/urandom", c"/dev/tty"];

/// The preparations in their order; a failure is told by its index.
const STAGES: [&str; 8] = [
    "die with its owner",
    "start a session",
    "bound the capabilities of its steps",
    "let go of its owner's descriptors",
    "clone what its steps need of the machine",
    "make its mounts private",
    "mount its own file system",
    "give up its owner's mounts",
];

/// Returns what stage `index` was about.
pub(super) fn stage_name(index: u32) -> &'static str {
    usize::try_from(index).ok().and_then(|index| STAGES.get(index)).unwrap_or(&"start")
}

/// A failed preparation, with the socket to tell it on.
pub(super) struct Failure {
    pub(super) socket: OwnedFd,
    pub(super) stage: u32,
    pub(super) errno: Errno,
}

impl Surroundings {
    /// Returns the `CLONE_NEW*` bits of the launcher's own process.
    pub(super) fn namespaces(self) -> u64 {
        match self {
            Surroundings::Bare | Surroundings::Borrowed => (libc::CLONE_NEWPID | libc::CLONE_NEWNS) as u64,
            Surroundings::Shared => 0,
        }
    }
}

/// Prepares the calling process, a fresh launcher, and gives its socket back under another number.
pub(super) fn enter(socket: OwnedFd, setup: Setup, arena: (usize, usize)) -> Result<OwnedFd, Failure> {
    let mut stage = 0;
    match prepare(&socket, setup, arena, &mut stage) {
        // The old number was closed with all the others; forgetting it keeps it from being closed twice.
        Ok(kept) => {
            std::mem::forget(socket);
            Ok(kept)
        }
        Err(errno) if stage <= 3 => Err(Failure { socket, stage, errno }),
        Err(errno) => {
            std::mem::forget(socket);
            // SAFETY: from stage 4 on the socket is descriptor 3, made by `keep_only` and owned by nobody else.
            let socket = unsafe { OwnedFd::from_raw_fd(KEPT) };
            Err(Failure { socket, stage, errno })
        }
    }
}

/// The number of the one descriptor above the standard streams that a launcher keeps.
const KEPT: i32 = 3;

fn prepare(socket: &OwnedFd, setup: Setup, arena: (usize, usize), stage: &mut u32) -> Result<OwnedFd, Errno> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // A launcher that cannot read its own /proc keeps its owner's memory: its steps are slower then, and no less safe.
    let _ = trim::unmap_all_but(arena);
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    *stage = 1;
    rustix::process::setsid()?;
    rustix::process::umask(Mode::empty());
    reset_signals();
    *stage = 2;
    // Once here instead of at every step, which inherits the set; the launcher's own capabilities are not touched by it.
    privilege::bound_capabilities(setup.bounding)?;
    *stage = 3;
    keep_only(socket)?;
    *stage = 4;
    if setup.surroundings != Surroundings::Shared {
        strip(setup.surroundings, stage)?;
    }
    // SAFETY: `keep_only` made this descriptor, and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(KEPT) })
}

/// Gives every signal its default action and blocks none; steps inherit that.
///
/// By raw calls: the C library keeps the signals 32 and 33 to itself.
fn reset_signals() {
    /// The kernel's `struct sigaction`: handler, flags, restorer, mask. All zeros means the default action.
    static DEFAULT: [usize; 4] = [0; 4];
    let none = 0_u64;
    for signal in 1..=64 {
        // SAFETY: the kernel reads `DEFAULT` and writes nothing. SIGKILL and SIGSTOP are refused, which is no harm.
        unsafe {
            libc::syscall(libc::SYS_rt_sigaction, signal, &raw const DEFAULT, std::ptr::null::<u8>(), size_of::<u64>())
        };
    }
    let set = libc::SIG_SETMASK;
    // SAFETY: the kernel reads `none` and writes nothing.
    unsafe { libc::syscall(libc::SYS_rt_sigprocmask, set, &raw const none, std::ptr::null::<u8>(), size_of::<u64>()) };
}

/// Makes the standard streams /dev/null, `socket` descriptor 3, and closes everything above.
fn keep_only(socket: &OwnedFd) -> Result<(), Errno> {
    // A number out of the way of those that are given out below.
    let away = rustix::io::fcntl_dupfd_cloexec(socket, 64)?;
    let null = rustix::fs::open(c"/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    for number in 0..KEPT {
        // SAFETY: both are plain numbers; this process has one thread, and no value owns the standard streams.
        checked(unsafe { libc::dup2(null.as_raw_fd(), number) }.into())?;
    }
    std::mem::forget(null);
    // SAFETY: as above; what number 3 was belongs to the owner's copy of the descriptor table.
    checked(unsafe { libc::dup3(away.as_raw_fd(), KEPT, libc::O_CLOEXEC) }.into())?;
    std::mem::forget(away);
    // SAFETY: nothing in this process uses a descriptor above 3; the values that own them are never dropped here.
    checked(unsafe { libc::syscall(libc::SYS_close_range, KEPT + 1, u32::MAX, 0) }).map(|_| ())
}

/// Replaces the mount namespace's tree by one small tmpfs.
fn strip(surroundings: Surroundings, stage: &mut u32) -> Result<(), Errno> {
    let borrowed = match surroundings {
        Surroundings::Borrowed => Some(Borrowed::take()?),
        Surroundings::Bare | Surroundings::Shared => None,
    };
    *stage = 5;
    rustix::mount::mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    *stage = 6;
    let context = rustix::mount::fsopen(c"tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    rustix::mount::fsconfig_set_string(&context, c"mode", c"755")?;
    rustix::mount::fsconfig_set_string(&context, c"size", c"64k")?;
    rustix::mount::fsconfig_create(&context)?;
    let home = rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::MOUNT_ATTR_NOSUID)?;
    rustix::mount::move_mount(&home, c"", CWD, c"/", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    rustix::process::fchdir(&home)?;
    *stage = 7;
    rustix::process::pivot_root(c".", c".")?;
    rustix::mount::unmount(c".", UnmountFlags::DETACH)?;
    rustix::process::chdir(c"/")?;
    for directory in [ROOT, EMPTY] {
        rustix::fs::mkdir(directory, Mode::from_raw_mode(0o755))?;
    }
    borrowed.map_or(Ok(()), |borrowed| borrowed.attach())
}

/// The parts of the machine that a launcher in a user namespace cannot make itself.
struct Borrowed {
    proc: OwnedFd,
    sys: OwnedFd,
    nodes: [Option<OwnedFd>; NODES.len()],
}

impl Borrowed {
    fn take() -> Result<Borrowed, Errno> {
        let clone = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        let recursive = clone | OpenTreeFlags::AT_RECURSIVE;
        let proc = rustix::mount::open_tree(CWD, c"/proc", recursive)?;
        let sys = rustix::mount::open_tree(CWD, c"/sys", recursive)?;
        let nodes = NODES.map(|node| rustix::mount::open_tree(CWD, node, clone).ok());
        Ok(Borrowed { proc, sys, nodes })
    }

    fn attach(self) -> Result<(), Errno> {
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        for (tree, path) in [(&self.proc, c"/proc"), (&self.sys, c"/sys")] {
            rustix::fs::mkdir(path, Mode::from_raw_mode(0o755))?;
            rustix::mount::move_mount(tree.as_fd(), c"", CWD, path, flags)?;
        }
        rustix::fs::mkdir(c"/dev", Mode::from_raw_mode(0o755))?;
        for (node, path) in self.nodes.iter().zip(NODES).filter_map(|(node, path)| Some((node.as_ref()?, path))) {
            let create = OFlags::CREATE | OFlags::EXCL | OFlags::RDONLY | OFlags::CLOEXEC;
            drop(rustix::fs::open(path, create, Mode::from_raw_mode(0o666))?);
            rustix::mount::move_mount(node.as_fd(), c"", CWD, path, flags)?;
        }
        Ok(())
    }
}
