//! A program: the operations of one step, their texts, and the descriptors that go with them.

use std::ffi::CStr;
use std::io;
use std::os::fd::OwnedFd;

use super::op::{Carried, OP_WORDS, Op, Text, Texts};

/// The bytes of one encoded operation.
const OP_BYTES: usize = OP_WORDS * 8;
/// The bytes before the operations: their number and the clone flags, a word each.
const HEADER_BYTES: usize = 16;

/// What a new process of a step gets of its own, as `CLONE_NEW*` bits; zero is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespaces(pub(super) u64);

impl Namespaces {
    /// Shares everything with the launcher.
    pub const NONE: Namespaces = Namespaces(0);
    /// Mounts, processes, System V IPC, host name and cgroup view.
    pub const STANDARD: Namespaces = Namespaces(
        (libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS | libc::CLONE_NEWCGROUP)
            as u64,
    );

    /// Adds an empty network namespace.
    #[must_use]
    pub fn with_network(self) -> Namespaces {
        Namespaces(self.0 | libc::CLONE_NEWNET as u64)
    }
}

/// A program under construction.
#[derive(Debug)]
pub struct Program {
    namespaces: Namespaces,
    ops: Vec<Op>,
    text: Vec<u8>,
    carried: Vec<OwnedFd>,
}

impl Program {
    /// Starts an empty program for a process with the given namespaces.
    pub fn new(namespaces: Namespaces) -> Program {
        Program { namespaces, ops: Vec::with_capacity(64), text: Vec::with_capacity(4096), carried: Vec::new() }
    }

    /// Appends an operation and returns its index, by which a failure names it.
    pub fn push(&mut self, op: Op) -> u32 {
        self.ops.push(op);
        u32::try_from(self.ops.len() - 1).expect("a program has fewer than 2^32 operations")
    }

    /// Adds a string; `InvalidInput` if it holds a NUL byte.
    pub fn text(&mut self, bytes: &[u8]) -> io::Result<Text> {
        if bytes.contains(&0) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a NUL byte in a path, argument or variable"));
        }
        let start = u32::try_from(self.text.len()).map_err(|_| io::Error::from(io::ErrorKind::ArgumentListTooLong))?;
        self.text.extend_from_slice(bytes);
        self.text.push(0);
        Ok(Text(start))
    }

    /// Adds a list of strings.
    pub fn texts<B: AsRef<[u8]>>(&mut self, list: impl IntoIterator<Item = B>) -> io::Result<Texts> {
        let first = u32::try_from(self.text.len()).map_err(|_| io::Error::from(io::ErrorKind::ArgumentListTooLong))?;
        let mut count = 0;
        for item in list {
            self.text(item.as_ref())?;
            count += 1;
        }
        Ok(Texts { first, count })
    }

    /// Hands a descriptor to the step.
    pub fn carry(&mut self, descriptor: OwnedFd) -> Carried {
        self.carried.push(descriptor);
        Carried(u32::try_from(self.carried.len() - 1).expect("descriptors are fewer than 2^32"))
    }

    pub(super) fn descriptors(&self) -> &[OwnedFd] {
        &self.carried
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.ops.len() * OP_BYTES + self.text.len());
        bytes.extend_from_slice(&(self.ops.len() as u64).to_ne_bytes());
        bytes.extend_from_slice(&self.namespaces.0.to_ne_bytes());
        for op in &self.ops {
            for word in op.encode() {
                bytes.extend_from_slice(&word.to_ne_bytes());
            }
        }
        bytes.extend_from_slice(&self.text);
        bytes
    }
}

/// A received program, read in place without allocation.
#[derive(Clone, Copy)]
pub(super) struct Script<'bytes> {
    namespaces: u64,
    ops: &'bytes [u8],
    text: &'bytes [u8],
}

impl<'bytes> Script<'bytes> {
    /// Reads a message; nothing if it is shorter than it says.
    pub(super) fn read(bytes: &'bytes [u8]) -> Option<Script<'bytes>> {
        let count = usize::try_from(word(bytes, 0)?).ok()?;
        let namespaces = word(bytes, 8)?;
        let (ops, text) = bytes.get(HEADER_BYTES..)?.split_at_checked(count.checked_mul(OP_BYTES)?)?;
        Some(Script { namespaces, ops, text })
    }

    pub(super) fn namespaces(&self) -> u64 {
        self.namespaces
    }

    /// Returns operation `index`; nothing past the end, `Some(None)` for one that cannot be read.
    pub(super) fn op(&self, index: usize) -> Option<Option<Op>> {
        let bytes = self.ops.get(index.checked_mul(OP_BYTES)?..)?.get(..OP_BYTES)?;
        let mut words = [0; OP_WORDS];
        for (position, slot) in words.iter_mut().enumerate() {
            *slot = word(bytes, position * 8)?;
        }
        Some(Op::decode(&words))
    }

    pub(super) fn text(&self, text: Text) -> Option<&'bytes CStr> {
        CStr::from_bytes_until_nul(self.text.get(usize::try_from(text.0).ok()?..)?).ok()
    }

    pub(super) fn texts(&self, list: Texts) -> impl Iterator<Item = Option<&'bytes CStr>> {
        let mut rest = usize::try_from(list.first).ok().and_then(|first| self.text.get(first..));
        (0..list.count).map(move |_| {
            let item = CStr::from_bytes_until_nul(rest?).ok()?;
            rest = rest?.get(item.count_bytes() + 1..);
            Some(item)
        })
    }
}

fn word(bytes: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(*bytes.get(offset..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_place() {
        let mut program = Program::new(Namespaces::STANDARD);
        let one = program.text(b"one").unwrap();
        let list = program.texts(["a", "", "c"]).unwrap();
        program.push(Op::Hostname { name: one });
        let bytes = program.encode();
        let script = Script::read(&bytes).unwrap();
        assert_eq!(script.op(0), Some(Some(Op::Hostname { name: one })));
        assert_eq!(script.op(1), None);
        assert_eq!(script.text(one), Some(c"one"));
        assert_eq!(script.texts(list).collect::<Option<Vec<_>>>(), Some(vec![c"a", c"", c"c"]));
    }

    #[test]
    fn nul_bytes_are_refused() {
        assert_eq!(Program::new(Namespaces::NONE).text(b"a\0b").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn every_cut_of_a_message_is_survived() {
        let mut program = Program::new(Namespaces::NONE);
        let texts = program.texts(["x", "y"]).unwrap();
        program.push(Op::SetGroups { groups: texts });
        let bytes = program.encode();
        for length in 0..bytes.len() {
            let Some(script) = Script::read(&bytes[..length]) else { continue };
            assert!(script.texts(texts).any(|item| item.is_none()), "cut at {length}");
        }
    }
}
