//! Turns a USER value into ids, by the passwd and group files of a root file system.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::path::PathBuf;

use containr_sys::beneath::{self, Links};
use rustix::fs::{FileType, OFlags};
use rustix::io::Errno;

/// The most bytes of a passwd or group file.
const MAX_BYTES: u64 = 10 << 20;

/// Who a step runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedUser {
    /// The user id.
    pub uid: u32,
    /// The primary group id.
    pub gid: u32,
    /// The supplementary groups; the primary one is among them.
    pub groups: Vec<u32>,
    /// The home directory; `/` for a user whom the passwd file does not know.
    pub home: PathBuf,
}

/// Why a USER value has no meaning in a root file system.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserError {
    /// No such name.
    #[error("no user is named `{0}` in the image's /etc/passwd")]
    UnknownUser(String),
    /// No such group.
    #[error("no group is named `{0}` in the image's /etc/group")]
    UnknownGroup(String),
    /// A number that is no id: 0 to 2147483647 are.
    #[error("`{0}` is out of the range of ids")]
    OutOfRange(String),
    /// A file that cannot be read.
    #[error("cannot read {path} of the image")]
    Read {
        /// The file, as seen in the image.
        path: &'static str,
        /// The cause.
        source: io::Error,
    },
}

/// Resolves `spec` (`user[:group]`, names or numbers, empty for root) against the files of `root`.
///
/// Two numbers need no files and get no further groups. An explicit group drops the user's other groups. A name, or a
/// number alone, gets its primary group and all groups it is a member of; an unknown number gets group 0. Links inside
/// `root` are followed within it. (BuildKit's executor/oci/user.go and moby/sys/user.)
pub fn resolve_user(root: BorrowedFd<'_>, spec: &str) -> Result<ResolvedUser, UserError> {
    let passwd = read(root, "/etc/passwd")?;
    let accounts: Vec<Account<'_>> = passwd.lines().filter_map(Account::parse).collect();
    let (mut uid, mut gid, mut groups) = (0, 0, Vec::new());
    if let Some((user, group)) = both_numbers(spec) {
        (uid, gid) = (user, group);
    } else if spec.is_empty() {
        if let Some(root_account) = accounts.iter().find(|account| account.uid == Some(0)) {
            gid = root_account.gid;
            groups = memberships(&read(root, "/etc/group")?, root_account.name);
        }
    } else {
        (uid, gid, groups) = by_files(&accounts, &read(root, "/etc/group")?, spec)?;
    }
    if !groups.contains(&gid) {
        groups.insert(0, gid);
    }
    let home = accounts.iter().find(|account| account.uid == Some(uid)).map_or("/", |account| account.home);
    let home = if home.is_empty() { "/" } else { home };
    Ok(ResolvedUser { uid, gid, groups, home: home.into() })
}

/// A line of a passwd file.
struct Account<'line> {
    name: &'line str,
    uid: Option<u32>,
    gid: u32,
    home: &'line str,
}

impl<'line> Account<'line> {
    fn parse(line: &'line str) -> Option<Account<'line>> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1).unwrap_or("");
        let gid = fields.next().unwrap_or("");
        let home = fields.nth(1).unwrap_or("");
        Some(Account { name, uid: uid.parse().ok(), gid: gid.parse().unwrap_or(0), home })
    }
}

/// Reads `uid:gid` where both are numbers or `root`.
fn both_numbers(spec: &str) -> Option<(u32, u32)> {
    let number = |word: &str| if word == "root" { Some(0) } else { plain_number(word)?.parse().ok() };
    let (user, group) = spec.split_once(':')?;
    Some((number(user)?, number(group)?))
}

