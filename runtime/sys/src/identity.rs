//! User namespaces: entering one with the ids that are to be had.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;
use rustix::process::Signal;
use rustix::thread::UnshareFlags;

use crate::process::{Cloned, checked, clone_process, exit_now};

/// Consecutive ids of a user namespace and what they are outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdRange {
    /// The first id inside.
    pub inside: u32,
    /// The first id outside.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

/// The ids of a user namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdMaps {
    /// User ids.
    pub uids: Vec<IdRange>,
    /// Group ids.
    pub gids: Vec<IdRange>,
}

/// Who writes the maps of a new user namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapWriter {
    /// The process itself: one user and one group id, its own, and no supplementary groups.
    Itself,
    /// A child that stays outside: for a process with CAP_SETUID and CAP_SETGID.
    Child,
    /// The set-id programs newuidmap and newgidmap.
    Helpers {
        /// Path of newuidmap.
        newuidmap: PathBuf,
        /// Path of newgidmap.
        newgidmap: PathBuf,
    },
}

/// Why a user namespace could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The kernel or a security module forbids user namespaces, or the process has more than one thread (`EINVAL`).
    #[error("cannot make a user namespace")]
    Unshare(#[source] io::Error),
    /// The maps were refused.
    #[error("cannot map ids into the user namespace")]
    Map(#[source] io::Error),
    /// A helper program refused the maps or could not be run.
    #[error("newuidmap or newgidmap refused to map the ids (status {0})")]
    Helper(i32),
    /// The process could not become id 0 inside.
    #[error("cannot become root of the user namespace")]
    Become(#[source] io::Error),
}

/// Moves the process into a new user namespace and a mount namespace of its own, as user and group 0.
///
/// For a process with a single thread, before it starts others; there is no way back. The caller's own id has to be
/// mapped to 0, or the caller has to be privileged.
pub fn enter(maps: &IdMaps, writer: &MapWriter) -> Result<(), IdentityError> {
    let namespaces = UnshareFlags::NEWUSER | UnshareFlags::NEWNS;
    let unshare = || {
        // SAFETY: the process has one thread, so no other thread's file system attributes are torn from it.
        unsafe { rustix::thread::unshare_unsafe(namespaces) }.map_err(|error| IdentityError::Unshare(error.into()))
    };
    if *writer == MapWriter::Itself {
        unshare()?;
        write_own(maps).map_err(|error| IdentityError::Map(error.into()))?;
        return Ok(());
    }
    let outsider = Outsider::start(&Work::prepare(maps, writer)?)?;
    unshare()?;
    outsider.finish()?;
    become_root().map_err(|error| IdentityError::Become(error.into()))
}

/// Leaves the caller's mount namespace for a copy, with single thread as [`enter`] demands.
pub fn own_mounts() -> io::Result<()> {
    // SAFETY: the process has one thread, so no other thread's file system attributes are torn from it.
    Ok(unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }?)
}

fn lines(ranges: &[IdRange]) -> String {
    ranges.iter().map(|IdRange { inside, outside, count }| format!("{inside} {outside} {count}\n")).collect()
}

fn write_own(maps: &IdMaps) -> Result<(), Errno> {
    write_file(c"/proc/self/setgroups", b"deny")?;
    write_file(c"/proc/self/uid_map", lines(&maps.uids).as_bytes())?;
    write_file(c"/proc/self/gid_map", lines(&maps.gids).as_bytes())
}

/// Writes a file of /proc in one call; allocates nothing.
fn write_file(path: &std::ffi::CStr, content: &[u8]) -> Result<(), Errno> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    let written = rustix::io::write(&file, content)?;
    if written == content.len() { Ok(()) } else { Err(Errno::IO) }
}

fn become_root() -> Result<(), Errno> {
    // SAFETY: an empty list of groups reads no memory. The raw call changes this thread, the only one.
    checked(unsafe { libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) })?;
    // SAFETY: the calls take numbers alone. The raw calls change this thread, the only one.
    checked(unsafe { libc::syscall(libc::SYS_setresgid, 0, 0, 0) })?;
    // SAFETY: as above.
    checked(unsafe { libc::syscall(libc::SYS_setresuid, 0, 0, 0) }).map(|_| ())
}

/// What a process outside the new namespace does, ready to be done without allocation.
enum Work {
    Write { files: [CString; 2], maps: [String; 2] },
    Run([Command; 2]),
}

/// A program with its arguments, and their addresses as execve(2) wants them.
struct Command {
    path: CString,
    arguments: Vec<CString>,
}

