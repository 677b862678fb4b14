//! The closed list of what can be said while work goes on.

use std::sync::atomic::{AtomicU64, Ordering};

/// Names one task (a step of a build, a pull, an export) for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(u64);

impl TaskId {
    /// Returns a number that no other task of this process has.
    pub fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the number, for showing and sorting.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// Which of a step's two output pipes a piece of output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It did its work.
    Done,
    /// Its result was there already, so nothing was run.
    Cached,
    /// It failed; the text is the message of the error without its causes.
    Failed(String),
    /// It was cancelled by the user or by the failure of another task.
    Cancelled,
}

/// What is known of a task when it is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskInfo {
    /// The task's number.
    pub id: TaskId,
    /// A stable digest in the form `sha256:HEX`, as BuildKit's vertexes have one.
    pub digest: String,
    /// The line that a person reads, for example `[build 2/5] RUN make`.
    pub name: String,
    /// Tasks whose results this one takes.
    pub inputs: Vec<TaskId>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A task was planned.
    Added(TaskInfo),
    /// A task began to work.
    Started(TaskId),
    /// A task ended.
    Finished(TaskId, Outcome),
    /// A step wrote output; the bytes are as the step wrote them, cut anywhere.
    Output {
        /// The step.
        task: TaskId,
        /// The pipe.
        stream: Stream,
        /// The bytes.
        data: Vec<u8>,
    },
    /// Bytes moved for one named part of a task (a blob, a context, an archive).
    Moved {
        /// The task.
        task: TaskId,
        /// The part, for example a shortened digest or `exporting layers`.
        part: String,
        /// Bytes so far.
        current: u64,
        /// Bytes in all, when known.
        total: Option<u64>,
        /// Whether the part is complete.
        state: PartState,
    },
    /// Why a step hit or missed, in answer to `--explain`.
    Explained {
        /// The step.
        task: TaskId,
        /// One line, for example `miss: file src/main.c changed`.
        text: String,
    },
    /// Something the user should know that does not stop the work; the text is one line.
    Warning {
        /// The task that it is about, when there is one.
        task: Option<TaskId>,
        /// The line.
        text: String,
    },
}

/// Whether a part of a task still moves bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// More will come.
    Moving,
    /// All bytes are there.
    Complete,
}
