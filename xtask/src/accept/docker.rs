//! Lets Docker's own daemon load a built image.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::command::{Background, command, find, output};
use crate::failure::{Context as _, Failure, Outcome};
use crate::setup;
use crate::workspace::Scratch;

/// A daemon with roots of its own, ended with its guard.
pub(super) struct Docker {
    _daemon: Background,
    client: PathBuf,
    folder: Scratch,
}

impl Docker {
    /// Starts the distribution's daemon without any network of its own.
    ///
    /// # Errors
    /// It is not installed, or does not start.
    pub(super) fn start() -> Outcome<Self> {
        let program = find("dockerd").context(|| "dockerd is missing: `cargo xtask setup` installs it".to_owned())?;
        let folder = Scratch::new("docker")?;
        let log = std::fs::File::create(folder.join("log")).context(|| "cannot write docker's log".to_owned())?;
        let quiet = log.try_clone().context(|| "cannot write docker's log".to_owned())?;
        let flags = ["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=overlay2"];
        let mut start = command(program, flags);
        start.args(["--exec-opt", "native.cgroupdriver=cgroupfs", "--data-root"]).arg(folder.join("data"));
        start.arg("--exec-root").arg(folder.join("run")).arg("--pidfile").arg(folder.join("pid"));
        start.arg("--host").arg(socket(folder.path())).stdout(log).stderr(quiet);
        let mut docker = Self { _daemon: Background::start(&mut start)?, client: setup::docker_client()?, folder };
        for _ in 0..300 {
            if output(&mut docker.client(["version"])).is_ok() {
                return Ok(docker);
            }
            if !docker._daemon.is_running() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(docker.folder.join("log")).unwrap_or_default();
        Err(Failure::new(format!("dockerd did not start: {}", log.lines().next_back().unwrap_or_default())))
    }

    /// Loads an archive into the empty store and checks that the image has its config's digest as id.
    ///
    /// The store is emptied again: a layer that the daemon knows already would hide a bad one.
    pub(super) fn load(&self, archive: &Path, config_digest: &str) -> Outcome {
        output(self.client(["load", "--quiet", "--input"]).arg(archive))?;
        let listed = output(&mut self.client(["images", "--all", "--no-trunc", "--quiet"]))?;
        let ids: Vec<&str> = listed.split_whitespace().collect();
        output(self.client(["image", "rm", "--force"]).args(&ids))?;
        match ids.contains(&config_digest) {
            true => Ok(()),
            false => Err(Failure::new(format!("docker loaded {listed} instead of {config_digest}"))),
        }
    }

    fn client<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut call = command(&self.client, ["--host", &socket(self.folder.path())]);
        call.args(args).stderr(Stdio::piped());
        call
    }
}

fn socket(folder: &Path) -> String {
    format!("unix://{}", folder.join("socket").display())
}
