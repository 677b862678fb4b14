//! Finds out how steps can be run here, by doing what they do.

use std::io;
use std::os::fd::BorrowedFd;

use containr_sys::mount::{self, Attributes, OverlayXattr};
use containr_sys::step::{self, Namespaces, Op, Outcome, Program, Slot};

use crate::launcher::Launcher;
use crate::plan::{Ids, Isolation};

/// Where a step's /proc comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcSource {
    /// A new one.
    Fresh,
    /// The launcher's: where the kernel finds a new one "too revealing", as below a container's masked /proc.
    Borrowed,
    /// There is none: with chroot isolation.
    None,
}

/// Whether a step has processes of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PidView {
    /// It sees its own alone.
    Namespace,
    /// It sees those of the machine.
    Shared,
}

/// How steps run here, axis by axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Whose ids they have.
    pub ids: Ids,
    /// The marks with which overlay works on the store; without any, trees are copied.
    pub overlay: Option<OverlayXattr>,
    /// Where /proc comes from.
    pub proc: ProcSource,
    /// Which processes they see.
    pub pid: PidView,
}

/// Probes with a running launcher and an empty scratch directory of the real store.
pub fn probe(launcher: &Launcher, scratch: BorrowedFd<'_>) -> io::Result<Probe> {
    let overlay = match launcher.layout().isolation {
        Isolation::Namespaces => mount::probe_overlay(scratch)?,
        Isolation::Chroot => None,
    };
    Ok(Probe { overlay, ..view(launcher) })
}

/// Returns what a running launcher knows already: all but how trees are put together.
pub fn view(launcher: &Launcher) -> Probe {
    let layout = launcher.layout();
    let pid = match layout.isolation {
        Isolation::Namespaces => PidView::Namespace,
        Isolation::Chroot => PidView::Shared,
    };
    Probe { ids: layout.ids, overlay: None, proc: layout.proc, pid }
}

/// Mounts a new /proc in a throw-away step, to see whether the kernel lets it.
pub(crate) fn probe_proc(launcher: &step::Launcher) -> io::Result<ProcSource> {
    let mut program = Program::new(Namespaces::STANDARD);
    let mount = program.carry(mount::tmpfs(Some(4096), 0o755, Attributes::empty())?);
    program.push(Op::AttachRoot { mount, into: Slot(0) });
    let name = program.text(b"proc")?;
    program.push(Op::MakeDirectory { at: Slot(0), name, mode: 0o755 });
    let (filesystem, options) = (program.text(b"proc")?, program.texts([""; 0])?);
    let crucial = program.push(Op::MountNew { filesystem, options, attributes: 0, at: Slot(0), name, into: Slot(1) });
    // The program ends without a command, which is told as a failure of the operation past its last.
    match launcher.run(&program)?.wait()? {
        Outcome::Failed { op: Some(op), .. } if op > crucial => Ok(ProcSource::Fresh),
        Outcome::Failed { op: Some(op), .. } if op == crucial => Ok(ProcSource::Borrowed),
        Outcome::Failed { errno, .. } => Err(io::Error::from_raw_os_error(errno)),
        Outcome::Ended(_) | Outcome::Lost => Err(io::ErrorKind::BrokenPipe.into()),
    }
}
