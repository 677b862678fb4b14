//! The interpreter of a program: what a new process does until it becomes the command.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::Mode;
use rustix::io::{Errno, Result};

use super::arena::Filters;
use super::op::{Carried, Op, Slot, Text};
use super::program::Script;
use super::wire::{Answer, Descriptors, answer};
use super::{directory, place, privilege};
use crate::process::exit_now;

/// How many places operations can leave descriptors in.
const SLOTS: usize = 8;

/// What a child has at hand: all of it was prepared before its birth.
pub(super) struct Child<'a> {
    script: Script<'a>,
    carried: &'a Descriptors,
    filters: Filters<'a>,
    scratch: &'a mut [usize],
    slots: [Option<OwnedFd>; SLOTS],
}

impl<'a> Child<'a> {
    pub(super) fn new(
        script: Script<'a>,
        carried: &'a Descriptors,
        filters: Filters<'a>,
        scratch: &'a mut [usize],
    ) -> Child<'a> {
        Child { script, carried, filters, scratch, slots: [const { None }; SLOTS] }
    }

    /// Runs the program; a failure is told on `channel`, which an exec closes.
    pub(super) fn run(mut self, channel: BorrowedFd<'_>) -> ! {
        let mut index = 0;
        let failure = loop {
            match self.script.op(index) {
                Some(Some(op)) => match self.perform(op) {
                    Ok(()) => index += 1,
                    Err(error) => break error,
                },
                _ => break Errno::INVAL,
            }
        };
        let op = u32::try_from(index).unwrap_or(u32::MAX);
        answer(channel, Answer::Failed { op, errno: failure.raw_os_error() });
        exit_now(255)
    }

    fn text(&self, text: Text) -> Result<&'a std::ffi::CStr> {
        self.script.text(text).ok_or(Errno::INVAL)
    }

    fn carried(&self, number: Carried) -> Result<BorrowedFd<'a>> {
        self.carried.get(number.0).ok_or(Errno::BADF)
    }

    fn slot(&self, slot: Slot) -> Result<BorrowedFd<'_>> {
        self.slots.get(usize::from(slot.0)).and_then(Option::as_ref).map(AsFd::as_fd).ok_or(Errno::BADF)
    }

    fn keep(&mut self, slot: Slot, descriptor: OwnedFd) -> Result<()> {
        *self.slots.get_mut(usize::from(slot.0)).ok_or(Errno::BADF)? = Some(descriptor);
        Ok(())
    }

    fn perform(&mut self, op: Op) -> Result<()> {
        match op {
            Op::AttachRoot { .. }
            | Op::MakeDirectory { .. }
            | Op::MakeEntry { .. }
            | Op::MountNew { .. }
            | Op::MountClone { .. }
            | Op::MakeNode { .. }
            | Op::CloneNode { .. }
            | Op::MakeLink { .. }
            | Op::Attach { .. }
            | Op::Mask { .. }
            | Op::Freeze { .. } => self.place(op),
            Op::PivotRoot { root } => place::pivot_root(self.slot(root)?),
            Op::ChangeRoot { root } => place::change_root(self.carried(root)?),
            Op::EnterDirectory { path } => directory::enter(self.text(path)?),
            other => self.settle(other),
        }
    }

    /// Operations that lay out the file system.
    fn place(&mut self, op: Op) -> Result<()> {
        match op {
            Op::AttachRoot { mount, into } => self.keep(into, place::attach_root(self.carried(mount)?)?),
            Op::MakeDirectory { at, name, mode } => place::make_directory(self.slot(at)?, self.text(name)?, mode),
            Op::MakeEntry { at, parent, name, mode } => {
                place::make_entry((self.slot(at)?, self.text(parent)?), self.text(name)?, mode)
            }
            Op::MountNew { filesystem, options, attributes, at, name, into } => {
                let target = (self.slot(at)?, self.text(name)?);
                let options = self.script.texts(options);
                let mounted = place::mount_new(self.text(filesystem)?, options, attributes, target)?;
                self.keep(into, mounted)
            }
            Op::MountClone { from, attributes, at, name, into } => {
                let target = (self.slot(at)?, self.text(name)?);
                self.keep(into, place::mount_clone(self.text(from)?, attributes, target)?)
            }
            Op::MakeNode { at, name, mode, device } => place::make_node(self.slot(at)?, self.text(name)?, mode, device),
            Op::CloneNode { from, at, name } => place::clone_node(self.text(from)?, self.slot(at)?, self.text(name)?),
            Op::MakeLink { at, name, target } => {
                rustix::fs::symlinkat(self.text(target)?, self.slot(at)?, self.text(name)?)
            }
            Op::Attach { mount, root, path } => place::attach(self.carried(mount)?, self.slot(root)?, self.text(path)?),
            Op::Mask { at, path, devices } => place::mask(self.slot(at)?, self.text(path)?, self.slot(devices)?),
            Op::Freeze { at, path } => place::freeze(self.slot(at)?, self.text(path)?),
            _ => Err(Errno::INVAL),
        }
    }

    /// Operations on the process itself.
    fn settle(&mut self, op: Op) -> Result<()> {
        match op {
            Op::StartSession {} => rustix::process::setsid().map(|_| ()),
            Op::Stdio { input, output, error } => [(input, 0), (output, 1), (error, 2)]
                .into_iter()
                .try_for_each(|(source, number)| privilege::become_stream(self.carried(source)?, number)),
            Op::Hostname { name } => rustix::system::sethostname(self.text(name)?.to_bytes()),
            Op::JoinKeyring {} => {
                privilege::join_keyring();
                Ok(())
            }
            Op::LoadFilter { index } => privilege::load_filter(self.filters.get(index).ok_or(Errno::INVAL)?),
            Op::SetLimit { resource, soft, hard } => privilege::set_limit(resource, soft, hard),
            Op::SetGroups { groups } => privilege::set_groups(self.script.texts(groups), self.scratch),
            Op::SetIds { uid, gid } => privilege::set_ids(uid, gid),
            Op::SetCapabilities { keep } => privilege::set_capabilities(keep),
            Op::SetMask { mask } => {
                rustix::process::umask(Mode::from_raw_mode(mask));
                Ok(())
            }
            Op::NoNewPrivileges {} => privilege::set_no_new_privileges(),
            Op::RaiseLoopback {} => privilege::raise_loopback(),
            Op::Execute { candidates, arguments, environment } => privilege::execute(
                self.script.texts(candidates),
                self.script.texts(arguments),
                self.script.texts(environment),
                self.scratch,
            ),
            _ => Err(Errno::INVAL),
        }
    }
}
