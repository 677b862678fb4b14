//! The forms in which a layer travels, and compression on several threads with the same bytes for any number of them.
//!
//! The input is cut into pieces of a fixed size that are compressed each by itself and joined in order: gzip members of
//! 1 MiB, zstd frames of 2 MiB. Frames of 4 MiB save 0.6 % of a file system of programs and documentation, and cost
//! 8 MiB of memory with two threads.

mod gzip;
mod parallel;

use std::io::{self, Write};
use std::num::NonZeroUsize;

use containr_oci::media;

use crate::LayerError;

/// A compression with its level; every pair has one fixed sequence of bytes for one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// The tar itself.
    Plain,
    /// gzip members.
    Gzip {
        /// 1 to 12, as libdeflate has them.
        level: u8,
    },
    /// zstd frames.
    Zstd {
        /// 1 to 22.
        level: u8,
    },
}

impl Codec {
    /// gzip as it is written by default.
    pub const GZIP: Self = Self::Gzip { level: 6 };
    /// zstd as it is written by default.
    pub const ZSTD: Self = Self::Zstd { level: 3 };

    /// Returns the name under which the store keeps a layer's blob: codec, level and version of the way of cutting.
    pub fn name(&self) -> String {
        match self {
            Self::Plain => "plain-v1".to_owned(),
            Self::Gzip { level } => format!("gzip-{level}-v1"),
            Self::Zstd { level } => format!("zstd-{level}-v1"),
        }
    }

    /// Returns the OCI media type of a layer in this form.
    pub fn media_type(&self) -> &'static str {
        match self {
            Self::Plain => media::LAYER,
            Self::Gzip { .. } => media::LAYER_GZIP,
            Self::Zstd { .. } => media::LAYER_ZSTD,
        }
    }

    /// Compresses on `threads` threads what `produce` writes, and writes the result to `out` in order.
    ///
    /// # Errors
    /// The producer's own error, a level that does not exist, or what `out` gives.
    pub fn compress<T>(
        self,
        threads: NonZeroUsize,
        out: &mut (dyn Write + Send),
        produce: impl FnOnce(&mut dyn Write) -> Result<T, LayerError>,
    ) -> Result<T, LayerError> {
        let Some(piece_bytes) = self.piece_bytes() else {
            return produce(out);
        };
        // The compressors are made first, so that a level that does not exist fails before anything is read.
        let workers = (0..threads.get()).map(|_| self.worker()).collect::<Result<Vec<_>, _>>()?;
        parallel::compress(workers, piece_bytes, out, produce)
    }

    fn piece_bytes(self) -> Option<usize> {
        match self {
            Self::Plain => None,
            Self::Gzip { .. } => Some(1 << 20),
            Self::Zstd { .. } => Some(2 << 20),
        }
    }

    fn worker(self) -> Result<Worker, LayerError> {
        match self {
            Self::Plain => Err(LayerError::Compress("the plain codec")),
            Self::Gzip { level } => {
                gzip::Members::new(level).map(Worker::Gzip).ok_or(LayerError::Compress("this gzip level"))
            }
            Self::Zstd { level } => {
                if !(1..=22).contains(&level) {
                    return Err(LayerError::Compress("this zstd level"));
                }
                zstd::bulk::Compressor::new(i32::from(level)).map(Worker::Zstd).map_err(LayerError::Output)
            }
        }
    }
}

/// The state of one thread that compresses.
enum Worker {
    Gzip(gzip::Members),
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Worker {
    /// Replaces `out` by the compressed form of one piece.
    fn compress(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        out.clear();
        match self {
            Self::Gzip(members) => members.compress(piece, out),
            Self::Zstd(frames) => {
                out.reserve(zstd::zstd_safe::compress_bound(piece.len()));
                frames.compress_to_buffer(piece, out).map(|_| ())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::decode::{Compression, Formats};

    /// Half text, half noise, in pieces that do not fall together with the codec's.
    fn sample(bytes: usize) -> Vec<u8> {
        let mut state = 88_172_645_463_325_252_u64;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        (0..bytes).map(|at| if at / 300_000 % 2 == 0 { noise() } else { b"all work and no play "[at % 21] }).collect()
    }

    fn compressed(codec: Codec, threads: usize, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let threads = NonZeroUsize::new(threads).unwrap();
        codec
            .compress(threads, &mut out, |sink| {
                // Odd writes: the cut must not depend on how the bytes arrive.
                data.chunks(77_777 + threads.get()).try_for_each(|c| sink.write_all(c)).map_err(LayerError::Output)
            })
            .unwrap();
        out
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bytes() {
        let data = sample(9_000_000);
        for codec in [Codec::GZIP, Codec::ZSTD, Codec::Plain] {
            let one = compressed(codec, 1, &data);
            assert_eq!(one, compressed(codec, 2, &data), "{codec:?}");
            assert_eq!(one, compressed(codec, 4, &data), "{codec:?}");
            let mut back = Vec::new();
            Compression::open(&one[..], Formats::Layer).unwrap().read_to_end(&mut back).unwrap();
            assert!(back == data, "{codec:?}");
        }
    }

    #[test]
    fn nothing_is_a_valid_stream() {
        for codec in [Codec::GZIP, Codec::ZSTD] {
            let bytes = compressed(codec, 2, &[]);
            let mut back = Vec::new();
            Compression::open(&bytes[..], Formats::Layer).unwrap().read_to_end(&mut back).unwrap();
            assert!(!bytes.is_empty() && back.is_empty(), "{codec:?}");
        }
    }

    #[test]
    fn noise_is_stored_and_text_is_not() {
        let data = sample(3_000_000);
        let size = compressed(Codec::GZIP, 2, &data).len();
        assert!((1_500_000..1_800_000).contains(&size), "{size}");
    }

    #[test]
    fn a_level_that_does_not_exist_is_an_error() {
        for codec in [Codec::Gzip { level: 13 }, Codec::Zstd { level: 0 }, Codec::Zstd { level: 23 }] {
            let result = codec.compress(NonZeroUsize::MIN, &mut Vec::new(), |_| Ok(()));
            assert!(matches!(result, Err(LayerError::Compress(_))), "{codec:?}");
        }
    }

    #[test]
    fn a_failing_producer_and_a_failing_sink_end_the_work() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let two = NonZeroUsize::new(2).unwrap();
        let produced = Codec::GZIP.compress(two, &mut Vec::new(), |sink| {
            sink.write_all(&[0; 3_000_000]).map_err(LayerError::Output)?;
            Err::<(), _>(LayerError::Compress("the test"))
        });
        assert!(matches!(produced, Err(LayerError::Compress("the test"))));
        let written = Codec::ZSTD.compress(two, &mut Full, |sink| {
            (0..400).try_for_each(|_| sink.write_all(&[7; 100_000])).map_err(LayerError::Output)
        });
        assert!(matches!(written, Err(LayerError::Output(e)) if e.kind() == io::ErrorKind::StorageFull));
    }
}
