//! Reads what surrounds the process: clock, environment, working directory, home, terminal, signals.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use containr_engine::Settings;
use containr_progress::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::args::CommonArgs;
use crate::failure::{Exit, Failure};

/// Returns all that the engine takes from outside.
///
/// # Errors
/// A working directory that is gone.
pub(crate) fn settings(common: &CommonArgs) -> Result<Settings, Failure> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let directory = std::env::current_dir().map_err(|error| {
        Failure::new(format!("cannot tell the working directory: {error}"), Exit::Failure)
            .hint("change to a directory that exists")
    })?;
    let uid = rustix::process::geteuid().as_raw();
    let home = environment.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let root = match &common.root {
        Some(root) => directory.join(root),
        None => default_root(uid, &environment, home.as_ref())?,
    };
    Ok(Settings {
        root,
        home,
        environment,
        directory,
        clock,
        now: SystemTime::now(),
        boot_id: std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map(|id| id.trim().to_owned())
            .unwrap_or_default(),
        uid,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

/// Returns the seconds since 1970; a clock before that counts as 0.
fn clock() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

fn default_root(uid: u32, environment: &BTreeMap<String, String>, home: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    if uid == 0 {
        return Ok(PathBuf::from("/var/lib/containr"));
    }
    match (environment.get("XDG_DATA_HOME").filter(|dir| dir.starts_with('/')), home) {
        (Some(data), _) => Ok(PathBuf::from(data).join("containr")),
        (None, Some(home)) => Ok(home.join(".local/share/containr")),
        (None, None) => {
            Err(Failure::new("there is no place for state: HOME and XDG_DATA_HOME are not set", Exit::Request)
                .hint("name a directory with --root or CONTAINR_ROOT"))
        }
    }
}

/// Returns the words of the command line; a program that is called `hadolint` is the command of that name.
pub(crate) fn command_line() -> Vec<OsString> {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if words.first().is_some_and(|name| Path::new(name).file_name().is_some_and(|name| name == "hadolint")) {
        words.insert(1, "hadolint".into());
    }
    words
}

/// Returns the seconds since 1970.
pub(crate) fn now() -> u64 {
    u64::try_from(clock()).unwrap_or_default()
}

/// Returns a token that the first SIGINT, SIGTERM or SIGHUP sets; a second one ends the process at once.
///
/// # Errors
/// A kernel that refuses signal handlers.
pub(crate) fn interruptible() -> Result<Cancel, Failure> {
    let cancel = Cancel::new();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // The order matters: the shutdown looks at the flag before this signal's own registration has set it.
        let registered =
            signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, cancel.flag())
                .and_then(|_| signal_hook::flag::register(signal, cancel.flag()));
        registered.map_err(|error| Failure::new(format!("cannot handle signals: {error}"), Exit::Failure))?;
    }
    Ok(cancel)
}

/// Returns the width of the terminal on stderr, when there is one that can be redrawn.
pub(crate) fn terminal_columns() -> Option<u16> {
    let stderr = std::io::stderr();
    if !stderr.is_terminal() || std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return None;
    }
    rustix::termios::tcgetwinsize(&stderr).ok().map(|size| if size.ws_col == 0 { 80 } else { size.ws_col })
}

/// Returns whether errors may be coloured.
pub(crate) fn colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes data to stdout; a reader that went away early (`| head`) is no failure.
///
/// # Errors
/// A full disk and the like.
pub(crate) fn print(data: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(data).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to stdout: {error}"), Exit::Failure))
        }
        _ => Ok(()),
    }
}

/// Returns a writer to stderr that progress can own.
pub(crate) fn stderr() -> Box<dyn Write + Send> {
    Box::new(std::io::stderr())
}

/// Returns the bytes of stdin as a stream that a request can carry.
pub(crate) fn stdin_stream() -> containr_engine::StreamBytes {
    containr_engine::StreamBytes(Arc::new(std::sync::Mutex::new(Box::new(std::io::stdin()))))
}
