//! Owners by number and by the names in the target's passwd and group files.

use std::io::Read as _;

use containr_tree::TreePath;

use crate::CopyError;
use crate::target::Target;

/// A user and a group as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// A passwd file with more than this is not read to its end.
const MOST_BYTES: u64 = 16 << 20;

impl Owner {
    pub(crate) const ROOT: Self = Self { uid: 0, gid: 0 };

    /// Reads `user[:group]`; a name that the files lack, or that has no file, is 0, a user without a group brings its primary group.
    ///
    /// # Errors
    /// A name where there is no tree to look it up in, and numbers above 32 bits.
    pub(crate) fn parse(text: &str, target: &Target<'_>) -> Result<Self, CopyError> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        let mut owner = match number(user)? {
            Some(id) => Self { uid: id, gid: id },
            None if user.is_empty() => Self::ROOT,
            None => user_by_name(user, &read(target, "etc/passwd", text)?),
        };
        match group {
            None => {}
            Some("") => owner.gid = 0,
            Some(group) => match number(group)? {
                Some(id) => owner.gid = id,
                None => owner.gid = group_by_name(group, &read(target, "etc/group", text)?).unwrap_or(owner.gid),
            },
        }
        Ok(owner)
    }
}

fn number(text: &str) -> Result<Option<u32>, CopyError> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    // The highest number means "leave as it is" to the system, so it is nobody's.
    let id = text.parse::<u32>().ok().filter(|id| *id != u32::MAX);
    id.map(Some).ok_or_else(|| CopyError::OwnerRange(text.to_owned()))
}

fn read(target: &Target<'_>, path: &str, owner: &str) -> Result<Vec<u8>, CopyError> {
    let path = TreePath::new(path.as_bytes()).expect("a constant path is clean");
    if target.is_scratch() {
        return Err(CopyError::OwnerName(owner.to_owned()));
    }
    let Some(file) = target.open(&path)? else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|source| CopyError::Target { path, source })?;
    Ok(bytes)
}

/// Returns the lines of an account file as fields.
fn records(file: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let lines = file.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty() && line[0] != b'#').map(|line| line.split(|b| *b == b':').collect())
}

fn field(record: &[&[u8]], index: usize) -> Option<u32> {
    std::str::from_utf8(record.get(index)?).ok()?.parse().ok()
}

fn user_by_name(name: &str, passwd: &[u8]) -> Owner {
    let record = records(passwd).find(|record| record[0] == name.as_bytes());
    record.map_or(Owner::ROOT, |r| Owner { uid: field(&r, 2).unwrap_or(0), gid: field(&r, 3).unwrap_or(0) })
}

fn group_by_name(name: &str, group: &[u8]) -> Option<u32> {
    field(&records(group).find(|record| record[0] == name.as_bytes())?, 2)
}
