//! Notices that the kernel killed for lack of memory, by the counter of the caller's own cgroup.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The counter of out-of-memory kills in a cgroup.
#[derive(Debug)]
pub(crate) struct KillCounter {
    file: File,
}

impl KillCounter {
    /// Opens the counter of the calling process's cgroup; nothing where cgroups or the memory controller are missing.
    pub(crate) fn open() -> Option<KillCounter> {
        let (mut own, mut mounts) = (String::new(), String::new());
        File::open("/proc/self/cgroup").ok()?.read_to_string(&mut own).ok()?;
        File::open("/proc/self/mountinfo").ok()?.read_to_string(&mut mounts).ok()?;
        let path = counter_path(&own, &mounts)?;
        let counter = KillCounter { file: File::open(path).ok()? };
        counter.read().map(|_| counter)
    }

    /// Reads the number of kills so far.
    pub(crate) fn read(&self) -> Option<u64> {
        let mut text = [0; 1024];
        let length = self.file.read_at(&mut text, 0).ok()?;
        let text = std::str::from_utf8(&text[..length]).ok()?;
        text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.parse().ok())
    }
}

/// Finds the counter's file from /proc/self/cgroup and /proc/self/mountinfo: version 1's memory controller, else version 2.
fn counter_path(own: &str, mounts: &str) -> Option<PathBuf> {
    let version_1 = own.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers.split(',').any(|name| name == "memory").then_some(path)
    });
    if let Some(path) = version_1 {
        return Some(
            place(mounts, path, |kind, options| kind == "cgroup" && options.split(',').any(|o| o == "memory"))?
                .join("memory.oom_control"),
        );
    }
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    Some(place(mounts, path, |kind, _| kind == "cgroup2")?.join("memory.events"))
}

/// Finds the directory of cgroup `path` below the mount that `fits` by type and super options.
fn place(mounts: &str, path: &str, fits: impl Fn(&str, &str) -> bool) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let mut left = left.split(' ').skip(3);
        let (root, point) = (left.next()?, left.next()?);
        let mut right = right.split(' ');
        let (kind, options) = (right.next()?, right.nth(1)?);
        let below = Path::new(path).strip_prefix(root).ok()?;
        fits(kind, options).then(|| Path::new(point).join(below))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "30 24 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
                          31 24 0:27 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    #[test]
    fn version_1_on_a_hybrid_machine() {
        let own = "5:memory:/job/a\n0::/x\n";
        let path = counter_path(own, MOUNTS).unwrap();
        assert_eq!(path, Path::new("/sys/fs/cgroup/memory/job/a/memory.oom_control"));
    }

    #[test]
    fn version_2() {
        assert_eq!(counter_path("0::/x\n", MOUNTS).unwrap(), Path::new("/sys/fs/cgroup/unified/x/memory.events"));
    }

    #[test]
    fn a_cgroup_outside_the_mounted_part_is_not_guessed() {
        let mounts = "31 24 0:27 /inner /cg rw - cgroup2 cgroup2 rw\n";
        assert_eq!(counter_path("0::/outer\n", mounts), None);
    }
}
