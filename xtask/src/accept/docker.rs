//! Lets Docker's own daemons load a built image.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::command::{Background, command, find, output};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::setup;
use crate::workspace::{self, Scratch};

/// What every daemon is started with: no network of its own, and no driver that the host lacks.
const FLAGS: [&str; 6] = [
    "--iptables=false",
    "--ip6tables=false",
    "--bridge=none",
    "--storage-driver=overlay2",
    "--exec-opt",
    "native.cgroupdriver=cgroupfs",
];
/// The Debian release whose daemon is 26.1.
const NEWER: &str = "trixie";
/// Starts the daemon of the root `$1` there, with the folder `$2` at the same place; it unpacks by `pivot_root`, so a chroot is too little.
const PIVOT: &str = r#"set -e
root=$1 share=$2; shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/.old" "$root/var/lib/docker" "$root$share"
mount -t tmpfs none "$root/var/lib/docker"
for kind in proc sys dev; do mount --rbind "/$kind" "$root/$kind"; done
mount --bind "$share" "$root$share"
cd "$root"
pivot_root . .old
exec dockerd "$@""#;

/// A daemon with roots of its own, ended with its guard.
pub(super) struct Docker {
    release: &'static str,
    daemon: Background,
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
        let mut start = command(program, FLAGS);
        start.arg("--data-root").arg(folder.join("data"));
        Self::started("docker", start, folder)
    }

    /// Starts the daemon of Debian's next release in a root of its own, which is made at the first time.
    ///
    /// # Errors
    /// The root cannot be made, or the daemon does not start.
    pub(super) fn start_newer() -> Outcome<Self> {
        let root = workspace::kept("docker-newer")?.join(NEWER);
        if !root.join("usr/sbin/dockerd").exists() {
            say(format!("making a root with docker of Debian {NEWER}"));
            // A root that was not finished is not used.
            let _ = std::fs::remove_dir_all(&root);
            output(command("mmdebstrap", ["--quiet", "--variant=apt", "--include=docker.io", NEWER]).arg(&root))?;
        }
        let folder = Scratch::new("docker-newer")?;
        let mut start = command("unshare", ["--mount", "sh", "-c", PIVOT, "sh"]);
        start.arg(&root).arg(folder.path()).args(FLAGS).arg("--data-root=/var/lib/docker");
        Self::started("docker 26.1", start, folder)
    }

    fn started(release: &'static str, mut start: Command, folder: Scratch) -> Outcome<Self> {
        let log = std::fs::File::create(folder.join("log")).context(|| "cannot write docker's log".to_owned())?;
        let quiet = log.try_clone().context(|| "cannot write docker's log".to_owned())?;
        start.arg("--exec-root").arg(folder.join("run")).arg("--pidfile").arg(folder.join("pid"));
        start.arg("--host").arg(socket(folder.path())).stdout(log).stderr(quiet);
        let daemon = Background::start(&mut start)?;
        let mut docker = Self { release, daemon, client: setup::docker_client()?, folder };
        for _ in 0..300 {
            if output(&mut docker.client(["version"])).is_ok() {
                return Ok(docker);
            }
            if !docker.daemon.is_running() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(docker.folder.join("log")).unwrap_or_default();
        Err(Failure::new(format!("{release} did not start: {}", log.lines().next_back().unwrap_or_default())))
    }

    /// Returns which daemon this is.
    pub(super) fn release(&self) -> &'static str {
        self.release
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
