//! The 512-byte header block of ustar archives, encoded and decoded; numbers in octal or GNU's base 256.

use super::TarError;

/// The unit of a tar archive in bytes.
pub(crate) const BLOCK: usize = 512;

/// The largest number that an eleven-digit octal field holds.
pub(crate) const OCTAL_11: u64 = 0o777_7777_7777;
/// The largest number that a seven-digit octal field holds.
pub(crate) const OCTAL_7: u64 = 0o777_7777;

/// What a header block says, in the form in which it is written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) prefix: &'a [u8],
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) size: u64,
    pub(crate) mtime: u64,
    pub(crate) typeflag: u8,
    pub(crate) link: &'a [u8],
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl Fields<'_> {
    /// Returns the block; user and group names stay empty so that the bytes do not depend on a password file.
    pub(crate) fn encode(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        put(&mut block[..100], self.name);
        octal(&mut block[100..108], u64::from(self.mode));
        octal(&mut block[108..116], self.uid);
        octal(&mut block[116..124], self.gid);
        octal(&mut block[124..136], self.size);
        octal(&mut block[136..148], self.mtime);
        block[156] = self.typeflag;
        put(&mut block[157..257], self.link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        octal(&mut block[329..337], u64::from(self.major));
        octal(&mut block[337..345], u64::from(self.minor));
        put(&mut block[345..500], self.prefix);
        let sum = checksums(&block).0;
        octal(&mut block[148..155], sum);
        block[155] = b' ';
        block
    }
}

fn put(field: &mut [u8], bytes: &[u8]) {
    field[..bytes.len()].copy_from_slice(bytes);
}

/// Fills `field` with zero-padded octal digits and a final NUL.
fn octal(field: &mut [u8], mut value: u64) {
    let digits = field.len() - 1;
    for slot in field[..digits].iter_mut().rev() {
        *slot = b'0' + (value & 7) as u8;
        value >>= 3;
    }
    assert_eq!(value, 0, "numbers that do not fit were moved to a PAX record");
    field[digits] = 0;
}

/// Returns the sum over unsigned and over signed bytes with the checksum field taken as blanks; old tars wrote the latter.
fn checksums(block: &[u8; BLOCK]) -> (u64, i64) {
    let with_blanks = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
    let unsigned = block.iter().enumerate().map(|e| u64::from(with_blanks(e))).sum();
    let signed = block.iter().enumerate().map(|e| i64::from(with_blanks(e).cast_signed())).sum();
    (unsigned, signed)
}

/// A header block that was read and whose checksum is right.
pub(crate) struct Block<'a>(&'a [u8; BLOCK]);

impl<'a> Block<'a> {
    /// Wraps the block at byte `at` of the archive.
    pub(crate) fn check(bytes: &'a [u8; BLOCK], at: u64) -> Result<Self, TarError> {
        let damaged = || TarError::Damaged { at, what: "checksum" };
        let declared = number(&bytes[148..156]).ok_or_else(damaged)?;
        let (unsigned, signed) = checksums(bytes);
        if i64::try_from(unsigned) == Ok(declared) || signed == declared { Ok(Self(bytes)) } else { Err(damaged()) }
    }

    pub(crate) fn typeflag(&self) -> u8 {
        self.0[156]
    }

    /// Returns the name, with the prefix of ustar (GNU's headers keep other data in that place).
    pub(crate) fn name(&self) -> Vec<u8> {
        let name = text(&self.0[..100]);
        let prefix = text(&self.0[345..500]);
        if &self.0[257..263] != b"ustar\0" || prefix.is_empty() {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }

    pub(crate) fn link(&self) -> &'a [u8] {
        text(&self.0[157..257])
    }

    pub(crate) fn mode(&self) -> Option<i64> {
        number(&self.0[100..108])
    }

    pub(crate) fn uid(&self) -> Option<i64> {
        number(&self.0[108..116])
    }

    pub(crate) fn gid(&self) -> Option<i64> {
        number(&self.0[116..124])
    }

    pub(crate) fn size(&self) -> Option<i64> {
        number(&self.0[124..136])
    }

    pub(crate) fn mtime(&self) -> Option<i64> {
        number(&self.0[136..148])
    }

    pub(crate) fn device(&self) -> Option<(i64, i64)> {
        Some((number(&self.0[329..337])?, number(&self.0[337..345])?))
    }
}

/// Returns the bytes before the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

/// Reads an octal or base-256 number; an empty field is 0, anything else than a number is nothing.
fn number(field: &[u8]) -> Option<i64> {
    if field[0] & 0x80 != 0 {
        return base256(field);
    }
    let digits = field.iter().position(|b| *b != b' ').map_or(&[][..], |start| &field[start..]);
    let end = digits.iter().position(|b| matches!(b, b' ' | 0)).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if !rest.iter().all(|b| matches!(b, b' ' | 0)) || digits.len() > 12 {
        return None;
    }
    digits.iter().try_fold(0, |value, digit| match digit {
        b'0'..=b'7' => Some(value << 3 | i64::from(digit - b'0')),
        _ => None,
    })
}

/// Reads a two's-complement number whose top bit is the mark of this form and whose next bit is the sign.
fn base256(field: &[u8]) -> Option<i64> {
    let negative = field[0] & 0x40 != 0;
    let first = if negative { field[0] } else { field[0] & 0x7f };
    let mut value = i128::from(first.cast_signed());
    for byte in &field[1..] {
        value = value.checked_mul(256)?.checked_add(i128::from(*byte))?;
    }
    i64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_reads_back() {
        let fields = Fields { name: b"n", prefix: b"p", mode: 0o755, size: 9, typeflag: b'0', ..Fields::default() };
        let bytes = fields.encode();
        let block = Block::check(&bytes, 0).unwrap();
        assert_eq!((block.name(), block.mode(), block.size()), (b"p/n".to_vec(), Some(0o755), Some(9)));
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let bytes = Fields { name: b"name", typeflag: b'0', ..Fields::default() }.encode();
        for at in 0..BLOCK {
            let mut bad = bytes;
            bad[at] ^= 1;
            assert!(Block::check(&bad, 0).is_err(), "byte {at}");
        }
    }

    #[test]
    fn numbers_in_both_forms() {
        for (field, value) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"  644 \0 ", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"00x0644\0", None),
            (b"00 0644\0", None),
            (b"\x80\0\0\0\0\0\x01\0", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1)),
        ] {
            assert_eq!(number(field), value, "{field:?}");
        }
    }
}
