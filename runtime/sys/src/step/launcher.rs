//! The launcher: a process that clones steps, watches them, and takes them with it when its owner dies.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::process::{Signal, WaitId, WaitIdOptions};

use super::child::Child;
use super::program::{Program, Script};
use super::wire::{self, Answer, Descriptors, INLINE_BYTES, Received};
use super::{reaper, surroundings};
use crate::process::{Cloned, clone_process, exit_now};
use crate::seccomp::Filter;

pub use super::surroundings::Surroundings;

/// How many steps one launcher runs at once.
const MAX_STEPS: usize = 128;
/// How many pointers to arguments and variables a step may have; the kernel's own limits are tighter in bytes.
const SCRATCH_WORDS: usize = 256 * 1024;
/// The operation number of a failure that came before any operation.
const BEFORE_THE_FIRST: u32 = u32::MAX;

/// How a launcher is set up.
#[derive(Debug)]
pub struct LauncherSetup {
    /// What the launcher sees of the machine.
    pub surroundings: Surroundings,
    /// The capabilities that steps may have at most, as a bit set.
    pub bounding: u64,
    /// The seccomp filters that steps load by their index here.
    pub filters: Vec<Filter>,
}

/// Why a launcher did not start.
#[derive(Debug, thiserror::Error)]
pub enum LauncherFailure {
    /// The process could not be made.
    #[error("cannot make the launcher's process")]
    Clone(#[source] io::Error),
    /// One of its own preparations failed.
    #[error("the launcher cannot {stage}")]
    Setup {
        /// What it was about to do.
        stage: &'static str,
        /// The kernel's answer.
        source: io::Error,
    },
    /// It died before it was ready.
    #[error("the launcher died while it started")]
    Died,
}

/// A running launcher; dropping it ends it and every step.
#[derive(Debug)]
pub struct Launcher {
    socket: OwnedFd,
    pidfd: OwnedFd,
}

/// A step on its way or running; dropping it kills the step.
#[derive(Debug)]
pub struct Step {
    channel: OwnedFd,
}

/// How a step ended and what it used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The wait status, as wait(2) gives it.
    pub status: i32,
    /// CPU time in user mode, of the step and its awaited descendants.
    pub user_us: u64,
    /// CPU time in kernel mode.
    pub system_us: u64,
    /// Largest resident set of one process, in KiB.
    pub peak_rss_kib: u64,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command ran and ended.
    Ended(Ended),
    /// The command never ran: operation `op` of the program failed; without a number, the process could not be made.
    Failed {
        /// Which operation.
        op: Option<u32>,
        /// The kernel's answer.
        errno: i32,
    },
    /// The launcher died, and the step with it.
    Lost,
}

impl Launcher {
    /// Starts a launcher and waits until it stands.
    ///
    /// The launcher dies with the *thread* that calls this (PR_SET_PDEATHSIG), and a socket tells it when the process is
    /// gone: call it from the main thread or one that lives as long. It holds no descriptor of the caller but the socket.
    pub fn start(setup: &LauncherSetup) -> Result<Launcher, LauncherFailure> {
        let (ours, theirs) = socket_pair().map_err(LauncherFailure::Clone)?;
        let mut memory = Memory { message: vec![0; INLINE_BYTES], scratch: vec![0; SCRATCH_WORDS] };
        match clone_process(setup.surroundings.namespaces()) {
            Err(error) => Err(LauncherFailure::Clone(error.into())),
            Ok(Cloned::Child) => launcher_main(theirs, setup, &mut memory),
            Ok(Cloned::Parent { pidfd, .. }) => {
                drop(theirs);
                let launcher = Launcher { socket: ours, pidfd };
                launcher.wait_ready()?;
                Ok(launcher)
            }
        }
    }

    fn wait_ready(&self) -> Result<(), LauncherFailure> {
        match wire::wait_answer(self.socket.as_fd()).map_err(LauncherFailure::Clone)? {
            Some(Answer::Ready) => Ok(()),
            Some(Answer::Failed { op, errno }) => Err(LauncherFailure::Setup {
                stage: surroundings::stage_name(op),
                source: io::Error::from_raw_os_error(errno),
            }),
            Some(Answer::Ended { .. }) | None => Err(LauncherFailure::Died),
        }
    }

