//! Builds other people's tools at pinned versions, to judge by and to measure against.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::command::{command, find, output};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace;

/// A program that comes as a Go module.
struct Peer {
    /// The name a person asks for it by.
    group: &'static str,
    program: &'static str,
    module: &'static str,
    version: &'static str,
    /// The folder of the program inside the module.
    folder: &'static str,
}

const PEERS: &[Peer] = &[
    Peer {
        group: "buildkit",
        program: "buildctl",
        module: "github.com/moby/buildkit",
        version: "v0.32.2",
        folder: "cmd/buildctl",
    },
    Peer {
        group: "buildkit",
        program: "buildkitd",
        module: "github.com/moby/buildkit",
        version: "v0.32.2",
        folder: "cmd/buildkitd",
    },
    Peer {
        group: "registry3",
        program: "registry3",
        module: "github.com/distribution/distribution/v3",
        version: "v3.1.2",
        folder: "cmd/registry",
    },
    Peer {
        group: "crane",
        program: "crane",
        module: "github.com/google/go-containerregistry",
        version: "v0.22.1",
        folder: "cmd/crane",
    },
    Peer {
        group: "regctl",
        program: "regctl",
        module: "github.com/regclient/regclient",
        version: "v0.11.7",
        folder: "cmd/regctl",
    },
];

/// Builds the named peers, or all; what is there already is left alone.
///
/// # Errors
/// A name is unknown, there is no Go, or a peer does not build.
pub(crate) fn install(names: &[&str]) -> Outcome {
    if let Some(unknown) = names.iter().find(|name| PEERS.iter().all(|peer| peer.group != **name)) {
        return Err(Failure::new(format!("unknown peer `{unknown}`; there are: {}", groups().join(" "))));
    }
    find("go").context(|| "peers are Go modules: please install go 1.26 or newer".to_owned())?;
    let wanted = PEERS.iter().filter(|peer| names.is_empty() || names.contains(&peer.group));
    wanted.filter(|peer| path(peer.program).is_none()).try_for_each(build)
}

/// Returns where a peer is, if it was built.
pub(crate) fn path(program: &str) -> Option<PathBuf> {
    let file = folder().join(program);
    file.exists().then_some(file)
}

/// Returns a peer's path.
///
/// # Errors
/// It was not built; the sentence says how.
pub(crate) fn require(program: &str) -> Outcome<PathBuf> {
    path(program).context(|| format!("{program} is missing: `cargo xtask peers` builds it"))
}

fn folder() -> PathBuf {
    std::env::var_os("CONTAINR_PEERS").map_or_else(|| workspace::root().join(".peers"), PathBuf::from)
}

fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = PEERS.iter().map(|peer| peer.group).collect();
    groups.dedup();
    groups
}

/// `go install MODULE@VERSION` refuses a module whose go.mod has `replace` lines; a module that merely requires it may build it.
fn build(peer: &Peer) -> Outcome {
    let started = Instant::now();
    let scratch = workspace::Scratch::new(peer.program)?;
    std::fs::create_dir_all(folder()).context(|| "cannot make the folder of the peers".to_owned())?;
    go(scratch.path(), &["mod", "init", "example.org/peers"])?;
    go(scratch.path(), &["get", &format!("{}@{}", peer.module, peer.version)])?;
    let made = scratch.join("program");
    let package = format!("{}/{}", peer.module, peer.folder);
    let flags = ["build", "-mod=mod", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags=osusergo,netgo", "-o"];
    go(scratch.path(), &[&flags[..], &[&made.to_string_lossy(), &package]].concat())?;
    std::fs::rename(&made, folder().join(peer.program)).context(|| format!("cannot keep {}", peer.program))?;
    say(format!("{} {} ({} s)", peer.program, peer.version, started.elapsed().as_secs()));
    Ok(())
}

fn go(folder: &Path, args: &[&str]) -> Outcome {
    output(command("go", args).current_dir(folder).env("CGO_ENABLED", "0").env("GOFLAGS", "")).map(drop)
}
