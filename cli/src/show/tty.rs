//! Progress on a terminal: finished steps scroll away, running steps are redrawn below them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant};

use containr_progress::{Event, Outcome, PartState, Progress, TaskId};

use super::{Lines, Out, Show, bytes, elapsed};

/// How many lines of its output a running step shows.
pub(super) const OUTPUT_LINES: usize = 6;
/// Time between two redraws, which keep the elapsed times moving.
const FRAME: Duration = Duration::from_millis(150);

/// Redraws a terminal.
pub(crate) struct Tty(Arc<Mutex<Screen>>);

struct Screen {
    out: Out,
    columns: usize,
    tasks: HashMap<TaskId, Task>,
    running: Vec<TaskId>,
    drawn_lines: usize,
    done: usize,
    began: Instant,
}

struct Task {
    name: String,
    started: Instant,
    output: Lines,
    last: Vec<String>,
    parts: Vec<(String, u64, Option<u64>, PartState)>,
}

impl Tty {
    /// Returns a screen of the given width and starts the thread that redraws it until it is dropped.
    pub(crate) fn new(out: Out, columns: u16) -> Self {
        let screen = Screen {
            out,
            columns: usize::from(columns).max(20),
            tasks: HashMap::new(),
            running: Vec::new(),
            drawn_lines: 0,
            done: 0,
            began: Instant::now(),
        };
        let screen = Arc::new(Mutex::new(screen));
        let weak = Arc::downgrade(&screen);
        thread::spawn(move || redraw_until_dropped(&weak));
        Self(screen)
    }
}

fn redraw_until_dropped(screen: &Weak<Mutex<Screen>>) {
    loop {
        thread::sleep(FRAME);
        let Some(screen) = screen.upgrade() else { return };
        let Ok(mut screen) = screen.lock() else { return };
        if !screen.running.is_empty() {
            screen.draw("");
        }
    }
}

impl Progress for Tty {
    fn event(&self, event: Event) {
        if let Ok(mut screen) = self.0.lock() {
            screen.event(event);
        }
    }
}

impl Show for Tty {
    fn finish(&self) {
        if let Ok(mut screen) = self.0.lock() {
            screen.running.clear();
            let summary = format!("[+] {} steps in {}\n", screen.done, elapsed(screen.began));
            screen.draw(&summary);
        }
    }
}

impl Screen {
    fn event(&mut self, event: Event) {
        match event {
            Event::Added(info) => {
                let task = Task {
                    name: info.name,
                    started: Instant::now(),
                    output: Lines::default(),
                    last: vec![],
                    parts: vec![],
                };
                self.tasks.insert(info.id, task);
            }
            Event::Started(id) => self.started(id),
            Event::Finished(id, outcome) => self.finished(id, &outcome),
            Event::Output { task, data, .. } => {
                if let Some(task) = self.tasks.get_mut(&task) {
                    let lines = task.output.push(&data);
                    task.last.extend(lines);
                    let surplus = task.last.len().saturating_sub(OUTPUT_LINES);
                    task.last.drain(..surplus);
                }
            }
            Event::Moved { task, part, current, total, state } => {
                if let Some(task) = self.tasks.get_mut(&task) {
                    task.parts.retain(|(name, ..)| *name != part);
                    task.parts.push((part, current, total, state));
                }
            }
            Event::Explained { task, text } => {
                let name = self.tasks.get(&task).map(|task| task.name.clone()).unwrap_or_default();
                self.draw(&format!("   {name}: {text}\n"));
            }
            Event::Warning { text, .. } => self.draw(&format!(" ! {text}\n")),
        }
    }

    fn started(&mut self, id: TaskId) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.started = Instant::now();
            self.running.push(id);
            self.draw("");
        }
    }

    fn finished(&mut self, id: TaskId, outcome: &Outcome) {
        let Some(mut task) = self.tasks.remove(&id) else { return };
        self.running.retain(|running| *running != id);
        self.done += 1;
        let (mark, time) = match outcome {
            Outcome::Done => ("=>", elapsed(task.started)),
            Outcome::Cached => ("=> CACHED", "0.0s".to_owned()),
            Outcome::Failed(_) => ("=> ERROR", elapsed(task.started)),
            Outcome::Cancelled => ("=> CANCELED", elapsed(task.started)),
        };
        let mut text = line(self.columns, &format!(" {mark} {}", task.name), &time);
        if let Outcome::Failed(_) = outcome {
            task.last.extend(task.output.rest());
            for output in &task.last {
                let _ = writeln!(text, "    {output}");
            }
        }
        self.draw(&text);
    }

    /// Wipes the running steps, writes `above` to stay, and draws the running steps again.
    fn draw(&mut self, above: &str) {
        let mut frame = String::new();
        if self.drawn_lines > 0 {
            let _ = write!(frame, "\x1b[{}A\x1b[J", self.drawn_lines);
        }
        frame.push_str(above);
        let body = self.body();
        self.drawn_lines = body.matches('\n').count();
        frame.push_str(&body);
        let _ = self.out.write_all(frame.as_bytes()).and_then(|()| self.out.flush());
    }

    fn body(&self) -> String {
        let mut body = String::new();
        for task in self.running.iter().filter_map(|id| self.tasks.get(id)) {
            body.push_str(&line(self.columns, &format!(" => {}", task.name), &elapsed(task.started)));
            for (part, current, total, state) in task.parts.iter().filter(|(.., state)| *state == PartState::Moving) {
                let _ = state;
                let total = total.map(|total| format!(" / {}", bytes(total))).unwrap_or_default();
                body.push_str(&line(self.columns, &format!("    {part} {}{total}", bytes(*current)), ""));
            }
            for output in &task.last {
                body.push_str(&line(self.columns, &format!("    {output}"), ""));
            }
        }
        body
    }
}

/// Returns one line of the terminal: text on the left, cut to fit, a time on the right.
fn line(columns: usize, left: &str, right: &str) -> String {
    let room = columns.saturating_sub(right.len() + 1);
    // A tab would be wider on the screen than it is here.
    let cut: String = left.replace('\t', "    ").chars().take(room).collect();
    format!("{cut:<room$}{right}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::tests_support::Shared;
    use containr_progress::TaskInfo;

    #[test]
    fn lines_fit_the_terminal() {
        assert_eq!(line(20, " => a long name of a step", "1.0s"), " => a long name1.0s\n");
    }

    #[test]
    fn a_failed_step_leaves_its_output() {
        let out = Shared::default();
        let tty = Tty::new(Box::new(out.clone()), 40);
        let id = TaskId::next();
        tty.event(Event::Added(TaskInfo { id, digest: String::new(), name: "RUN x".to_owned(), inputs: vec![] }));
        tty.event(Event::Started(id));
        tty.event(Event::Output {
            task: id,
            stream: containr_progress::Stream::Stderr,
            data: b"no such thing".to_vec(),
        });
        tty.event(Event::Finished(id, Outcome::Failed("x".to_owned())));
        assert!(out.text().contains("=> ERROR RUN x"));
        assert!(out.text().contains("    no such thing\n"));
    }
}