    /// Sends a program to be run in a process of its own; any number of threads may do so at once.
    pub fn run(&self, program: &Program) -> io::Result<Step> {
        let (ours, theirs) = socket_pair()?;
        wire::send_program(self.socket.as_fd(), &program.encode(), theirs.as_fd(), program.descriptors())?;
        Ok(Step { channel: ours })
    }

    /// Returns the descriptor of the launcher's process.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        // A launcher that is gone already needs no signal, and waiting for it then returns at once.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
        while let Err(Errno::INTR) = rustix::process::waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED) {
        }
    }
}

impl Step {
    /// Asks the launcher to kill the step; harmless when it has ended.
    pub fn kill(&self) {
        // A launcher that is gone has taken the step with it.
        let _ = rustix::net::send(&self.channel, b"k", SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
    }

    /// Waits for the end of the step.
    pub fn wait(&self) -> io::Result<Outcome> {
        let mut failure = None;
        loop {
            match wire::wait_answer(self.channel.as_fd())? {
                Some(Answer::Failed { op: BEFORE_THE_FIRST, errno }) => return Ok(Outcome::Failed { op: None, errno }),
                Some(Answer::Failed { op, errno }) => failure = Some(Outcome::Failed { op: Some(op), errno }),
                Some(Answer::Ended { status, user_us, system_us, peak_rss_kib }) => {
                    let ended = Outcome::Ended(Ended { status, user_us, system_us, peak_rss_kib });
                    return Ok(failure.unwrap_or(ended));
                }
                Some(Answer::Ready) => {}
                None => return Ok(Outcome::Lost),
            }
        }
    }
}

fn socket_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// What a launcher works in: made before its birth, never grown.
struct Memory {
    message: Vec<u8>,
    scratch: Vec<usize>,
}

/// The launcher's life. The C calling convention makes a panic an abort: it must not unwind into the owner's frames.
extern "C" fn launcher_main(socket: OwnedFd, setup: &LauncherSetup, memory: &mut Memory) -> ! {
    let socket = match surroundings::enter(socket, setup) {
        Ok(socket) => socket,
        Err(failure) => {
            wire::answer(
                failure.socket.as_fd(),
                Answer::Failed { op: failure.stage, errno: failure.errno.raw_os_error() },
            );
            exit_now(1)
        }
    };
    wire::answer(socket.as_fd(), Answer::Ready);
    let mut steps = [const { None }; MAX_STEPS];
    let mut descriptors = Descriptors::new();
    loop {
        let Ok(wants_more) = wait_for_work(&socket, &mut steps) else { exit_now(1) };
        if !wants_more {
            continue;
        }
        match wire::receive(socket.as_fd(), &mut memory.message, &mut descriptors) {
            Ok(Received::Closed) | Err(Errno::CONNRESET) => exit_now(0),
            Ok(received) => start_step(&received, memory, &mut descriptors, setup, &mut steps),
            Err(_) => {}
        }
        descriptors.clear();
    }
}

/// One step as the launcher knows it.
struct Watched {
    pid: i32,
    pidfd: OwnedFd,
    channel: OwnedFd,
    owner: Owner,
}

/// Whether the launcher listens to the step's owner.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    /// It may still say something.
    Speaking,
    /// It is gone, or a supervisor listens.
    Silent,
}

impl Surroundings {
    fn owner(self) -> Owner {
        match self {
            Surroundings::Bare | Surroundings::Borrowed => Owner::Speaking,
            Surroundings::Shared => Owner::Silent,
        }
    }
}

/// Waits for something to happen, settles what concerns running steps, and says whether a message has come.
fn wait_for_work(socket: &OwnedFd, steps: &mut [Option<Watched>; MAX_STEPS]) -> rustix::io::Result<bool> {
    let (message, ready) = poll_all(socket, steps)?;
    for (step, (ended, spoken)) in steps.iter_mut().zip(ready) {
        let Some(watched) = step else { continue };
        if spoken {
            hear(watched);
        }
        if ended && let Some(ended) = reaper::reap(watched.pid) {
            wire::answer(watched.channel.as_fd(), ended);
            *step = None;
        }
    }
    Ok(message)
}

