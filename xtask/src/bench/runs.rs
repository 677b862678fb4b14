//! Measures `containr run` of a built image beside crun on the same tree: the mean of a loop, several loops each.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::told;
use crate::bases;
use crate::command::{command, output};
use crate::failure::{Context as _, Outcome};
use crate::workspace::Scratch;

/// How many containers a loop starts, and how many loops there are.
const STARTS: u32 = 50;
const LOOPS: u32 = 5;

/// Appends a line per loop to the results.
pub(super) fn measure(program: &Path, folder: &Path, results: &Path) -> Outcome {
    let scratch = Scratch::new("run")?;
    let (state, bundle) = (scratch.join("state"), scratch.join("bundle"));
    let context = folder.join("ctx/run1");
    output(
        command(program, ["--root"]).arg(&state).args(["build", "--progress", "plain", "-t", "run1"]).arg(&context),
    )?;
    make_bundle(&scratch, &bundle)?;
    let ours = format!("{} --root {} run --rm --network host run1 true", program.display(), state.display());
    // crun takes a v2 hierarchy that is mounted beside v1 for the whole of it: it starts where there is none.
    let theirs = format!("crun --root {} run --bundle {} bench-$i", scratch.join("crun").display(), bundle.display());
    for round in 0..LOOPS {
        for (builder, line) in [("containr", &ours), ("crun", &theirs)] {
            let seconds = timed(line)?;
            told(&format!("run of true, {builder}"), seconds);
            append(results, builder, round, seconds)?;
        }
    }
    Ok(())
}

fn make_bundle(scratch: &Scratch, bundle: &Path) -> Outcome {
    let (tree, tar) = (bundle.join("rootfs"), scratch.join("busybox.tar"));
    std::fs::create_dir_all(&tree).context(|| format!("cannot make {}", tree.display()))?;
    bases::busybox_tar(&tar)?;
    output(command("tar", ["-xf"]).arg(&tar).arg("-C").arg(&tree))?;
    output(command("crun", ["spec"]).current_dir(bundle))?;
    let file = bundle.join("config.json");
    let text = std::fs::read_to_string(&file).context(|| "crun made no settings".to_owned())?;
    let mut settings: serde_json::Value =
        serde_json::from_str(&text).context(|| "crun's settings are not JSON".to_owned())?;
    settings["process"]["terminal"] = json!(false);
    settings["process"]["args"] = json!(["true"]);
    std::fs::write(&file, settings.to_string()).context(|| format!("cannot write {}", file.display()))
}

/// Returns the mean seconds of one start.
fn timed(line: &str) -> Outcome<f64> {
    let script = format!(
        "umount -l /sys/fs/cgroup/unified 2>/dev/null; set -e; i=0; while [ $i -lt {STARTS} ]; do {line} > /dev/null; i=$((i + 1)); done"
    );
    let started = Instant::now();
    output(&mut command("unshare", ["--mount", "--", "sh", "-c", &script]))?;
    Ok(started.elapsed().as_secs_f64() / f64::from(STARTS))
}

fn append(results: &Path, builder: &str, round: u32, seconds: f64) -> Outcome {
    let line = json!({"builder": builder, "workload": "container", "round": round, "rc": 0, "wall": seconds, "rss_client": 0, "rss_daemon": 0});
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(results)
        .context(|| "cannot open the results".to_owned())?;
    writeln!(file, "{line}").context(|| "cannot write the results".to_owned())
}
