//! gzip members: what can be compressed goes through libdeflate, noise is stored.
//!
//! libdeflate spends most of its time on data that does not get smaller (100 MB/s against 700 on text), so a piece is
//! looked at in segments and runs of noise become members of stored blocks. The test uses integers only: its outcome, and
//! with it the bytes, are the same on every machine.

use std::io;

use libdeflater::{CompressionLvl, Compressor, Crc};

/// How finely noise is told from other data, in bytes.
const SEGMENT: usize = 64 * 1024;
/// How much of a noisy segment is compressed to see whether it repeats itself, in bytes.
const SAMPLE: usize = 8 * 1024;
/// The most that one stored block holds, in bytes.
const STORED: usize = 65_535;
/// No time, no name, unknown system: nothing of the machine is in the header.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Makes members of one level.
pub(super) struct Members {
    compressor: Compressor,
    probe: Compressor,
    scratch: Vec<u8>,
}

impl Members {
    /// Returns the state for `level`, or nothing when libdeflate has no such level.
    pub(super) fn new(level: u8) -> Option<Self> {
        let level = CompressionLvl::new(i32::from(level)).ok().filter(|_| level > 0)?;
        let fastest = CompressionLvl::new(1).ok()?;
        Some(Self { compressor: Compressor::new(level), probe: Compressor::new(fastest), scratch: Vec::new() })
    }

    /// Appends the members of one piece; an empty piece is one empty member.
    pub(super) fn compress(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        if piece.is_empty() {
            return self.deflated(piece, out);
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let noisy = self.is_noise(&rest[..rest.len().min(SEGMENT)]);
            let mut end = rest.len().min(SEGMENT);
            while end < rest.len() && self.is_noise(&rest[end..rest.len().min(end + SEGMENT)]) == noisy {
                end = rest.len().min(end + SEGMENT);
            }
            let (run, after) = rest.split_at(end);
            if noisy {
                stored(run, out);
            } else {
                self.deflated(run, out)?;
            }
            rest = after;
        }
        Ok(())
    }

    fn deflated(&mut self, run: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let start = out.len();
        out.resize(start + self.compressor.gzip_compress_bound(run.len()), 0);
        let written = self.compressor.gzip_compress(run, &mut out[start..]).map_err(io::Error::other)?;
        // The flags that libdeflate derives from the level are no news to a reader; ours are the same everywhere.
        out[start..start + HEADER.len()].copy_from_slice(&HEADER);
        out.truncate(start + written);
        Ok(())
    }

    /// Returns whether bytes look random: nearly uniform, and a sample does not shrink.
    fn is_noise(&mut self, segment: &[u8]) -> bool {
        if segment.len() < SAMPLE {
            return false;
        }
        let mut counts = [[0_u32; 256]; 4];
        let mut length = 0;
        // Every fourth kilobyte is enough to tell, and keeps the look cheaper than the copy.
        for kilobyte in segment.chunks_exact(1024).step_by(4) {
            for four in kilobyte.chunks_exact(4) {
                for (table, byte) in counts.iter_mut().zip(four) {
                    table[usize::from(*byte)] += 1;
                }
            }
            length += kilobyte.len() as u64;
        }
        let total = |byte: usize| u64::from(counts.iter().map(|table| table[byte]).sum::<u32>());
        let squares: u64 = (0..256).map(|byte| total(byte) * total(byte)).sum();
        // For random bytes the sum of squares is n²/256 + n; the slack is an eighth of the first term.
        if squares > length * length / 256 * 9 / 8 + length {
            return false;
        }
        self.scratch.resize(SAMPLE, 0);
        self.probe.deflate_compress(&segment[..SAMPLE], &mut self.scratch[..SAMPLE * 31 / 32]).is_err()
    }
}

/// Appends a member that holds `run` as it is.
fn stored(run: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&HEADER);
    let mut blocks = run.chunks(STORED).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("a stored block has at most 65,535 bytes");
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let mut crc = Crc::new();
    crc.update(run);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    let size = u32::try_from(run.len()).expect("a piece has at most 1 MiB");
    out.extend_from_slice(&size.to_le_bytes());
}
