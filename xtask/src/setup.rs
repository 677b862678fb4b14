//! Installs what chores need from the distribution, or says what a person has to install.

use std::path::PathBuf;
use std::process::Command;

use crate::command::{command, find, output, run};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace;

/// Debian packages that the demo needs.
pub(crate) const DEMO: &[&str] = &["build-essential", "pkg-config", "ca-certificates", "busybox-static"];

/// Debian packages that the tests and the acceptance runs need: builders and runtimes to judge by, and their surroundings.
pub(crate) const TEST: &[&str] = &[
    "build-essential",
    "pkg-config",
    "ca-certificates",
    "busybox-static",
    "curl",
    "git",
    "jq",
    "python3",
    "zstd",
    "mmdebstrap",
    "umoci",
    "skopeo",
    "buildah",
    "runc",
    "crun",
    "podman",
    "docker.io",
    "docker-registry",
    "uidmap",
    "e2fsprogs",
    "iproute2",
    "strace",
    "util-linux",
    "faketime",
];

/// Makes sure that packages are there: installs the missing ones where apt and root are, else names them.
///
/// # Errors
/// Something is missing that cannot be installed from here.
pub(crate) fn install(packages: &[&str]) -> Outcome {
    if find("dpkg-query").is_none() {
        let programs = packages.join(" ");
        say(format!("setup: no apt here; if a chore misses a program, install what Debian calls: {programs}"));
        return Ok(());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !workspace::is_root() {
        return Err(Failure::new(format!(
            "please install these packages first: apt-get install {}",
            missing.join(" ")
        )));
    }
    say(format!("setup: installing {}", missing.join(" ")));
    run(&mut apt(&["update"]))?;
    run(apt(&["install", "-y", "--no-install-recommends"]).args(missing))
}

/// Returns docker's client: the distribution's, which builds without a plug-in, before any other.
///
/// # Errors
/// There is none.
pub(crate) fn docker_client() -> Outcome<PathBuf> {
    let packaged = PathBuf::from("/usr/bin/docker");
    if packaged.exists() { Ok(packaged) } else { find("docker").context(|| "docker is missing".to_owned()) }
}

/// Makes the rest of a developer's machine ready.
pub(crate) fn everything() -> Outcome {
    install(TEST)?;
    for (component, program) in [("rustfmt", "cargo-fmt"), ("clippy", "cargo-clippy")] {
        if find(program).is_none() {
            run(&mut command("rustup", ["component", "add", component]))?;
        }
    }
    say("setup: everything that the chores need is there");
    Ok(())
}

fn is_installed(package: &str) -> bool {
    output(&mut command("dpkg-query", ["--show", "--showformat=${db:Status-Status}", package]))
        .is_ok_and(|state| state == "installed")
}

fn apt(args: &[&str]) -> Command {
    let mut command = command("apt-get", ["-q", "-o", "Dpkg::Use-Pty=0"]);
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
