//! The launcher's process: it clones steps, watches them, and answers for them.

use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::RecvFlags;
use rustix::process::Signal;

use super::arena::{Arena, Filters, Parts};
use super::child::Child;
use super::program::Script;
use super::surroundings::{Setup, Surroundings};
use super::wire::{self, Answer, BEFORE_THE_FIRST, Descriptors, Received};
use super::{reaper, surroundings};
use crate::process::{Cloned, clone_process, exit_now};

/// How many steps one launcher runs at once.
const MAX_STEPS: usize = 128;

/// The launcher's life. The C calling convention makes a panic an abort: it must not unwind into the owner's frames.
pub(super) extern "C" fn main(socket: OwnedFd, setup: &Setup, arena: &mut Arena) -> ! {
    let socket = match surroundings::enter(socket, *setup, arena.bounds()) {
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
    let mut parts = arena.parts();
    loop {
        let Ok(wants_more) = wait_for_work(&socket, &mut steps) else { exit_now(1) };
        if !wants_more {
            continue;
        }
        match wire::receive(socket.as_fd(), parts.message, &mut descriptors) {
            Ok(Received::Closed) | Err(Errno::CONNRESET) => exit_now(0),
            Ok(received) => start_step(&received, &mut parts, &mut descriptors, setup, &mut steps),
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
    parts: &mut Parts<'_>,
    descriptors: &mut Descriptors,
    setup: &Setup,
    steps: &mut [Option<Watched>; MAX_STEPS],
) {
    let Some(channel) = descriptors.take_channel() else { return };
    let Parts { message, scratch, filters } = parts;
    let started = match received {
        Received::Inline(length) => {
            clone_step(message.get(..*length), (descriptors, &channel), setup, (scratch, *filters))
        }
        Received::InMemory(file) => match crate::map::MappedFile::of_descriptor(file.as_fd()) {
            Ok(bytes) => clone_step(Some(&bytes), (descriptors, &channel), setup, (scratch, *filters)),
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
    setup: &Setup,
    (scratch, filters): (&mut [usize], Filters<'_>),
) -> Result<(i32, OwnedFd), Errno> {
    let script = bytes.and_then(Script::read).ok_or(Errno::INVAL)?;
    match clone_process(script.namespaces())? {
        Cloned::Parent { pid, pidfd } => Ok((pid, pidfd)),
        Cloned::Child if setup.surroundings == Surroundings::Shared => reaper::supervise(channel.as_fd(), || {
            Child::new(script, descriptors, filters, scratch).run(channel.as_fd())
        }),
        Cloned::Child => Child::new(script, descriptors, filters, scratch).run(channel.as_fd()),
    }
}
