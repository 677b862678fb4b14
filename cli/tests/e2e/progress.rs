//! What is shown while work goes on.

use crate::place::{Place, says};

const TEXT: &str = "FROM base\nRUN echo out; echo err >&2\nCOPY file /\n";

#[test]
fn plain_is_a_log_of_steps() {
    let Some(place) = Place::new() else { return };
    place.file("file", "1");
    let first = place.build(TEXT, &[]).ok();
    says(&first.stderr, &["[2/3] RUN echo out; echo err >&2", " out\n", " err\n", "DONE", "[3/3] COPY file /"]);
    assert_eq!(first.stdout, "", "stdout is for data");
    says(&place.build(TEXT, &[]).ok().stderr, &["CACHED"]);
}

#[test]
fn rawjson_is_one_object_a_line() {
    let Some(place) = Place::new() else { return };
    place.file("file", "1");
    let shown = place.build(TEXT, &["--progress=rawjson"]).ok().stderr;
    let events: Vec<serde_json::Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let any = |key: &str| events.iter().any(|event| !event[key].is_null());
    assert!(any("vertexes") && any("logs"), "{shown}");
    let name = |event: &serde_json::Value| event["vertexes"][0]["name"].as_str().map(str::to_owned);
    assert!(events.iter().filter_map(name).any(|name| name == "[3/3] COPY file /"), "{shown}");
}

#[test]
fn quiet_prints_the_id_alone() {
    let Some(place) = Place::new() else { return };
    place.file("file", "1");
    let told = place.build(TEXT, &["--quiet"]).ok();
    assert_eq!(told.stderr, "");
    assert!(told.stdout.starts_with("sha256:") && told.stdout.trim_end().len() == 71, "{}", told.stdout);
}

#[test]
fn explain_names_the_part_that_differs() {
    let Some(place) = Place::new() else { return };
    place.file("file", "1");
    says(&place.build(TEXT, &["--explain"]).ok().stderr, &["miss: nothing recorded yet"]);
    says(&place.build(TEXT, &["--explain"]).ok().stderr, &["hit"]);
    let changed = place.build(&TEXT.replace("echo out", "echo other"), &["--explain"]).ok().stderr;
    says(&changed, &["miss: command changed"]);
    let variable = place.build("FROM base\nENV V=1\nRUN echo other; echo err >&2\n", &["--explain"]).ok().stderr;
    says(&variable, &["miss: ", "env V"]);
    place.build(TEXT, &[]).ok();
    place.file("file", "2");
    says(&place.build(TEXT, &["--explain"]).ok().stderr, &["miss: files changed"]);
    says(&place.build(TEXT, &["--explain", "--no-cache"]).ok().stderr, &["miss: the cache is off for this step"]);
}
