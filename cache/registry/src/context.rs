//! What every operation takes along: whom to tell, for which task, and whether to go on.

use std::fmt;

use containr_oci::Descriptor;
use containr_progress::{Cancel, Event, PartState, Progress, TaskId};

/// Borrowed companions of one operation; cheap to copy.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Takes the events.
    pub progress: &'a dyn Progress,
    /// The task that the operation belongs to.
    pub task: TaskId,
    /// Ends the operation when set.
    pub cancel: &'a Cancel,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("task", &self.task).field("cancel", self.cancel).finish_non_exhaustive()
    }
}

impl Context<'_> {
    pub(crate) fn warn(&self, text: String) {
        self.progress.event(Event::Warning { task: Some(self.task), text });
    }
}

/// Bytes between two events of one blob.
const STEP_BYTES: u64 = 1 << 20;

/// Tells how far one blob has come, not more often than every mebibyte.
pub(crate) struct Meter<'a> {
    context: Context<'a>,
    part: String,
    total: u64,
    told: u64,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(context: Context<'a>, blob: &Descriptor) -> Self {
        Self { context, part: blob.digest.short(), total: blob.size, told: 0 }
    }

    /// Tells that `current` bytes are there; fewer than before after a restart.
    pub(crate) fn at(&mut self, current: u64) {
        if current < self.told || current - self.told >= STEP_BYTES {
            self.tell(current, PartState::Moving);
        }
    }

    pub(crate) fn complete(&mut self) {
        self.tell(self.total, PartState::Complete);
    }

    fn tell(&mut self, current: u64, state: PartState) {
        self.told = current;
        let (task, part, total) = (self.context.task, self.part.clone(), Some(self.total));
        self.context.progress.event(Event::Moved { task, part, current, total, state });
    }
}
