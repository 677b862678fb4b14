//! The base images of the end-to-end files, kept in a registry on the loopback.

use std::path::{Path, PathBuf};

use crate::builder::{Builder, Cache, Job};
use crate::command::{command, output, run};
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::registry::Registry;
use crate::workspace::{self, Scratch};

/// Where the end-to-end files lie.
pub(crate) const FOLDER: &str = "testdata/e2e";

/// The PATH that official images set.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Starts the registry that keeps the bases from run to run.
pub(crate) fn registry() -> Outcome<Registry> {
    Registry::start(&workspace::kept("registry")?, None)
}

/// Makes sure that a base is in the registry and returns its reference there.
///
/// `debian` comes from the distribution's packages, `busybox` from its static binary; the others are Dockerfiles below `bases/`.
pub(crate) fn provide(name: &str, registry: &Registry, builder: &Builder) -> Outcome<String> {
    let (repository, reference) = (format!("base/{name}"), registry.reference(&format!("base/{name}:1")));
    if registry.has(&repository, "1") {
        return Ok(reference);
    }
    say(format!("making the base image `{name}`"));
    match name {
        "debian" => debian(&reference)?,
        "busybox" => busybox_image(&reference)?,
        "golang" | "distroless" => built(name, registry, builder, &reference)?,
        _ => return Err(Failure::new(format!("there is no base image `{name}`"))),
    }
    Ok(reference)
}

/// Writes a root tree with busybox and its applets as a tar file.
pub(crate) fn busybox_tar(into: &Path) -> Outcome {
    let script = workspace::root().join(FOLDER).join("make-busybox.sh");
    run(command(script, [into]).stdin(std::process::Stdio::null()))
}

/// Returns Debian's root tree as a tar file, made once.
pub(crate) fn debian_tar() -> Outcome<PathBuf> {
    let tar = workspace::kept("bases")?.join("debian.tar");
    if !tar.exists() {
        run(&mut command(workspace::root().join(FOLDER).join("make-base.sh"), [&tar]))?;
    }
    Ok(tar)
}

fn debian(reference: &str) -> Outcome {
    push_tar(&debian_tar()?, "/bin/bash", reference)
}

fn busybox_image(reference: &str) -> Outcome {
    let scratch = Scratch::new("busybox")?;
    let tar = scratch.join("busybox.tar");
    busybox_tar(&tar)?;
    push_tar(&tar, "/bin/sh", reference)
}

/// Makes an image of one tar file and pushes it.
fn push_tar(tar: &Path, program: &str, reference: &str) -> Outcome {
    let scratch = Scratch::new("layout")?;
    let umoci = |args: &[&str]| output(command("umoci", args).current_dir(scratch.path())).map(drop);
    umoci(&["init", "--layout", "oci"])?;
    umoci(&["new", "--image", "oci:base"])?;
    umoci(&["raw", "add-layer", "--image", "oci:base", &tar.to_string_lossy()])?;
    let config = ["config", "--image", "oci:base", "--config.cmd", program, "--config.env", PATH, "--os", "linux"];
    umoci(&[&config[..], &["--architecture", architecture()]].concat())?;
    let from = format!("oci:{}:base", scratch.join("oci").display());
    push(&from, reference)
}

fn built(name: &str, registry: &Registry, builder: &Builder, reference: &str) -> Outcome {
    let folder = workspace::root().join(FOLDER).join("bases").join(name);
    let images = match name {
        "distroless" => Vec::new(),
        _ => vec![("debian:bookworm-slim".to_owned(), provide("debian", registry, builder)?)],
    };
    let (args, cache) = (Vec::new(), Cache::Use);
    let job = Job { dockerfile: folder.join("Dockerfile"), context: folder, target: None, args, images, cache };
    let scratch = Scratch::new("base")?;
    let made = scratch.join("image");
    builder.image(&job, &made)?;
    push(&format!("dir:{}", made.display()), reference)
}

/// Copies an image into the registry, all digests checked on the way.
pub(crate) fn push(from: &str, reference: &str) -> Outcome {
    let to = format!("docker://{reference}");
    output(&mut command("skopeo", ["copy", "--quiet", "--dest-tls-verify=false", from, &to])).map(drop)
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
