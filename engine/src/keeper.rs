//! Keeps the launcher of sandboxes: started when the first command runs or when one is certain to, ended with the engine.
//!
//! The launcher dies with the thread that started it. Where many threads run commands it gets a thread of its own, which lives as
//! long as the engine and looks at the cancel tokens of running commands, because the threads that wait for a command cannot.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use containr_progress::Cancel;
use containr_sandbox::{Begun, KillHandle, Launcher, LauncherOptions, SandboxError};

/// Time between two looks at the cancel tokens.
const LOOK: Duration = Duration::from_millis(25);

/// Handles of running commands with the tokens that end them.
type Watched = Arc<Mutex<Vec<(Cancel, KillHandle)>>>;

/// The launcher and what it takes to keep it.
#[derive(Default)]
pub(crate) struct Keeper {
    kept: OnceLock<Kept>,
    begun: Mutex<Option<Begun>>,
}

struct Kept {
    launcher: Arc<Launcher>,
    watcher: OnceLock<Watcher>,
}

impl Keeper {
    /// Begins to start the launcher, unless that was done before; it goes on by itself, and what keeps it from running later is
    /// told by [`Keeper::launcher`].
    ///
    /// It dies with the thread that calls this.
    pub(crate) fn begin(&self, options: LauncherOptions) -> Result<(), SandboxError> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if self.kept.get().is_none() && begun.is_none() {
            *begun = Some(Launcher::begin(options)?);
        }
        Ok(())
    }

    /// Returns the launcher; the first call starts it, unless it was begun before.
    pub(crate) fn launcher(&self, options: LauncherOptions) -> Result<&Arc<Launcher>, SandboxError> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if self.kept.get().is_none() {
            let kept = match begun.take() {
                Some(begun) => Kept { launcher: Arc::new(begun.finish()?), watcher: OnceLock::new() },
                None => start(options)?,
            };
            let _ = self.kept.set(kept);
        }
        Ok(&self.kept.get().expect("set above under the lock").launcher)
    }

    /// Ends the launcher without waiting until it is gone, which dropping the keeper does: no further command will run.
    pub(crate) fn dismiss(&self) {
        if let Some(kept) = self.kept.get() {
            kept.launcher.kill();
            if let Some(watcher) = kept.watcher.get() {
                watcher.stop();
            }
        }
    }

    /// Kills the command as soon as the token is set.
    pub(crate) fn watch(&self, cancel: &Cancel, handle: KillHandle) -> Watch<'_> {
        if let Some(kept) = self.kept.get() {
            let watcher = kept.watcher.get_or_init(|| Watcher::spawn(|| true));
            watcher.watched.lock().unwrap_or_else(PoisonError::into_inner).push((cancel.clone(), handle));
        }
        Watch(self)
    }
}

/// Forgets handles of commands that have ended, when it is dropped.
pub(crate) struct Watch<'a>(&'a Keeper);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(watcher) = self.0.kept.get().and_then(|kept| kept.watcher.get()) {
            watcher.watched.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, handle)| handle.is_alive());
        }
    }
}

/// Starts the launcher on the watcher's thread, which lives as long as it.
fn start(options: LauncherOptions) -> Result<Kept, SandboxError> {
    let (started, answer) = channel();
    let watcher = Watcher::spawn(move || {
        let launcher = Launcher::start(options).map(Arc::new);
        let good = launcher.is_ok();
        let _ = started.send(launcher);
        good
    });
    let launcher = answer.recv().map_err(|_| SandboxError::LauncherGone)??;
    Ok(Kept { launcher, watcher: watcher.into() })
}

/// A thread that looks at the tokens of running commands; it ends when this is dropped.
struct Watcher {
    watched: Watched,
    stop: Mutex<Option<Sender<()>>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts the thread; it does `first` and goes on when that says so.
    fn spawn(first: impl FnOnce() -> bool + Send + 'static) -> Self {
        let (stop, stopped) = channel();
        let watched = Watched::default();
        let looked_at = Arc::clone(&watched);
        let thread = std::thread::spawn(move || {
            if first() {
                look(&stopped, &looked_at);
            }
        });
        Self { watched, stop: Mutex::new(Some(stop)), thread: Some(thread) }
    }

    fn stop(&self) {
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Looks at the tokens until the watcher is stopped.
fn look(stopped: &Receiver<()>, watched: &Mutex<Vec<(Cancel, KillHandle)>>) {
    while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        for (cancel, handle) in watched.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if cancel.is_cancelled() {
                handle.kill();
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
