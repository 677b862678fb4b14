//! Progress as BuildKit's status events (`--progress=rawjson`): one JSON object a line.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use containr_progress::{Event, Outcome, PartState, Progress, Stream, TaskId, TaskInfo};
use serde_json::{Value, json};

use super::{Out, Show};

/// Writes status events.
pub(crate) struct RawJson(Mutex<State>);

struct State {
    out: Out,
    vertexes: HashMap<TaskId, Vertex>,
}

struct Vertex {
    info: TaskInfo,
    started: Option<String>,
    parts: HashMap<String, String>,
}

impl RawJson {
    /// Returns a writer of status events.
    pub(crate) fn new(out: Out) -> Self {
        Self(Mutex::new(State { out, vertexes: HashMap::new() }))
    }
}

impl Progress for RawJson {
    fn event(&self, event: Event) {
        if let Ok(mut state) = self.0.lock()
            && let Some(mut line) = state.status(event)
        {
            line.push('\n');
            let _ = state.out.write_all(line.as_bytes()).and_then(|()| state.out.flush());
        }
    }
}

impl Show for RawJson {
    fn finish(&self) {}
}

impl State {
    fn status(&mut self, event: Event) -> Option<String> {
        let now = now();
        let value = match event {
            Event::Added(info) => {
                let id = info.id;
                self.vertexes.insert(id, Vertex { info, started: None, parts: HashMap::new() });
                json!({ "vertexes": [self.vertex(id)?] })
            }
            Event::Started(id) => {
                self.vertexes.get_mut(&id)?.started = Some(now);
                json!({ "vertexes": [self.vertex(id)?] })
            }
            Event::Finished(id, outcome) => json!({ "vertexes": [self.completed(id, &outcome, &now)?] }),
            Event::Output { task, stream, data } => self.log(task, stream, &data, &now)?,
            Event::Explained { task, text } => self.log(task, Stream::Stderr, format!("{text}\n").as_bytes(), &now)?,
            Event::Moved { task, part, current, total, state } => self.moved(task, &part, (current, total), state)?,
            Event::Warning { task, text } => {
                let digest = task
                    .and_then(|id| self.vertexes.get(&id))
                    .map(|vertex| vertex.info.digest.clone())
                    .unwrap_or_default();
                json!({ "warnings": [{ "vertex": digest, "level": 1, "short": STANDARD.encode(text) }] })
            }
        };
        Some(value.to_string())
    }

    fn vertex(&self, id: TaskId) -> Option<Value> {
        let Vertex { info, started, .. } = self.vertexes.get(&id)?;
        let inputs: Vec<&str> =
            info.inputs.iter().filter_map(|id| Some(self.vertexes.get(id)?.info.digest.as_str())).collect();
        let mut value = json!({ "digest": info.digest, "name": info.name });
        if !inputs.is_empty() {
            value["inputs"] = json!(inputs);
        }
        if let Some(started) = started {
            value["started"] = json!(started);
        }
        Some(value)
    }

    fn completed(&mut self, id: TaskId, outcome: &Outcome, now: &str) -> Option<Value> {
        let mut value = self.vertex(id)?;
        if value.get("started").is_none() {
            value["started"] = json!(now);
        }
        value["completed"] = json!(now);
        match outcome {
            Outcome::Done => {}
            Outcome::Cached => value["cached"] = json!(true),
            Outcome::Failed(message) => value["error"] = json!(message),
            Outcome::Cancelled => value["error"] = json!("context canceled"),
        }
        Some(value)
    }

    fn log(&self, id: TaskId, stream: Stream, data: &[u8], now: &str) -> Option<Value> {
        let number = match stream {
            Stream::Stdout => 1,
            Stream::Stderr => 2,
        };
        let digest = &self.vertexes.get(&id)?.info.digest;
        Some(
            json!({ "logs": [{ "vertex": digest, "stream": number, "data": STANDARD.encode(data), "timestamp": now }] }),
        )
    }

    fn moved(
        &mut self,
        id: TaskId,
        part: &str,
        (current, total): (u64, Option<u64>),
        state: PartState,
    ) -> Option<Value> {
        let now = now();
        let vertex = self.vertexes.get_mut(&id)?;
        let started = vertex.parts.entry(part.to_owned()).or_insert_with(|| now.clone());
        let mut status = json!({ "id": part, "vertex": vertex.info.digest, "current": current, "timestamp": now, "started": started });
        if let Some(total) = total {
            status["total"] = json!(total);
        }
        if state == PartState::Complete {
            status["completed"] = json!(now);
        }
        Some(json!({ "statuses": [status] }))
    }
}

fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    containr_engine::rfc3339(i64::try_from(now.as_secs()).unwrap_or(i64::MAX), now.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::tests_support::Shared;

    #[test]
    fn a_cached_vertex_has_buildkits_fields() {
        let out = Shared::default();
        let show = RawJson::new(Box::new(out.clone()));
        let id = TaskId::next();
        show.event(Event::Added(TaskInfo { id, digest: "sha256:aa".to_owned(), name: "x".to_owned(), inputs: vec![] }));
        show.event(Event::Finished(id, Outcome::Cached));
        let last: Value = serde_json::from_str(out.text().lines().last().unwrap()).unwrap();
        assert_eq!(last["vertexes"][0]["cached"], true);
        assert_eq!(last["vertexes"][0]["digest"], "sha256:aa");
        assert!(last["vertexes"][0]["completed"].as_str().unwrap().ends_with('Z'));
    }
}
