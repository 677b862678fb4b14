//! The memory that a launcher works in: made before its birth, never grown, the only one it keeps of its owner.

use std::io;
use std::ptr::NonNull;

use super::wire::INLINE_BYTES;
use crate::seccomp::{Filter, Instruction};

/// How many pointers to arguments and variables a step may have; the kernel's own limits are tighter in bytes.
const SCRATCH_WORDS: usize = 256 * 1024;
/// The most filters of a launcher.
const MAX_FILTERS: usize = 8;

/// A private mapping that holds a message, room for pointers, and the filters.
#[derive(Debug)]
pub(super) struct Arena {
    start: NonNull<u8>,
    length: usize,
    filters: [u16; MAX_FILTERS],
}

/// An arena's parts.
pub(super) struct Parts<'arena> {
    /// Where messages are received.
    pub(super) message: &'arena mut [u8],
    /// Where a child puts arrays for the kernel.
    pub(super) scratch: &'arena mut [usize],
    /// The filters.
    pub(super) filters: Filters<'arena>,
}

/// Filters, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Filters<'arena> {
    instructions: &'arena [Instruction],
    lengths: &'arena [u16],
}

impl<'arena> Filters<'arena> {
    /// Returns the instructions of a filter.
    pub(super) fn get(&self, index: u32) -> Option<&'arena [Instruction]> {
        let index = usize::try_from(index).ok()?;
        let start = self.lengths.get(..index)?.iter().map(|length| usize::from(*length)).sum::<usize>();
        let length = usize::from(*self.lengths.get(index)?);
        self.instructions.get(start..start + length).filter(|filter| !filter.is_empty())
    }
}

impl Arena {
    /// Maps an arena and copies filters into it; `InvalidInput` for more than eight.
    pub(super) fn new(filters: &[Filter]) -> io::Result<Arena> {
        let mut lengths = [0; MAX_FILTERS];
        if filters.len() > MAX_FILTERS {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        for (length, filter) in lengths.iter_mut().zip(filters) {
            *length = u16::try_from(filter.instructions().len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        }
        let count: usize = lengths.iter().map(|length| usize::from(*length)).sum();
        let length = size_of::<usize>() * SCRATCH_WORDS + size_of::<Instruction>() * count + INLINE_BYTES;
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, -1, 0) };
        let start = match NonNull::new(start.cast::<u8>()) {
            Some(address) if start != libc::MAP_FAILED => address,
            _ => return Err(io::Error::last_os_error()),
        };
        let mut arena = Arena { start, length, filters: lengths };
        let all = filters.iter().flat_map(Filter::instructions);
        arena.instructions().iter_mut().zip(all).for_each(|(place, instruction)| *place = *instruction);
        Ok(arena)
    }

    /// Returns the addresses of the first byte and of the one past the last.
    pub(super) fn bounds(&self) -> (usize, usize) {
        let start = self.start.as_ptr().addr();
        (start, start + self.length)
    }

    fn instruction_count(&self) -> usize {
        self.filters.iter().map(|length| usize::from(*length)).sum()
    }

    fn instructions(&mut self) -> &mut [Instruction] {
        // SAFETY: the words of scratch end inside the mapping.
        let first = unsafe { self.start.as_ptr().cast::<usize>().add(SCRATCH_WORDS) }.cast::<Instruction>();
        // SAFETY: the instructions lie behind the scratch, inside the mapping, aligned to words; `self` is borrowed alone,
        // and any bits are a valid instruction.
        unsafe { std::slice::from_raw_parts_mut(first, self.instruction_count()) }
    }

    /// Lends the parts.
    pub(super) fn parts(&mut self) -> Parts<'_> {
        let count = self.instruction_count();
        let scratch = self.start.as_ptr().cast::<usize>();
        // SAFETY: the three parts lie one behind the other in the mapping, whose length is their sum.
        let instructions = unsafe { scratch.add(SCRATCH_WORDS) }.cast::<Instruction>();
        // SAFETY: as above.
        let message = unsafe { instructions.add(count) }.cast::<u8>();
        Parts {
            // SAFETY: initialised by the kernel with zeros, apart from the other parts, borrowed as long as `self`.
            message: unsafe { std::slice::from_raw_parts_mut(message, INLINE_BYTES) },
            // SAFETY: as above; a mapping's start is aligned to pages.
            scratch: unsafe { std::slice::from_raw_parts_mut(scratch, SCRATCH_WORDS) },
            filters: Filters {
                // SAFETY: as above; written by `new`.
                instructions: unsafe { std::slice::from_raw_parts(instructions, count) },
                lengths: &self.filters,
            },
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new` with this length, and no part of it outlives `self`.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seccomp::Owners;

    #[test]
    fn filters_are_found_by_their_index() {
        let filters = [Filter::build(0, Owners::Real), Filter::build(u64::MAX, Owners::Pretended)];
        let mut arena = Arena::new(&filters).unwrap();
        let parts = arena.parts();
        parts.message.fill(1);
        parts.scratch.fill(2);
        for (index, filter) in (0..).zip(&filters) {
            assert_eq!(parts.filters.get(index), Some(filter.instructions()));
        }
        assert_eq!((parts.filters.get(2), parts.filters.get(8)), (None, None));
    }
}
