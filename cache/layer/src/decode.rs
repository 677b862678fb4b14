//! Decompression by content: the first bytes say what a stream is, never its name or its declared type.

use std::io::{self, BufRead, BufReader, Read};

/// A way of compressing that is known by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// None of the others.
    Plain,
    /// gzip, of any number of members.
    Gzip,
    /// zstd, of any number of frames.
    Zstd,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
}

/// Which compressions are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// What the image specification has: plain, gzip, zstd.
    Layer,
    /// What ADD unpacks: bzip2 and xz, too.
    Archive,
}

/// How much memory a stream may make its decoder use: the window of the largest common settings, in bytes (2^27).
const WINDOW_LOG: u32 = 27;
/// The same for xz, in KiB: level 9 needs 65 MiB.
const XZ_MEMORY_KIB: u32 = 128 << 10;

impl Compression {
    /// Returns what begins with `head`, of which six bytes are enough.
    pub fn detect(head: &[u8]) -> Self {
        let skippable = head.len() >= 4 && head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18];
        match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ if skippable => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::Plain,
        }
    }

    /// Returns a reader of the uncompressed bytes of `input`.
    ///
    /// # Errors
    /// What reading the first bytes gives.
    pub fn open<'a>(input: impl Read + Send + 'a, formats: Formats) -> io::Result<Box<dyn Read + Send + 'a>> {
        let mut input = Head::new(BufReader::with_capacity(128 * 1024, input))?;
        let compression = Self::detect(input.first());
        Ok(match (compression, formats) {
            (Self::Gzip, _) => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
            (Self::Zstd, _) => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
                decoder.window_log_max(WINDOW_LOG)?;
                Box::new(decoder)
            }
            (Self::Bzip2, Formats::Archive) => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            (Self::Xz, Formats::Archive) => Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, XZ_MEMORY_KIB)),
            _ => {
                input.fill_buf()?;
                Box::new(input)
            }
        })
    }
}

/// A stream whose first bytes were looked at, however small the pieces in which it arrives.
struct Head<R> {
    head: [u8; 6],
    length: usize,
    used: usize,
    rest: R,
}

impl<R: BufRead> Head<R> {
    fn new(mut rest: R) -> io::Result<Self> {
        let mut head = [0; 6];
        let mut length = 0;
        while length < head.len() {
            match rest.read(&mut head[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { head, length, used: 0, rest })
    }

    fn first(&self) -> &[u8] {
        &self.head[..self.length]
    }
}

impl<R: BufRead> BufRead for Head<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used < self.length { Ok(&self.head[self.used..self.length]) } else { self.rest.fill_buf() }
    }

    fn consume(&mut self, amount: usize) {
        if self.used < self.length { self.used += amount } else { self.rest.consume(amount) }
    }
}

impl<R: BufRead> Read for Head<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.length {
            return self.rest.read(buffer);
        }
        let taken = self.first()[self.used..].len().min(buffer.len());
        buffer[..taken].copy_from_slice(&self.head[self.used..][..taken]);
        self.used += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, as a slow socket does.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    #[test]
    fn streams_are_told_apart_however_they_arrive() {
        let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let plain = b"plain bytes";
        for (bytes, expected) in [(&gzip[..], &b""[..]), (plain, plain), (b"", b""), (b"BZ", b"BZ")] {
            let mut out = Vec::new();
            Compression::open(Drip(bytes), Formats::Archive).unwrap().read_to_end(&mut out).unwrap();
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_layer_may_not_be_xz() {
        assert_eq!(Compression::detect(b"\xfd7zXZ\0"), Compression::Xz);
        let mut out = Vec::new();
        Compression::open(&b"\xfd7zXZ\0"[..], Formats::Layer).unwrap().read_to_end(&mut out).unwrap();
        assert_eq!(out, b"\xfd7zXZ\0");
    }
}
