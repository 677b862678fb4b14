//! Keeps the launcher of sandboxes: started when the first command runs, ended with the engine.
//!
//! The launcher dies with the thread that started it, so it gets a thread of its own that lives as long as the engine. The same
//! thread looks at the cancel tokens of running commands, because the threads that wait for a command cannot.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use containr_progress::Cancel;
use containr_sandbox::{KillHandle, Launcher, LauncherOptions, SandboxError};

/// Time between two looks at the cancel tokens.
const LOOK: Duration = Duration::from_millis(25);

/// The launcher and what it takes to keep it.
#[derive(Default)]
pub(crate) struct Keeper {
    kept: OnceLock<Kept>,
    starting: Mutex<()>,
}

struct Kept {
    launcher: Arc<Launcher>,
    watched: Arc<Mutex<Vec<(Cancel, KillHandle)>>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Returns the launcher; the first call starts it.
    pub(crate) fn launcher(&self, options: LauncherOptions) -> Result<&Arc<Launcher>, SandboxError> {
        let _one = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.kept.get().is_none() {
            let kept = start(options)?;
            let _ = self.kept.set(kept);
        }
        Ok(&self.kept.get().expect("set above under the lock").launcher)
    }

    /// Kills the command as soon as the token is set.
    pub(crate) fn watch(&self, cancel: &Cancel, handle: KillHandle) -> Watch<'_> {
        if let Some(kept) = self.kept.get() {
            kept.watched.lock().unwrap_or_else(PoisonError::into_inner).push((cancel.clone(), handle));
        }
        Watch(self)
    }
}

/// Forgets handles of commands that have ended, when it is dropped.
pub(crate) struct Watch<'a>(&'a Keeper);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(kept) = self.0.kept.get() {
            kept.watched.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, handle)| handle.is_alive());
        }
    }
}

fn start(options: LauncherOptions) -> Result<Kept, SandboxError> {
    let (started, answer) = channel();
    let (stop, stopped) = channel();
    let watched: Arc<Mutex<Vec<(Cancel, KillHandle)>>> = Arc::default();
    let looked_at = Arc::clone(&watched);
    let thread = std::thread::spawn(move || {
        let launcher = Launcher::start(options).map(Arc::new);
        let good = launcher.is_ok();
        let _ = started.send(launcher);
        if good {
            keep(&stopped, &looked_at);
        }
    });
    let launcher = answer.recv().map_err(|_| SandboxError::LauncherGone)??;
    Ok(Kept { launcher, watched, stop: Some(stop), thread: Some(thread) })
}

/// Looks at the tokens until the engine ends.
fn keep(stopped: &Receiver<()>, watched: &Mutex<Vec<(Cancel, KillHandle)>>) {
    while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        for (cancel, handle) in watched.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if cancel.is_cancelled() {
                handle.kill();
            }
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
