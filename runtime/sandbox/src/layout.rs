//! What of the machine decides how steps are laid out.

use std::fs::File;
use std::io;

use crate::launcher::LauncherOptions;
use crate::plan::{Ids, Isolation};
use crate::probe::ProcSource;

/// What of the machine decides how steps are laid out; found once, when the launcher starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) isolation: Isolation,
    pub(crate) ids: Ids,
    pub(crate) proc: ProcSource,
    pub(crate) cgroup: CgroupView,
    pub(crate) tty_group: TtyGroup,
}

/// What a step sees at /sys/fs/cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CgroupView {
    /// The unified hierarchy below its own cgroup.
    Unified,
    /// Whatever sysfs brings.
    Sysfs,
}

/// Whether pseudo terminals can belong to group 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TtyGroup {
    Mapped,
    Unmapped,
}

impl Layout {
    /// Finds the layout for the options of a launcher and where its steps get /proc from.
    pub(crate) fn find(options: LauncherOptions, proc: ProcSource) -> Layout {
        let mapped = File::open("/proc/self/gid_map").and_then(io::read_to_string).is_ok_and(|map| maps_group(&map, 5));
        Layout {
            isolation: options.isolation,
            ids: options.ids,
            proc,
            cgroup: cgroup_view(),
            tty_group: if mapped { TtyGroup::Mapped } else { TtyGroup::Unmapped },
        }
    }
}

fn cgroup_view() -> CgroupView {
    /// `CGROUP2_SUPER_MAGIC` of linux/magic.h.
    const CGROUP2_MAGIC: i64 = 0x6367_7270;
    match rustix::fs::statfs("/sys/fs/cgroup") {
        Ok(numbers) if numbers.f_type == CGROUP2_MAGIC => CgroupView::Unified,
        _ => CgroupView::Sysfs,
    }
}

/// Says whether a group id is mapped by the lines of a gid_map file.
fn maps_group(map: &str, group: u64) -> bool {
    map.lines().any(|line| {
        let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        matches!(numbers[..], [first, _, count] if (first..first.saturating_add(count)).contains(&group))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_5_in_a_range() {
        assert!(maps_group("         0          0 4294967295\n", 5));
        assert!(maps_group("0 1001 1\n1 100000 65536\n", 5));
        assert!(!maps_group("0 1001 1\n", 5));
    }
}
