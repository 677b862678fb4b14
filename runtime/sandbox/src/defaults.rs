//! What every step gets: capabilities, devices, and paths it must not see or change.
//!
//! The lists are those of moby (`daemon/pkg/oci`), which BuildKit uses too, without the per-CPU thermal_throttle entries.

/// The fourteen capabilities of a step, as a bit set.
///
/// chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod,
/// audit_write, setfcap.
pub(crate) const CAPABILITIES: u64 = 0xa804_25fb;

/// The directories searched for a command when the environment has no PATH.
pub(crate) const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The device nodes of a step with their numbers.
pub(crate) const DEVICES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

/// The links in /dev with their targets.
pub(crate) const LINKS: [(&str, &str); 6] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("core", "/proc/kcore"),
    ("ptmx", "pts/ptmx"),
];

/// Paths below /proc that read as empty.
pub(crate) const MASKED_IN_PROC: [&str; 10] = [
    "acpi",
    "asound",
    "interrupts",
    "kcore",
    "keys",
    "latency_stats",
    "sched_debug",
    "scsi",
    "timer_list",
    "timer_stats",
];

/// Paths below /sys that read as empty.
pub(crate) const MASKED_IN_SYS: [&str; 2] = ["devices/virtual/powercap", "firmware"];

/// Paths below /proc that cannot be written to.
pub(crate) const READ_ONLY_IN_PROC: [&str; 5] = ["bus", "fs", "irq", "sys", "sysrq-trigger"];
