//! Finds the ids that steps can have, and enters a user namespace where one is needed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use containr_sys::identity::{self, IdMaps, IdRange, IdentityError, MapWriter};
use rustix::thread::CapabilitySet;

use crate::plan::Ids;

/// The inode of the initial user namespace (`PROC_USER_INIT_INO` of linux/proc_ns.h).
const INITIAL_USER_NAMESPACE: u64 = 0xefff_fffd;

/// Why no ids could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdsError {
    /// The user namespace could not be entered. Settings that forbid it: `kernel.unprivileged_userns_clone`,
    /// `user.max_user_namespaces`, `kernel.apparmor_restrict_unprivileged_userns`, a container's seccomp profile.
    #[error("cannot enter a user namespace")]
    Enter(#[source] IdentityError),
    /// A fact about the process could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// The mount namespace could not be left.
    #[error("cannot make a mount namespace")]
    Mounts(#[source] io::Error),
}

/// What decides which ids a process can have; read by [`IdFacts::read`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdFacts {
    /// Its effective user and group.
    pub uid: u32,
    /// Its effective group.
    pub gid: u32,
    /// Where it stands.
    pub standing: Standing,
    /// The subordinate ids of its user, and the programs that map them; read for those who can do nothing else.
    pub subordinate: Option<Subordinate>,
}

/// What a process may do with ids where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It administers the initial user namespace.
    InitialAdministrator,
    /// It administers another user namespace, which has more than one id.
    ManyIdsAdministrator,
    /// It administers another user namespace, which has one id.
    OneIdAdministrator,
    /// It may change ids but administers nothing: root of an unprivileged container.
    IdChanger,
    /// None of that.
    Plain,
}

/// A user's subordinate ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subordinate {
    /// User ids: the first and how many.
    pub uids: Vec<(u32, u32)>,
    /// Group ids.
    pub gids: Vec<(u32, u32)>,
    /// Path of newuidmap.
    pub newuidmap: PathBuf,
    /// Path of newgidmap.
    pub newgidmap: PathBuf,
}

/// What is to be done to run steps with the best ids there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdPlan {
    /// Nothing: the process is where it can run steps with these ids; a mount namespace of its own is all it may lack.
    Stay(Ids),
    /// Enter a user namespace with these maps.
    Enter {
        /// The ids steps then have.
        ids: Ids,
        /// The maps.
        maps: IdMaps,
        /// Who writes them.
        writer: MapWriter,
    },
}

impl IdFacts {
    /// Reads the facts about the calling process from /proc, /etc/passwd, /etc/subuid and /etc/subgid.
    pub fn read() -> Result<IdFacts, IdsError> {
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let read = |path: &'static str| fs::read_to_string(path).map_err(|source| IdsError::Read { path, source });
        let namespace = rustix::fs::stat("/proc/self/ns/user")
            .map_err(|error| IdsError::Read { path: "/proc/self/ns/user", source: error.into() })?;
        let capabilities = rustix::thread::capabilities(None)
            .map_err(|error| IdsError::Read { path: "the process's capabilities", source: error.into() })?
            .effective;
        let one_id = count_ids(&read("/proc/self/uid_map")?) == 1;
        let standing = match capabilities.contains(CapabilitySet::SYS_ADMIN) {
            true if namespace.st_ino == INITIAL_USER_NAMESPACE => Standing::InitialAdministrator,
            true if one_id => Standing::OneIdAdministrator,
            true => Standing::ManyIdsAdministrator,
            false if capabilities.contains(CapabilitySet::SETUID | CapabilitySet::SETGID) => Standing::IdChanger,
            false => Standing::Plain,
        };
        // The helpers are set-id programs, which do nothing more once privileges cannot be gained.
        let helpless = rustix::thread::no_new_privs().unwrap_or(false);
        let subordinate = if standing == Standing::Plain && !helpless { subordinate(uid) } else { None };
        Ok(IdFacts { uid, gid, standing, subordinate })
    }

