//! The main job on a fresh machine: makes or pulls a base, builds a multi-stage Dockerfile, prints the image and runs it.

use std::path::Path;
use std::process::Command;

use crate::bases;
use crate::command::{command, output, run};
use crate::console::{heading, say};
use crate::failure::{Context as _, Outcome};
use crate::setup;
use crate::workspace::{self, Scratch};

/// Runs the demo; its state lies below the build output.
pub(crate) fn show() -> Outcome {
    setup::install(setup::DEMO)?;
    heading("building containr");
    let program = workspace::release_binary()?;
    let state = workspace::kept("demo")?;
    let containr = || {
        let mut call = command(&program, ["--root"]);
        call.arg(&state);
        call
    };
    heading("the base image");
    base(&containr)?;
    heading("containr build -t demo testdata/demo");
    let folder = workspace::root().join("testdata/demo");
    run(containr().args(["build", "-t", "demo"]).arg(&folder))?;
    heading("containr images");
    run(containr().arg("images"))?;
    heading("containr run --rm demo");
    run(containr().args(["run", "--rm", "demo"]))
}

/// Pulls busybox; where no registry is reached, makes it from the distribution's static binary under the same name.
fn base(containr: &impl Fn() -> Command) -> Outcome {
    if output(containr().args(["pull", "busybox"])).is_ok() {
        say("pulled busybox");
        return Ok(());
    }
    say("no registry is reached: making busybox from the distribution's static binary");
    let scratch = Scratch::new("demo-base")?;
    bases::busybox_tar(&scratch.join("busybox.tar"))?;
    let dockerfile = workspace::root().join("testdata/demo/base.Dockerfile");
    run(&mut from_tar(containr, &dockerfile, scratch.path())).context(|| "cannot make the base image".to_owned())
}

fn from_tar(containr: &impl Fn() -> Command, dockerfile: &Path, context: &Path) -> Command {
    let mut build = containr();
    build.args(["build", "-t", "busybox", "-f"]).arg(dockerfile).arg(context);
    build
}