/// Returns a word that is made of digits alone: no sign, no space.
fn plain_number(word: &str) -> Option<&str> {
    (!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

/// Reads a numeric id; nothing for a word that is a name.
fn id(word: &str) -> Option<Result<u32, UserError>> {
    let in_range = |digits: &str| digits.parse::<u32>().ok().filter(|id| i32::try_from(*id).is_ok());
    plain_number(word).map(|digits| in_range(digits).ok_or_else(|| UserError::OutOfRange(word.to_owned())))
}

fn by_files(accounts: &[Account<'_>], group_file: &str, spec: &str) -> Result<(u32, u32, Vec<u32>), UserError> {
    let (user, group) = spec.split_once(':').unwrap_or((spec, ""));
    let number = id(user).transpose()?;
    let account = accounts
        .iter()
        .find(|account| (account.uid.is_some() && account.uid == number) || (account.name == user && !user.is_empty()));
    let (uid, gid) = match (account, number) {
        (Some(account), _) => (account.uid.unwrap_or(0), account.gid),
        (None, Some(number)) => (number, 0),
        (None, None) if user.is_empty() => (0, 0),
        (None, None) => return Err(UserError::UnknownUser(user.to_owned())),
    };
    if !group.is_empty() {
        return Ok((uid, group_by_name(group_file, group)?, Vec::new()));
    }
    Ok((uid, gid, account.map_or_else(Vec::new, |account| memberships(group_file, account.name))))
}

/// The name, id and members of each line of a group file.
fn groups_of(group_file: &str) -> impl Iterator<Item = (&str, u32, &str)> {
    group_file.lines().map(str::trim).filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let gid = fields.nth(1)?.parse().ok()?;
        Some((name, gid, fields.next().unwrap_or("")))
    })
}

fn group_by_name(group_file: &str, wanted: &str) -> Result<u32, UserError> {
    let number = id(wanted).transpose()?;
    let known = groups_of(group_file).find(|(name, gid, _)| *name == wanted || Some(*gid) == number);
    known.map(|(_, gid, _)| gid).or(number).ok_or_else(|| UserError::UnknownGroup(wanted.to_owned()))
}

fn memberships(group_file: &str, user: &str) -> Vec<u32> {
    let mine = groups_of(group_file).filter(|(_, _, members)| members.split(',').any(|member| member == user));
    mine.map(|(_, gid, _)| gid).collect()
}

/// Reads a file of the root file system; one that is missing is empty.
fn read(root: BorrowedFd<'_>, path: &'static str) -> Result<String, UserError> {
    let failed = |source| UserError::Read { path, source };
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = match beneath::open(root, path, flags, Links::Inside) {
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(String::new()),
        other => File::from(other.map_err(|error| failed(error.into()))?),
    };
    let status = rustix::fs::fstat(&file).map_err(|error| failed(error.into()))?;
    if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsFd;

    use rustix::fs::Mode;

    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:2000::/home/bob:/bin/sh\n77777:x:5:6::/n:\n";
    const GROUP: &str = "root:x:0:\nbobs:x:2000:\naudio:x:29:alice,bob\nvideo:x:44:bob\n";

    fn resolved(files: &[(&str, &str)], spec: &str) -> Result<(u32, u32, Vec<u32>, String), String> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("etc")).unwrap();
        for (name, content) in files {
            fs::write(root.path().join("etc").join(name), content).unwrap();
        }
        let user = resolve_user(File::open(root.path()).unwrap().as_fd(), spec).map_err(|error| error.to_string())?;
        Ok((user.uid, user.gid, user.groups, user.home.to_str().unwrap().to_owned()))
    }

    fn in_image(spec: &str) -> Result<(u32, u32, Vec<u32>, String), String> {
        resolved(&[("passwd", PASSWD), ("group", GROUP)], spec)
    }

    fn user(uid: u32, gid: u32, groups: &[u32], home: &str) -> Result<(u32, u32, Vec<u32>, String), String> {
        Ok((uid, gid, groups.to_vec(), home.to_owned()))
    }

    #[test]
    fn a_name_gets_all_its_groups_and_its_home() {
        assert_eq!(in_image("bob"), user(1000, 2000, &[2000, 29, 44], "/home/bob"));
        assert_eq!(in_image("1000"), user(1000, 2000, &[2000, 29, 44], "/home/bob"));
    }

    #[test]
    fn an_explicit_group_drops_the_others() {
        assert_eq!(in_image("bob:audio"), user(1000, 29, &[29], "/home/bob"));
        assert_eq!(in_image("bob:123"), user(1000, 123, &[123], "/home/bob"));
    }

    #[test]
    fn numbers_need_no_files() {
        assert_eq!(resolved(&[], "12:34"), user(12, 34, &[34], "/"));
        assert_eq!(resolved(&[], "77"), user(77, 0, &[0], "/"));
        assert_eq!(resolved(&[], ""), user(0, 0, &[0], "/"));
        assert_eq!(resolved(&[], "root:root"), user(0, 0, &[0], "/"));
    }

    #[test]
    fn unknown_names_are_errors() {
        assert!(in_image("eve").unwrap_err().contains("`eve`"));
        assert!(in_image("bob:eves").unwrap_err().contains("`eves`"));
        assert!(resolved(&[], "root").unwrap_err().contains("`root`"));
    }

    #[test]
    fn spellings_that_are_no_numbers_are_names() {
        for spec in ["+1", "-1", "1e3", " 1", "0x1", "4294967296", "2147483648"] {
            assert!(in_image(spec).is_err(), "{spec}");
        }
    }

    #[test]
    fn a_missing_half_is_the_default() {
        assert_eq!(in_image("bob:"), user(1000, 2000, &[2000, 29, 44], "/home/bob"));
        assert_eq!(in_image(":audio"), user(0, 29, &[29], "/root"));
    }

    #[test]
    fn the_files_are_found_inside_the_root_alone() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/real", root.path().join("etc")).unwrap();
        fs::create_dir(root.path().join("real")).unwrap();
        fs::write(root.path().join("real/passwd"), "inner:x:9:9::/:\n").unwrap();
        let user = resolve_user(File::open(root.path()).unwrap().as_fd(), "inner").unwrap();
        assert_eq!(user.uid, 9);
    }

    #[test]
    fn a_fifo_in_place_of_the_file_is_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("etc")).unwrap();
        let etc = File::open(root.path().join("etc")).unwrap();
        rustix::fs::mknodat(&etc, "passwd", FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert!(resolve_user(File::open(root.path()).unwrap().as_fd(), "bob").is_err());
    }
}
