//! What long work is given beside its data: where to report and when to stop.

use containr_progress::{Cancel, Event, PartState, Progress, TaskId};

/// The surroundings of one use case.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) progress: &'a dyn Progress,
    pub(crate) cancel: &'a Cancel,
}

/// The surroundings of one task of it.
#[derive(Clone, Copy)]
pub(crate) struct TaskWork<'a> {
    pub(crate) progress: &'a dyn Progress,
    pub(crate) cancel: &'a Cancel,
    pub(crate) task: TaskId,
}

impl<'a> Work<'a> {
    /// Returns the surroundings of one task.
    pub(crate) fn task(&self, task: TaskId) -> TaskWork<'a> {
        TaskWork { progress: self.progress, cancel: self.cancel, task }
    }
}

impl TaskWork<'_> {
    /// Warns of something.
    pub(crate) fn warn(&self, text: String) {
        self.progress.event(Event::Warning { task: Some(self.task), text });
    }

    /// Says that a part of the task is complete.
    pub(crate) fn complete(&self, part: &str, bytes: u64) {
        self.progress.event(Event::Moved {
            task: self.task,
            part: part.to_owned(),
            current: bytes,
            total: Some(bytes),
            state: PartState::Complete,
        });
    }
}

impl<'a> TaskWork<'a> {
    /// Returns what the registry room takes along.
    pub(crate) fn registry(&self) -> containr_registry::Context<'a> {
        containr_registry::Context { progress: self.progress, task: self.task, cancel: self.cancel }
    }

    /// Returns what the layer room takes along.
    pub(crate) fn layer(&self, threads: std::num::NonZeroUsize) -> containr_layer::Context<'a> {
        containr_layer::Context { cancel: self.cancel, threads }
    }
}
