//! Messages between the engine's process and its launcher: packets with descriptors, and fixed-size answers.

use std::io::{self, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};

/// The most bytes a message carries itself; longer ones travel in a memory file, their last descriptor.
pub(super) const INLINE_BYTES: usize = 64 * 1024;
/// The most descriptors of one message (the kernel's SCM_MAX_FD).
pub(super) const MAX_DESCRIPTORS: usize = 253;

/// Sends a program's bytes with its descriptors, `channel` first.
pub(super) fn send_program(
    socket: BorrowedFd<'_>,
    bytes: &[u8],
    channel: BorrowedFd<'_>,
    rest: &[OwnedFd],
) -> io::Result<()> {
    let memory = if bytes.len() > INLINE_BYTES { Some(memory_file(bytes)?) } else { None };
    let descriptors: Vec<BorrowedFd<'_>> =
        std::iter::once(channel).chain(rest.iter().map(OwnedFd::as_fd)).chain(memory.iter().map(AsFd::as_fd)).collect();
    if descriptors.len() > MAX_DESCRIPTORS {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "more than 250 mounts in one step"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)), "the space was made for that many");
    let kind = [u8::from(memory.is_some())];
    let body = if memory.is_some() { &[][..] } else { bytes };
    loop {
        let parts = [IoSlice::new(&kind), IoSlice::new(body)];
        match rustix::net::sendmsg(socket, &parts, &mut ancillary, SendFlags::NOSIGNAL) {
            Err(Errno::INTR) => {}
            other => return other.map(|_| ()).map_err(io::Error::from),
        }
    }
}

fn memory_file(bytes: &[u8]) -> io::Result<OwnedFd> {
    let memory = rustix::fs::memfd_create(c"containr-step", rustix::fs::MemfdFlags::CLOEXEC)?;
    let mut file = std::fs::File::from(memory);
    file.write_all(bytes)?;
    Ok(file.into())
}

/// What one receive of the launcher gave.
pub(super) enum Received {
    /// A program of that many bytes in the buffer, after the kind byte.
    Inline(usize),
    /// A program in the memory file that came as the last descriptor.
    InMemory(OwnedFd),
    /// The other end is gone.
    Closed,
    /// A message that is not one of ours.
    Malformed,
}

/// Receives one message into `buffer` and `descriptors`, without allocation.
pub(super) fn receive(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
    descriptors: &mut Descriptors,
) -> rustix::io::Result<Received> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut kind = [0];
    let mut parts = [IoSliceMut::new(&mut kind), IoSliceMut::new(buffer)];
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    let message = rustix::net::recvmsg(socket, &mut parts, &mut ancillary, flags)?;
    for item in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = item {
            rights.for_each(|descriptor| descriptors.push(descriptor));
        }
    }
    if message.bytes == 0 {
        return Ok(Received::Closed);
    }
    if message.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) || descriptors.count == 0 {
        return Ok(Received::Malformed);
    }
    match kind[0] {
        0 => Ok(Received::Inline(message.bytes - 1)),
        1 => Ok(descriptors.pop().map_or(Received::Malformed, Received::InMemory)),
        _ => Ok(Received::Malformed),
    }
}

/// Received descriptors in a fixed array; dropped ones are closed.
pub(super) struct Descriptors {
    list: [Option<OwnedFd>; MAX_DESCRIPTORS],
    count: usize,
}

impl Descriptors {
    pub(super) fn new() -> Descriptors {
        Descriptors { list: [const { None }; MAX_DESCRIPTORS], count: 0 }
    }

    fn push(&mut self, descriptor: OwnedFd) {
        if let Some(place) = self.list.get_mut(self.count) {
            *place = Some(descriptor);
            self.count += 1;
        }
    }

    fn pop(&mut self) -> Option<OwnedFd> {
        self.count = self.count.checked_sub(1)?;
        self.list[self.count].take()
    }

    /// Takes the first one: the channel on which the step is answered.
    pub(super) fn take_channel(&mut self) -> Option<OwnedFd> {
        self.list[0].take()
    }

