//! Instructions that only change the config.

use crate::place::{Place, says};

const EVERYTHING: &str = r#"ARG BASE=base
FROM $BASE
ARG VERSION=1
ARG UNUSED
ENV A=1 B="two words" C=$A-${VERSION:-x} D=${NOPE:+set}
LABEL org.example.a="x y" b=$A
WORKDIR rel
WORKDIR sub
USER app:extra
EXPOSE 80 53/udp 8000-8001
VOLUME ["/data"]
STOPSIGNAL SIGINT
SHELL ["/bin/sh", "-ec"]
HEALTHCHECK --interval=5s --timeout=2s --retries=4 CMD echo ok
ONBUILD RUN echo built on
MAINTAINER someone
ENTRYPOINT echo hello
CMD ["a", "b"]
"#;

fn config(place: &Place, image: &str) -> serde_json::Value {
    let shown = place.containr(&["inspect", image]).ok().stdout;
    let value: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let image = if value.is_array() { value[0].clone() } else { value };
    find(&image, "Env").unwrap_or_else(|| panic!("no config in {shown}"))
}

/// Returns the object that has a key, wherever it lies.
fn find(value: &serde_json::Value, key: &str) -> Option<serde_json::Value> {
    match value {
        serde_json::Value::Object(map) if map.contains_key(key) => Some(value.clone()),
        serde_json::Value::Object(map) => map.values().find_map(|value| find(value, key)),
        serde_json::Value::Array(list) => list.iter().find_map(|value| find(value, key)),
        _ => None,
    }
}

#[test]
fn every_field_is_set() {
    let Some(place) = Place::new() else { return };
    place.build(EVERYTHING, &["--build-arg", "VERSION=2", "--label", "c=3"]).ok();
    let config = config(&place, "t");
    let variables: Vec<&str> = config["Env"].as_array().unwrap().iter().filter_map(|v| v.as_str()).collect();
    assert_eq!(variables[variables.len() - 4..], ["A=1", "B=two words", "C=-2", "D="], "{variables:?}");
    let labels = serde_json::json!({"b": "1", "c": "3", "org.example.a": "x y"});
    assert_eq!(config["Labels"], labels);
    assert_eq!(config["WorkingDir"], "/rel/sub");
    assert_eq!(config["User"], "app:extra");
    let ports = serde_json::json!({"53/udp": {}, "80/tcp": {}, "8000/tcp": {}, "8001/tcp": {}});
    assert_eq!(config["ExposedPorts"], ports);
    assert_eq!(config["Volumes"], serde_json::json!({"/data": {}}));
    assert_eq!(config["StopSignal"], "SIGINT");
    assert_eq!(config["Shell"], serde_json::json!(["/bin/sh", "-ec"]));
    let health = &config["Healthcheck"];
    assert_eq!(health["Test"], serde_json::json!(["CMD-SHELL", "echo ok"]));
    assert_eq!((&health["Interval"], &health["Retries"]), (&5_000_000_000_u64.into(), &4.into()));
    assert_eq!(config["OnBuild"], serde_json::json!(["RUN echo built on"]));
    assert_eq!(config["Entrypoint"], serde_json::json!(["/bin/sh", "-ec", "echo hello"]));
    assert_eq!(config["Cmd"], serde_json::json!(["a", "b"]));
}

#[test]
fn triggers_of_the_base_run() {
    let Some(place) = Place::new() else { return };
    place.build("FROM base\nONBUILD RUN echo triggered > /file\nONBUILD ENV T=1\n", &["-t", "parent"]).ok();
    place.build("FROM parent\nRUN cat /file; echo T=$T\n", &[]).ok();
    assert_eq!(place.sh("t", "cat /file; echo $T"), "triggered\n1\n");
    assert!(config(&place, "t")["OnBuild"].is_null());
}

#[test]
fn arguments_are_seen_by_steps_and_not_kept() {
    let Some(place) = Place::new() else { return };
    let text = "FROM base\nARG TOKEN\nRUN echo arg=$TOKEN\n";
    let shown = place.build(text, &["--build-arg", "TOKEN=t1"]).ok().stderr;
    says(&shown, &["arg=t1"]);
    assert!(!config(&place, "t")["Env"].to_string().contains("TOKEN"));
}