    /// Decides; a pure function of the facts.
    pub fn decide(&self) -> IdPlan {
        let own = |id| IdRange { inside: 0, outside: id, count: 1 };
        match (self.standing, &self.subordinate) {
            (Standing::InitialAdministrator, _) => IdPlan::Stay(Ids::Initial),
            (Standing::ManyIdsAdministrator, _) => IdPlan::Stay(Ids::Ranges),
            (Standing::OneIdAdministrator, _) => IdPlan::Stay(Ids::Single),
            (Standing::IdChanger, _) => {
                let all = vec![IdRange { inside: 0, outside: 0, count: u32::MAX }];
                let maps = IdMaps { uids: all.clone(), gids: all };
                IdPlan::Enter { ids: Ids::Ranges, maps, writer: MapWriter::Child }
            }
            (Standing::Plain, Some(subordinate)) => IdPlan::Enter {
                ids: Ids::Ranges,
                maps: IdMaps {
                    uids: with_own(own(self.uid), &subordinate.uids),
                    gids: with_own(own(self.gid), &subordinate.gids),
                },
                writer: MapWriter::Helpers {
                    newuidmap: subordinate.newuidmap.clone(),
                    newgidmap: subordinate.newgidmap.clone(),
                },
            },
            (Standing::Plain, None) => self.single(),
        }
    }

    /// Returns the plan that needs nothing but user namespaces: the process's own id as root, and no other.
    pub fn single(&self) -> IdPlan {
        let own = |id| vec![IdRange { inside: 0, outside: id, count: 1 }];
        let maps = IdMaps { uids: own(self.uid), gids: own(self.gid) };
        IdPlan::Enter { ids: Ids::Single, maps, writer: MapWriter::Itself }
    }
}

impl IdPlan {
    /// Carries the plan out and returns the ids to start a launcher with.
    ///
    /// For a process with a single thread; there is no way back.
    pub fn carry_out(&self) -> Result<Ids, IdsError> {
        match self {
            IdPlan::Stay(Ids::Initial) => Ok(Ids::Initial),
            IdPlan::Stay(ids) => {
                identity::own_mounts().map_err(IdsError::Mounts)?;
                Ok(*ids)
            }
            IdPlan::Enter { ids, maps, writer } => {
                identity::enter(maps, writer).map_err(IdsError::Enter)?;
                Ok(*ids)
            }
        }
    }
}

/// Returns the ids of the calling process's user namespace and what they are outside, on one line; `all` where they are the same.
pub fn id_map() -> Result<String, IdsError> {
    let read = |path: &'static str| fs::read_to_string(path).map_err(|source| IdsError::Read { path, source });
    Ok(one_line(&read("/proc/self/uid_map")?, &read("/proc/self/gid_map")?))
}

fn one_line(uids: &str, gids: &str) -> String {
    let ranges = |map: &str| {
        let range = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        map.lines().map(range).collect::<Vec<_>>().join(", ")
    };
    match (ranges(uids), ranges(gids)) {
        (uids, gids) if uids == gids && uids == "0 0 4294967295" => "all".to_owned(),
        (uids, gids) => format!("uids {uids}; gids {gids}"),
    }
}

/// Counts the ids of a uid_map file.
fn count_ids(map: &str) -> u64 {
    map.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok()).sum()
}

/// Maps the process's own id to 0 and the subordinate ones, in their order, to 1 and up.
fn with_own(own: IdRange, ranges: &[(u32, u32)]) -> Vec<IdRange> {
    let mut maps = vec![own];
    let mut inside = 1_u32;
    for (outside, count) in ranges {
        maps.push(IdRange { inside, outside: *outside, count: *count });
        inside = inside.saturating_add(*count);
    }
    maps
}

