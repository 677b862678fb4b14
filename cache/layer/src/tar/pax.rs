//! PAX extended headers: `LENGTH KEY=VALUE\n` records that override fields of the next header.

use super::TarError;

/// What stands before the name of an extended attribute.
pub(super) const XATTR: &[u8] = b"SCHILY.xattr.";

/// Appends one record; the length counts itself.
pub(super) fn push(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(length.to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
}

/// Splits the content of an extended header into its records; nothing when a record is malformed.
pub(super) fn records(mut bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().take(21).position(|b| *b == b' ')?;
        let digits = &bytes[..space];
        if digits.is_empty() || digits[0] == b'0' || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let length: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let (record, rest) = bytes.split_at_checked(length)?;
        let (last, record) = record.get(space + 1..)?.split_last()?;
        let equals = record.iter().position(|b| *b == b'=')?;
        if *last != b'\n' || equals == 0 {
            return None;
        }
        found.push((&record[..equals], &record[equals + 1..]));
        bytes = rest;
    }
    Some(found)
}

/// What the extended headers before a member say of it.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
    pub(super) mtime: Option<i64>,
    pub(super) xattrs: Vec<containr_tree::Xattr>,
}

impl Overrides {
    /// Takes over the records of the extended header at byte `at`; a key that occurs twice is refused.
    pub(super) fn take(&mut self, bytes: &[u8], at: u64) -> Result<(), TarError> {
        let damaged = |what| TarError::Damaged { at, what };
        for (key, value) in records(bytes).ok_or(damaged("PAX record"))? {
            match key {
                b"path" => once(&mut self.path, text(value).ok_or(damaged("PAX path"))?, at, "path")?,
                b"linkpath" => once(&mut self.link, text(value).ok_or(damaged("PAX link"))?, at, "link")?,
                b"size" => once(&mut self.size, decimal(value).ok_or(damaged("PAX size"))?, at, "size")?,
                b"uid" => once(&mut self.uid, decimal(value).ok_or(damaged("PAX owner"))?, at, "owner")?,
                b"gid" => once(&mut self.gid, decimal(value).ok_or(damaged("PAX group"))?, at, "group")?,
                b"mtime" => once(&mut self.mtime, seconds(value).ok_or(damaged("PAX time"))?, at, "time")?,
                _ if key.starts_with(b"GNU.sparse.") => return Err(TarError::Unsupported { at, flag: b'S' }),
                _ => self.attribute(key, value, at)?,
            }
        }
        Ok(())
    }

    fn attribute(&mut self, key: &[u8], value: &[u8], at: u64) -> Result<(), TarError> {
        let Some(name) = key.strip_prefix(XATTR) else { return Ok(()) };
        if name.is_empty() || name.contains(&0) || self.xattrs.iter().any(|(known, _)| **known == *name) {
            return Err(TarError::Contradiction { at, what: "extended attributes" });
        }
        self.xattrs.push((name.into(), value.into()));
        Ok(())
    }
}

pub(super) fn once<T>(slot: &mut Option<T>, value: T, at: u64, what: &'static str) -> Result<(), TarError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(TarError::Contradiction { at, what }),
    }
}

fn text(value: &[u8]) -> Option<Vec<u8>> {
    (!value.is_empty() && !value.contains(&0)).then(|| value.to_vec())
}

fn decimal(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads `[-]SECONDS[.FRACTION]` and rounds down.
fn seconds(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit())
        || !whole.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let whole_seconds: i64 = whole.parse().ok()?;
    let below = whole.starts_with('-') && fraction.bytes().any(|b| b != b'0');
    whole_seconds.checked_sub(i64::from(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_themselves() {
        for size in [0, 1, 80, 89, 90, 91, 985, 986, 987, 9_990] {
            let value = vec![b'v'; size];
            let mut out = Vec::new();
            push(&mut out, b"path", &value);
            assert_eq!(records(&out), Some(vec![(&b"path"[..], &value[..])]), "{size}");
        }
    }

    #[test]
    fn malformed_records_are_refused() {
        for bad in ["9 a=b\n", "5 a=b\n", "06 a=b\n", "6 a=bc", "6 abcd\n", "5 =b\n", "6a=b\n", " 6 a=b\n", "-6 a=b\n"]
        {
            assert_eq!(records(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn times_round_down() {
        for (text, expected) in
            [("7.9", Some(7)), ("-1.5", Some(-2)), ("-1.0", Some(-1)), ("-0.5", Some(-1)), ("1.x", None), ("", None)]
        {
            assert_eq!(seconds(text.as_bytes()), expected, "{text}");
        }
    }
}
