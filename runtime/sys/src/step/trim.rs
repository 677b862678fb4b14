//! Gives back the memory that a launcher has from its owner.
//!
//! A launcher is a fork of a process that may be large, and each step is a fork of the launcher: with 40 MB of the
//! owner's heap in its tables a step takes 1.3 ms longer.

use rustix::fs::{Mode, OFlags};
use rustix::io::Result;

/// Smaller mappings stay: they cost little.
const WORTH_BYTES: usize = 64 * 1024;
/// How many mappings are given back at most.
const MAX_MAPPINGS: usize = 512;
/// What is kept on both sides of the thread's own data, whose extent is the C library's secret.
const THREAD_DATA_BYTES: usize = 256 * 1024;
/// The size to whose multiples what is kept is rounded; pages are not larger.
const PAGE_BYTES: usize = 64 * 1024;

/// A range of addresses, the end not included.
type Range = (usize, usize);

/// Unmaps what is anonymous or shared and neither `kept`, nor the running stack, nor the thread's or a program's own data.
///
/// For a process with one thread that will never allocate again nor return to its caller's frames. Allocates nothing.
pub(super) fn unmap_all_but(kept: Range) -> Result<()> {
    let here = 0_u8;
    let thread = thread_data();
    let keep = [rounded(kept), rounded((thread - THREAD_DATA_BYTES, thread + THREAD_DATA_BYTES))];
    let mut found = [(0, 0); MAX_MAPPINGS];
    let count = list(&mut found, (&raw const here).addr())?;
    for range in &found[..count] {
        unmap_around(*range, &keep);
    }
    Ok(())
}

/// Returns an address in the thread's own data.
fn thread_data() -> usize {
    // SAFETY: the C library gives the address of the thread's error number, which always exists.
    unsafe { libc::__errno_location() }.addr()
}

fn rounded((start, end): Range) -> Range {
    (start / PAGE_BYTES * PAGE_BYTES, end.div_ceil(PAGE_BYTES) * PAGE_BYTES)
}

/// Unmaps the parts of a range that are outside of two kept ones.
fn unmap_around(range: Range, keep: &[Range; 2]) {
    let (first, second) = if keep[0].0 <= keep[1].0 { (keep[0], keep[1]) } else { (keep[1], keep[0]) };
    for (start, end) in [(0, first.0), (first.1, second.0), (second.1, usize::MAX)] {
        let (start, end) = (start.max(range.0), end.min(range.1));
        if start < end {
            // SAFETY: by the caller's word nothing in here is used again: it is not the stack, the thread's data, the
            // program's or the arena. A refusal leaves things as they were.
            unsafe { libc::munmap(std::ptr::without_provenance_mut(start), end - start) };
        }
    }
}

/// Lists what can be given back, from /proc/self/maps; `here` is an address on the stack.
fn list(found: &mut [Range; MAX_MAPPINGS], here: usize) -> Result<usize> {
    let maps = rustix::fs::open(c"/proc/self/maps", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let (mut text, mut filled, mut count) = ([0_u8; 4096], 0, 0);
    let mut previous_file_end = 0;
    loop {
        let length = rustix::io::read(&maps, &mut text[filled..])?;
        if length == 0 {
            return Ok(count);
        }
        filled += length;
        let whole = text[..filled].iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        for line in text[..whole].split(|byte| *byte == b'\n').filter_map(Mapping::parse) {
            // Anonymous memory right behind a file's is that program's or library's zeroed data.
            let is_program_data = line.start == previous_file_end;
            if line.is_spare(here) && !is_program_data && count < MAX_MAPPINGS {
                found[count] = (line.start, line.end);
                count += 1;
            }
            previous_file_end = if line.has_file { line.end } else { 0 };
        }
        text.copy_within(whole..filled, 0);
        filled -= whole;
    }
}

/// A line of /proc/self/maps.
struct Mapping {
    start: usize,
    end: usize,
    is_shared: bool,
    has_file: bool,
    is_special: bool,
}

impl Mapping {
    fn parse(line: &[u8]) -> Option<Mapping> {
        let line = std::str::from_utf8(line).ok()?;
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let permissions = words.next()?;
        let inode = words.nth(2)?;
        let name = words.next().unwrap_or("");
        Some(Mapping {
            start: usize::from_str_radix(start, 16).ok()?,
            end: usize::from_str_radix(end, 16).ok()?,
            is_shared: permissions.ends_with('s'),
            has_file: inode != "0",
            is_special: name.starts_with('[') && name != "[heap]" && !name.starts_with("[anon"),
        })
    }

    fn is_spare(&self, here: usize) -> bool {
        let has_kind = self.is_shared || (!self.has_file && !self.is_special);
        has_kind && self.end - self.start >= WORTH_BYTES && !(self.start..self.end).contains(&here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spare(line: &str) -> bool {
        Mapping::parse(line.as_bytes()).unwrap().is_spare(0x1000)
    }

    #[test]
    fn heaps_and_shared_files_are_spare() {
        assert!(spare("555500000000-555500400000 rw-p 00000000 00:00 0                          [heap]"));
        assert!(spare("7f0000000000-7f0000400000 rw-p 00000000 00:00 0 "));
        assert!(spare("7f0000000000-7f0000400000 rw-s 00000000 08:01 77    /store/index.db-shm"));
    }

    #[test]
    fn programs_stacks_and_small_mappings_are_not() {
        assert!(!spare("7f0000000000-7f0000400000 r-xp 00000000 08:01 77    /usr/bin/program"));
        assert!(!spare("7ffc00000000-7ffc00400000 rw-p 00000000 00:00 0    [stack]"));
        assert!(!spare("7f0000000000-7f0000001000 rw-p 00000000 00:00 0 "));
        assert!(!spare("0-400000 rw-p 00000000 00:00 0 "), "it has the address of the running stack");
    }

    #[test]
    fn a_file_name_that_is_no_text_is_left_alone() {
        assert!(Mapping::parse(b"7f0000000000-7f0000400000 rw-s 00000000 08:01 77 /\xff").is_none());
    }
}
