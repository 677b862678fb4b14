//! The rules of moby's default profile (`seccomp/default.json` of moby/profiles, Apache-2.0), as data.
//!
//! Rules for architectures that are not built here are left out. What no rule names is answered with `EPERM`.

/// What the filter answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// The call goes ahead.
    Allow,
    /// The call does nothing and gives this error; 0 is success.
    Errno(u16),
}

/// What the low 32 bits of the first argument must be; the kernel reads no more of them in the calls concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Always,
    Equals(u32),
    Below(u32),
    Above(u32),
    /// None of these bits is set.
    Without(u32),
}

/// Which steps a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    Everyone,
    /// Those with this capability.
    With(u8),
    /// Those without it.
    Lacking(u8),
}

/// Which machines a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    All,
    X86,
}

/// One rule: the first of a call's rules that holds decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Names, apart by white space.
    pub(super) calls: &'static str,
    pub(super) action: Action,
    pub(super) condition: Condition,
    pub(super) subject: For,
    pub(super) machine: On,
}

const DAC_READ_SEARCH: u8 = 2;
const SYS_MODULE: u8 = 16;
const SYS_RAWIO: u8 = 17;
const SYS_CHROOT: u8 = 18;
const SYS_PTRACE: u8 = 19;
const SYS_PACCT: u8 = 20;
const SYS_ADMIN: u8 = 21;
const SYS_BOOT: u8 = 22;
const SYS_NICE: u8 = 23;
const SYS_TIME: u8 = 25;
const SYS_TTY_CONFIG: u8 = 26;
const SYSLOG: u8 = 34;
const PERFMON: u8 = 38;
const BPF: u8 = 39;

/// `CLONE_NEW*`: the namespaces a step may not make.
const NAMESPACES: u32 = 0x7e02_0000;
/// The error of a call the kernel does not know: what makes the C library fall back from clone3 to clone.
pub(super) const ENOSYS: u16 = 38;
/// The answer to what no rule allows.
pub(super) const DENIED: Action = Action::Errno(1);

const fn allow(calls: &'static str) -> Rule {
    Rule { calls, action: Action::Allow, condition: Condition::Always, subject: For::Everyone, machine: On::All }
}

const fn with(capability: u8, calls: &'static str) -> Rule {
    Rule { subject: For::With(capability), ..allow(calls) }
}

const fn when(condition: Condition, calls: &'static str) -> Rule {
    Rule { condition, ..allow(calls) }
}

/// The profile.
pub(super) const RULES: [Rule; 27] = [
    allow(ALWAYS),
    allow("process_vm_readv process_vm_writev ptrace"),
    when(Condition::Below(38), "socket"),
    when(Condition::Equals(39), "socket"),
    when(Condition::Above(40), "socket"),
    when(Condition::Equals(0), "personality"),
    when(Condition::Equals(8), "personality"),
    when(Condition::Equals(0x2_0000), "personality"),
    when(Condition::Equals(0x2_0008), "personality"),
    when(Condition::Equals(0xffff_ffff), "personality"),
    Rule { machine: On::X86, ..allow("arch_prctl modify_ldt") },
    with(DAC_READ_SEARCH, "open_by_handle_at"),
    with(SYS_ADMIN, ADMINISTRATION),
    Rule { subject: For::Lacking(SYS_ADMIN), ..when(Condition::Without(NAMESPACES), "clone") },
    Rule { subject: For::Lacking(SYS_ADMIN), action: Action::Errno(ENOSYS), ..allow("clone3") },
    with(SYS_BOOT, "reboot"),
    with(SYS_CHROOT, "chroot"),
    with(SYS_MODULE, "delete_module init_module finit_module"),
    with(SYS_PACCT, "acct"),
    with(SYS_PTRACE, "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"),
    with(SYS_RAWIO, "iopl ioperm"),
    with(SYS_TIME, "settimeofday stime clock_settime clock_settime64"),
    with(SYS_TTY_CONFIG, "vhangup"),
    with(SYS_NICE, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
    with(SYSLOG, "syslog"),
    with(BPF, "bpf"),
    with(PERFMON, "perf_event_open"),
];

const ADMINISTRATION: &str = "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie \
lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl \
quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare";

/// The calls that set owners and ids: where there is one id alone they are answered with success and do nothing.
pub(super) const OWNERSHIP: &str = "chown lchown fchown fchownat chown32 lchown32 fchown32 setuid setgid setreuid \
setregid setresuid setresgid setfsuid setfsgid setgroups setuid32 setgid32 setreuid32 setregid32 setresuid32 \
setresgid32 setfsuid32 setfsgid32 setgroups32 capset";

const ALWAYS: &str = "\
accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32 clock_adjtime \
clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep \
clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 \
epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit \
exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 \
fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat \
fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait \
futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid \
getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom \
getresgid getresgid32 getresuid getresuid32 getrlimit get_robust_list getrusage getsid getsockname getsockopt \
get_thread_area gettid gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init \
inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy io_getevents io_pgetevents io_pgetevents_time64 \
ioprio_get ioprio_set io_setup io_submit ipc kill landlock_add_rule landlock_create_ruleset \
landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount listxattr listxattrat llistxattr \
_llseek lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier memfd_create memfd_secret \
mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open \
mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget \
msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat _newselect open openat \
openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 \
prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read \
readahead readlink readlinkat readv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr \
removexattrat rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask \
rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo \
sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler \
sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam \
sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 sendfile \
sendfile64 sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 \
setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid \
setreuid32 setrlimit set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32 setxattr \
setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socketcall \
socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync sync_file_range syncfs \
sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime \
timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill \
truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime utimensat utimensat_time64 utimes \
vfork vmsplice wait4 waitid waitpid write writev";