fn subordinate(uid: u32) -> Option<Subordinate> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = uid.to_string();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    });
    let ranges = |path: &str| {
        let ranges = ranges_of(&fs::read_to_string(path).ok()?, name, &number);
        (!ranges.is_empty()).then_some(ranges)
    };
    Some(Subordinate {
        uids: ranges("/etc/subuid")?,
        gids: ranges("/etc/subgid")?,
        newuidmap: program("newuidmap")?,
        newgidmap: program("newgidmap")?,
    })
}

/// Reads the ranges of a user, given by name or number, from a subuid or subgid file.
fn ranges_of(file: &str, name: Option<&str>, number: &str) -> Vec<(u32, u32)> {
    let range = |line: &str| {
        let mut fields = line.trim().split(':');
        let owner = fields.next()?;
        let range = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        (Some(owner) == name || owner == number).then_some(range)
    };
    file.lines().filter_map(range).filter(|(_, count)| *count > 0).collect()
}

/// Finds a set-id helper where distributions put it.
fn program(name: &str) -> Option<PathBuf> {
    ["/usr/bin", "/bin", "/usr/local/bin"].iter().map(|dir| Path::new(dir).join(name)).find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(standing: Standing, subordinate: Option<Subordinate>) -> IdFacts {
        IdFacts { uid: 1001, gid: 1002, standing, subordinate }
    }

    fn subordinate_ids() -> Subordinate {
        Subordinate {
            uids: vec![(100_000, 65_536), (300_000, 10)],
            gids: vec![(200_000, 65_536)],
            newuidmap: "/usr/bin/newuidmap".into(),
            newgidmap: "/usr/bin/newgidmap".into(),
        }
    }

    #[test]
    fn administrators_stay_where_they_are() {
        assert_eq!(facts(Standing::InitialAdministrator, None).decide(), IdPlan::Stay(Ids::Initial));
        assert_eq!(facts(Standing::ManyIdsAdministrator, None).decide(), IdPlan::Stay(Ids::Ranges));
        assert_eq!(facts(Standing::OneIdAdministrator, None).decide(), IdPlan::Stay(Ids::Single));
    }

    #[test]
    fn subordinate_ids_follow_the_own_one() {
        let IdPlan::Enter { ids, maps, .. } = facts(Standing::Plain, Some(subordinate_ids())).decide() else {
            panic!()
        };
        assert_eq!(ids, Ids::Ranges);
        let ranges: Vec<_> = maps.uids.iter().map(|range| (range.inside, range.outside, range.count)).collect();
        assert_eq!(ranges, [(0, 1001, 1), (1, 100_000, 65_536), (65_537, 300_000, 10)]);
        assert_eq!(maps.gids[0], IdRange { inside: 0, outside: 1002, count: 1 });
    }

    #[test]
    fn without_subordinate_ids_there_is_one() {
        let IdPlan::Enter { ids, maps, writer } = facts(Standing::Plain, None).decide() else { panic!() };
        assert_eq!((ids, maps.uids.len(), writer), (Ids::Single, 1, MapWriter::Itself));
    }

    #[test]
    fn a_container_root_maps_all_ids_itself() {
        let IdPlan::Enter { ids, maps, writer } = facts(Standing::IdChanger, None).decide() else { panic!() };
        assert_eq!((ids, maps.uids[0].count, writer), (Ids::Ranges, u32::MAX, MapWriter::Child));
    }

    #[test]
    fn a_map_is_one_line_whatever_its_white_space() {
        let all = "         0          0 4294967295\n";
        assert_eq!(one_line(all, all), "all");
        assert_eq!(one_line(" 0 7 1\n 1 9 5\n", "0 8 1\n"), "uids 0 7 1, 1 9 5; gids 0 8 1");
    }

    #[test]
    fn ranges_are_found_by_name_and_number() {
        let file = "bob:1000:10\nalice:5:5\n1001:7:3\nbob:x:1\nbob:9:0\n";
        assert_eq!(ranges_of(file, Some("bob"), "1001"), [(1000, 10), (7, 3)]);
        assert_eq!(ranges_of(file, None, "1001"), [(7, 3)]);
    }
}
