//! Progress as a log: numbered steps, one line of output each, as people know it from BuildKit.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

use containr_progress::{Event, Outcome, PartState, Progress, TaskId};

use super::{Lines, Out, Show, bytes, elapsed};

/// Writes a log.
pub(crate) struct Plain(Mutex<Log>);

struct Log {
    out: Out,
    tasks: HashMap<TaskId, Task>,
    shown: usize,
    /// Whose line was written last; nobody's after a blank one.
    last: Option<usize>,
}

struct Task {
    name: String,
    number: Option<usize>,
    started: Instant,
    output: Lines,
}

impl Plain {
    /// Returns a log that is written to `out`.
    pub(crate) fn new(out: Out) -> Self {
        Self(Mutex::new(Log { out, tasks: HashMap::new(), shown: 0, last: None }))
    }
}

impl Progress for Plain {
    fn event(&self, event: Event) {
        if let Ok(mut log) = self.0.lock() {
            log.event(event);
        }
    }
}

impl Show for Plain {
    fn finish(&self) {
        if let Ok(mut log) = self.0.lock() {
            let _ = log.out.flush();
        }
    }
}

impl Log {
    fn event(&mut self, event: Event) {
        match event {
            Event::Added(info) => {
                let task = Task { name: info.name, number: None, started: Instant::now(), output: Lines::default() };
                self.tasks.insert(info.id, task);
            }
            Event::Started(id) => {
                if let Some(task) = self.tasks.get_mut(&id) {
                    task.started = Instant::now();
                }
                self.head(id);
            }
            Event::Output { task, data, .. } => self.output(task, &data),
            Event::Moved { task, part, current, total, state: PartState::Complete } => {
                let _ = total;
                self.line(task, &format!("{part} {} done", bytes(current)));
            }
            Event::Moved { .. } => {}
            Event::Explained { task, text } => self.line(task, &text),
            Event::Warning { task: Some(task), text } => self.line(task, &format!("WARNING: {text}")),
            Event::Warning { task: None, text } => self.write(&format!("WARNING: {text}\n")),
            Event::Finished(id, outcome) => self.finished(id, &outcome),
        }
    }

    /// Gives the task its number and writes its name, once.
    fn head(&mut self, id: TaskId) -> usize {
        let Some(task) = self.tasks.get_mut(&id) else { return 0 };
        if let Some(number) = task.number {
            return number;
        }
        self.shown += 1;
        task.number = Some(self.shown);
        let (number, text) = (self.shown, format!("#{} {}\n", self.shown, task.name));
        self.lines(number, &text);
        number
    }

    fn line(&mut self, id: TaskId, text: &str) {
        let number = self.head(id);
        self.lines(number, &format!("#{number} {text}\n"));
    }

    fn output(&mut self, id: TaskId, data: &[u8]) {
        let number = self.head(id);
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let time = task.started.elapsed().as_secs_f64();
        let text: String = task.output.push(data).iter().map(|line| format!("#{number} {time:.3} {line}\n")).collect();
        self.lines(number, &text);
    }

    fn finished(&mut self, id: TaskId, outcome: &Outcome) {
        let number = self.head(id);
        let Some(mut task) = self.tasks.remove(&id) else { return };
        let time = elapsed(task.started);
        let rest =
            task.output.rest().map(|line| format!("#{number} {:.3} {line}\n", task.started.elapsed().as_secs_f64()));
        let end = match outcome {
            Outcome::Done => format!("DONE {time}"),
            Outcome::Cached => "CACHED".to_owned(),
            Outcome::Failed(message) => format!("ERROR: {message}"),
            Outcome::Cancelled => "CANCELED".to_owned(),
        };
        self.lines(number, &format!("{}#{number} {end}\n\n", rest.unwrap_or_default()));
        self.last = None;
    }

    /// Writes whole lines of one task; a blank line parts them from another task's.
    fn lines(&mut self, number: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.last.is_some_and(|last| last != number) {
            self.write("\n");
        }
        self.last = Some(number);
        self.write(text);
    }

    /// Writes whole lines; a reader that went away is no reason to stop the build.
    fn write(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::tests_support::Shared;
    use containr_progress::{Stream, TaskInfo};

    fn added(log: &Plain, name: &str) -> TaskId {
        let id = TaskId::next();
        log.event(Event::Added(TaskInfo { id, digest: String::new(), name: name.to_owned(), inputs: vec![] }));
        id
    }

    #[test]
    fn a_blank_line_parts_steps_that_run_at_once() {
        let out = Shared::default();
        let log = Plain::new(Box::new(out.clone()));
        let (one, two) = (added(&log, "one"), added(&log, "two"));
        log.event(Event::Started(one));
        log.event(Event::Started(two));
        log.event(Event::Finished(two, Outcome::Cached));
        log.event(Event::Finished(one, Outcome::Cached));
        assert_eq!(out.text(), "#1 one\n\n#2 two\n#2 CACHED\n\n#1 CACHED\n\n");
    }

    #[test]
    fn a_step_reads_as_a_log() {
        let out = Shared::default();
        let log = Plain::new(Box::new(out.clone()));
        let id = added(&log, "[1/2] RUN true");
        log.event(Event::Started(id));
        log.event(Event::Output { task: id, stream: Stream::Stdout, data: b"hello\nwor".to_vec() });
        log.event(Event::Finished(id, Outcome::Cached));
        let text = out.text();
        let words: Vec<&str> = text.lines().map(|l| l.rsplit(' ').next().unwrap()).collect();
        assert_eq!(words, ["true", "hello", "wor", "CACHED", ""]);
    }
}