    /// Borrows the descriptor that the program knows as number `index`.
    pub(super) fn get(&self, index: u32) -> Option<BorrowedFd<'_>> {
        self.list.get(usize::try_from(index).ok()?.checked_add(1)?)?.as_ref().map(AsFd::as_fd)
    }

    /// Closes all.
    pub(super) fn clear(&mut self) {
        self.list[..self.count].fill_with(|| None);
        self.count = 0;
    }
}

/// The operation number of a failure that came before any operation.
pub(super) const BEFORE_THE_FIRST: u32 = u32::MAX;

/// An answer about a step, or about the launcher's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The launcher stands.
    Ready,
    /// Operation `op` failed; `op` is [`BEFORE_THE_FIRST`] where there was no child yet.
    Failed { op: u32, errno: i32 },
    /// The process is gone, with its wait status and what it used.
    Ended { status: i32, user_us: u64, system_us: u64, peak_rss_kib: u64 },
}

/// The bytes of an answer on the wire.
pub(super) const ANSWER_BYTES: usize = 40;

impl Answer {
    pub(super) fn encode(self) -> [u8; ANSWER_BYTES] {
        let words = match self {
            Answer::Ready => [0, 0, 0, 0, 0],
            Answer::Failed { op, errno } => [1, u64::from(op), u64::from(errno.cast_unsigned()), 0, 0],
            Answer::Ended { status, user_us, system_us, peak_rss_kib } => {
                [2, u64::from(status.cast_unsigned()), user_us, system_us, peak_rss_kib]
            }
        };
        let mut bytes = [0; ANSWER_BYTES];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&u64::to_ne_bytes(word));
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Answer> {
        let mut words = [0; 5];
        let bytes: &[u8; ANSWER_BYTES] = bytes.try_into().ok()?;
        for (chunk, word) in bytes.as_chunks().0.iter().zip(&mut words) {
            *word = u64::from_ne_bytes(*chunk);
        }
        let signed = |word: u64| u32::try_from(word).ok().map(u32::cast_signed);
        match words {
            [0, ..] => Some(Answer::Ready),
            [1, op, errno, ..] => Some(Answer::Failed { op: u32::try_from(op).ok()?, errno: signed(errno)? }),
            [2, status, user_us, system_us, peak_rss_kib] => {
                Some(Answer::Ended { status: signed(status)?, user_us, system_us, peak_rss_kib })
            }
            _ => None,
        }
    }
}

/// Sends an answer; a receiver that is gone is no concern of the sender.
pub(super) fn answer(channel: BorrowedFd<'_>, answer: Answer) {
    let _ = rustix::net::send(channel, &answer.encode(), SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
}

/// Waits for an answer; nothing when the other end is gone.
pub(super) fn wait_answer(channel: BorrowedFd<'_>) -> io::Result<Option<Answer>> {
    let mut bytes = [0; ANSWER_BYTES];
    loop {
        match rustix::net::recv(channel, &mut bytes[..], RecvFlags::empty()) {
            Ok((0, _)) => return Ok(None),
            Ok((length, _)) => {
                let known = Answer::decode(&bytes[..length]);
                return known.map(Some).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData));
            }
            // A reset tells that a last word to the other end was not read; what that end had sent is still to come.
            Err(Errno::INTR | Errno::CONNRESET) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_survive_the_wire() {
        for sent in [
            Answer::Ready,
            Answer::Failed { op: u32::MAX, errno: 13 },
            Answer::Ended { status: 0x7f00, user_us: 1, system_us: 2, peak_rss_kib: 3 },
        ] {
            assert_eq!(Answer::decode(&sent.encode()), Some(sent));
        }
        assert_eq!(Answer::decode(&[0; 3]), None);
    }

    #[test]
    fn an_answer_is_read_although_the_last_word_was_not() {
        let (kind, flags) = (rustix::net::SocketType::SEQPACKET, rustix::net::SocketFlags::CLOEXEC);
        let (ours, theirs) = rustix::net::socketpair(rustix::net::AddressFamily::UNIX, kind, flags, None).unwrap();
        rustix::net::send(&ours, b"k", SendFlags::empty()).unwrap();
        answer(theirs.as_fd(), Answer::Ready);
        drop(theirs);
        assert_eq!(wait_answer(ours.as_fd()).unwrap(), Some(Answer::Ready));
        assert_eq!(wait_answer(ours.as_fd()).unwrap(), None);
    }
}