/// For each step: has it ended, has its owner spoken.
type Ready = [(bool, bool); MAX_STEPS];

fn poll_all(socket: &OwnedFd, steps: &[Option<Watched>; MAX_STEPS]) -> rustix::io::Result<(bool, Ready)> {
    let mut list = [const { None::<PollFd<'_>> }; 1 + 2 * MAX_STEPS].map(|_| PollFd::new(socket, PollFlags::IN));
    let mut places = [usize::MAX; 2 * MAX_STEPS];
    let mut used = 1;
    for (index, watched) in steps.iter().enumerate().filter_map(|(index, step)| Some((index, step.as_ref()?))) {
        list[used] = PollFd::new(&watched.pidfd, PollFlags::IN);
        places[2 * index] = used;
        used += 1;
        if watched.owner == Owner::Speaking {
            list[used] = PollFd::new(&watched.channel, PollFlags::IN);
            places[2 * index + 1] = used;
            used += 1;
        }
    }
    match rustix::event::poll(&mut list[..used], None) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error),
    }
    let is_ready = |place: usize| list[..used].get(place).is_some_and(|entry| !entry.revents().is_empty());
    Ok((is_ready(0), std::array::from_fn(|index| (is_ready(places[2 * index]), is_ready(places[2 * index + 1])))))
}

/// Any word from a step's owner, and its silence for good, mean the same: kill.
fn hear(watched: &mut Watched) {
    let mut word = [0; 8];
    match rustix::net::recv(&watched.channel, &mut word[..], RecvFlags::DONTWAIT) {
        Err(Errno::AGAIN | Errno::INTR) => return,
        Ok((length, _)) if length > 0 => {}
        _ => watched.owner = Owner::Silent,
    }
    // A process that has ended meanwhile is found so at the next turn.
    let _ = rustix::process::pidfd_send_signal(&watched.pidfd, Signal::KILL);
}

fn start_step(
    received: &Received,
    memory: &mut Memory,
    descriptors: &mut Descriptors,
    setup: &LauncherSetup,
    steps: &mut [Option<Watched>; MAX_STEPS],
) {
    let Some(channel) = descriptors.take_channel() else { return };
    let Memory { message, scratch } = memory;
    let started = match received {
        Received::Inline(length) => clone_step(message.get(..*length), (descriptors, &channel), setup, scratch),
        Received::InMemory(file) => match crate::map::MappedFile::of_descriptor(file.as_fd()) {
            Ok(bytes) => clone_step(Some(&bytes), (descriptors, &channel), setup, scratch),
            Err(_) => Err(Errno::NOMEM),
        },
        Received::Closed | Received::Malformed => Err(Errno::INVAL),
    };
    let free = steps.iter_mut().find(|step| step.is_none());
    match (started, free) {
        (Ok((pid, pidfd)), Some(free)) => {
            *free = Some(Watched { pid, pidfd, channel, owner: setup.surroundings.owner() });
        }
        (Ok((pid, pidfd)), None) => {
            let _ = rustix::process::pidfd_send_signal(&pidfd, Signal::KILL);
            reaper::wait(pid);
            refuse(&channel, Errno::AGAIN);
        }
        (Err(error), _) => refuse(&channel, error),
    }
}

fn refuse(channel: &OwnedFd, error: Errno) {
    wire::answer(channel.as_fd(), Answer::Failed { op: BEFORE_THE_FIRST, errno: error.raw_os_error() });
}

fn clone_step(
    bytes: Option<&[u8]>,
    (descriptors, channel): (&Descriptors, &OwnedFd),
    setup: &LauncherSetup,
    scratch: &mut [usize],
) -> Result<(i32, OwnedFd), Errno> {
    let script = bytes.and_then(Script::read).ok_or(Errno::INVAL)?;
    match clone_process(script.namespaces())? {
        Cloned::Parent { pid, pidfd } => Ok((pid, pidfd)),
        Cloned::Child if setup.surroundings == Surroundings::Shared => reaper::supervise(channel.as_fd(), || {
            Child::new(script, descriptors, &setup.filters, scratch).run(channel.as_fd())
        }),
        Cloned::Child => Child::new(script, descriptors, &setup.filters, scratch).run(channel.as_fd()),
    }
}