impl Work {
    fn prepare(maps: &IdMaps, writer: &MapWriter) -> Result<Work, IdentityError> {
        let pid = rustix::process::getpid().as_raw_nonzero();
        let text = |bytes: &OsStr| CString::new(bytes.as_bytes()).map_err(|error| IdentityError::Map(error.into()));
        match writer {
            MapWriter::Itself | MapWriter::Child => {
                let file = |name: &str| text(OsStr::new(&format!("/proc/{pid}/{name}")));
                Ok(Work::Write {
                    files: [file("uid_map")?, file("gid_map")?],
                    maps: [lines(&maps.uids), lines(&maps.gids)],
                })
            }
            MapWriter::Helpers { newuidmap, newgidmap } => {
                let command = |path: &PathBuf, ranges: &[IdRange]| {
                    let numbers = lines(ranges).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                    let words = [path.to_string_lossy().into_owned(), pid.to_string()].into_iter().chain(numbers);
                    let arguments = words.map(|word| text(OsStr::new(&word))).collect::<Result<_, _>>()?;
                    Ok(Command { path: text(path.as_os_str())?, arguments })
                };
                Ok(Work::Run([command(newuidmap, &maps.uids)?, command(newgidmap, &maps.gids)?]))
            }
        }
    }

    /// Does the work; returns the exit code of the process that does it.
    fn perform(&self, pointers: &mut [Vec<*const libc::c_char>; 2]) -> i32 {
        match self {
            Work::Write { files, maps } => {
                let mut pairs = files.iter().zip(maps);
                pairs.find_map(|(file, map)| write_file(file, map.as_bytes()).err()).map_or(0, Errno::raw_os_error)
            }
            Work::Run(commands) => {
                let mut pairs = commands.iter().zip(pointers);
                pairs.find_map(|(command, pointers)| Some(command.run(pointers)).filter(|code| *code != 0)).unwrap_or(0)
            }
        }
    }
}

impl Command {
    fn pointers(&self) -> Vec<*const libc::c_char> {
        self.arguments.iter().map(|word| word.as_ptr()).chain([std::ptr::null()]).collect()
    }

    fn run(&self, pointers: &[*const libc::c_char]) -> i32 {
        match clone_process(0) {
            Err(error) => error.raw_os_error(),
            Ok(Cloned::Child) => {
                let environment = [std::ptr::null::<libc::c_char>()];
                // SAFETY: path and arguments are C strings that live on; both arrays end with a null pointer.
                unsafe { libc::execve(self.path.as_ptr(), pointers.as_ptr(), environment.as_ptr()) };
                exit_now(127)
            }
            Ok(Cloned::Parent { pid, .. }) => wait_code(pid),
        }
    }
}

/// Waits for a child and returns its exit code; 255 if it was killed.
fn wait_code(pid: i32) -> i32 {
    let mut status = 0;
    loop {
        // SAFETY: the kernel writes one status to `status`.
        let ended = unsafe { libc::waitpid(pid, &raw mut status, 0) };
        if ended == pid {
            return if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 255 };
        }
        if crate::process::last_errno() != Errno::INTR {
            return 255;
        }
    }
}

/// A child that stays outside and maps ids when it is told to.
struct Outsider {
    pid: i32,
    go: Option<OwnedFd>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Writer,
    Runner,
}

impl Outsider {
    fn start(work: &Work) -> Result<Outsider, IdentityError> {
        let failed = |error: Errno| IdentityError::Map(error.into());
        let (wait, go) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(failed)?;
        let kind = if matches!(work, Work::Write { .. }) { Kind::Writer } else { Kind::Runner };
        let mut pointers = match work {
            Work::Run([first, second]) => [first.pointers(), second.pointers()],
            Work::Write { .. } => [Vec::new(), Vec::new()],
        };
        match clone_process(0).map_err(failed)? {
            Cloned::Parent { pid, .. } => Ok(Outsider { pid, go: Some(go), kind }),
            Cloned::Child => {
                drop(go);
                let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
                let told = rustix::io::read(wait.as_fd(), &mut [0_u8; 1]);
                exit_now(if told == Ok(1) { work.perform(&mut pointers) } else { 255 })
            }
        }
    }

    fn finish(mut self) -> Result<(), IdentityError> {
        if let Some(go) = self.go.take() {
            rustix::io::write(&go, b"g").map_err(|error| IdentityError::Map(error.into()))?;
        }
        let code = wait_code(std::mem::take(&mut self.pid));
        match (code, self.kind) {
            (0, _) => Ok(()),
            (errno, Kind::Writer) => Err(IdentityError::Map(io::Error::from_raw_os_error(errno))),
            (status, Kind::Runner) => Err(IdentityError::Helper(status)),
        }
    }
}

impl Drop for Outsider {
    fn drop(&mut self) {
        // Without a word it ends by the end of file.
        drop(self.go.take());
        if self.pid != 0 {
            wait_code(self.pid);
        }
    }
}
