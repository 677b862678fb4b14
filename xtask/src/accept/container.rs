//! Runs a built image with somebody else's runtime, in a network of its own, and lets its program answer.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::{Answer, expect};
use crate::command::{Background, command, output};
use crate::failure::{Context as _, Failure, Outcome};

/// The capabilities that container engines give by default.
pub(super) const CAPABILITIES: &[&str] = &[
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

/// How long a program may take until it answers, in tenths of a second.
const PATIENCE: usize = 200;

/// What runs a program.
pub(super) enum Runtime {
    /// runc, with a bundle as `umoci unpack` makes it, and the image's entry point.
    Runc { bundle: PathBuf, entry_point: Vec<String> },
    /// Our own `run`, with its state and the image's name there.
    Containr { program: PathBuf, root: PathBuf, image: String },
}

/// Runs the program in a fresh network and checks its answer; nothing of it is left afterwards.
///
/// # Errors
/// The program does not start or does not answer as it should.
pub(super) fn check(runtime: &Runtime, answer: &Answer) -> Outcome {
    // This very program, also when cargo has put a newer one in its place meanwhile.
    let asker = format!("/proc/{}/exe", std::process::id());
    let mut inside = command("timeout", ["--kill-after=10", "120", "unshare", "--net", "--"]);
    inside.arg(asker).arg("inside").arg(runtime.to_json(answer)?.to_string());
    output(&mut inside).map(drop)
}

/// Does the work of [`check`], already inside the network.
pub(crate) fn inside(order: &str) -> Outcome {
    let order: Value = serde_json::from_str(order).context(|| "the order is not JSON".to_owned())?;
    let answer = Answer::parse(&order["answer"])?;
    let words: Vec<&str> = order["command"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let (program, args) = words.split_first().context(|| "the order has no command".to_owned())?;
    output(&mut command("ip", ["link", "set", "lo", "up"]))?;
    let mut run = command(program, args);
    if let Answer::Output { contains, .. } = &answer {
        return expect(&output(&mut run)?, contains);
    }
    let mut server = Background::start(run.stdout(Stdio::null()).stderr(Stdio::null()))?;
    let result = wait_for(&answer, &mut server);
    let after: Vec<&str> = order["after"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some((program, args)) = after.split_first() {
        output(&mut command(program, args))?;
    }
    result
}

fn wait_for(answer: &Answer, server: &mut Background) -> Outcome {
    let mut last = Failure::new("nothing was asked");
    for _ in 0..PATIENCE {
        match answer.ask() {
            Ok(()) => return Ok(()),
            Err(failure) => last = failure,
        }
        if !server.is_running() {
            return Err(Failure::new(format!("the program ended before it answered ({last})")));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(last)
}

impl Runtime {
    /// Returns the order for [`inside`]: what to start, what to ask, what to do afterwards.
    fn to_json(&self, answer: &Answer) -> Outcome<Value> {
        match self {
            Self::Runc { bundle, entry_point } => {
                let replaced = match answer.args() {
                    [] => None,
                    args => Some([entry_point, args].concat()),
                };
                adapt(&bundle.join("config.json"), replaced.as_deref())?;
                let (state, name) = (bundle.join("state"), format!("accept-{}", std::process::id()));
                let run = json!(["runc", "--root", state, "run", "--bundle", bundle, name]);
                let after = json!(["runc", "--root", state, "delete", "--force", name]);
                Ok(json!({"command": run, "answer": answer.to_json(), "after": after}))
            }
            Self::Containr { program, root, image } => {
                let mut run = json!([program, "--root", root, "run", "--rm", "--network", "host", image]);
                let words = run.as_array_mut().expect("it was made as a list");
                words.extend(answer.args().iter().map(|word| json!(word)));
                Ok(json!({"command": run, "answer": answer.to_json()}))
            }
        }
    }
}

/// Turns umoci's settings into those of an ordinary container that shares the network around it.
fn adapt(config: &Path, replaced: Option<&[String]>) -> Outcome {
    let text = std::fs::read_to_string(config).context(|| format!("cannot read {}", config.display()))?;
    let mut settings: Value = serde_json::from_str(&text).context(|| format!("cannot read {}", config.display()))?;
    settings["process"]["terminal"] = json!(false);
    settings["process"]["noNewPrivileges"] = json!(false);
    for set in ["bounding", "effective", "permitted"] {
        settings["process"]["capabilities"][set] = json!(CAPABILITIES);
    }
    for set in ["inheritable", "ambient"] {
        settings["process"]["capabilities"][set] = json!([]);
    }
    settings["root"]["readonly"] = json!(false);
    if let Some(namespaces) = settings["linux"]["namespaces"].as_array_mut() {
        namespaces.retain(|namespace| namespace["type"] != "network");
    }
    if let Some(words) = replaced {
        settings["process"]["args"] = json!(words);
    }
    std::fs::write(config, settings.to_string()).context(|| format!("cannot write {}", config.display()))
}
