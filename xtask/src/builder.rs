//! Builds one Dockerfile with containr or with a peer, all to the same form: a folder as `skopeo copy ... dir:` writes it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command::{Background, command, find, output};
use crate::failure::{Context as _, Failure, Outcome};
use crate::registry::Registry;
use crate::{peers, workspace};

/// The tag that every build gives its image in its own store.
pub(crate) const TAG: &str = "localhost/e2e/image:1";

/// How long one build may take, in seconds: a build that hangs fails and the rest goes on.
const PATIENCE: &str = "1200";

/// What to build.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) context: PathBuf,
    pub(crate) dockerfile: PathBuf,
    pub(crate) target: Option<String>,
    pub(crate) args: Vec<(String, String)>,
    /// Image names of the Dockerfile with the references that stand for them.
    pub(crate) images: Vec<(String, String)>,
    pub(crate) cache: Cache,
}

/// Whether earlier results may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cache {
    Use,
    Ignore,
}

/// A program that builds.
pub(crate) enum Builder {
    Containr { program: PathBuf, root: PathBuf },
    BuildKit { client: PathBuf, address: String, _daemon: Background },
    Buildah { program: PathBuf, store: PathBuf },
}

impl Builder {
    /// Takes our own binary, with its state in a folder.
    pub(crate) fn containr(root: &Path) -> Outcome<Self> {
        Ok(Self::Containr { program: workspace::release_binary()?, root: root.to_owned() })
    }

    /// Starts BuildKit's daemon with its state in a folder; its steps share the host's network.
    pub(crate) fn buildkit(folder: &Path, registry: &Registry) -> Outcome<Self> {
        let (daemon, client) = (peers::require("buildkitd")?, peers::require("buildctl")?);
        std::fs::create_dir_all(folder).context(|| format!("cannot make {}", folder.display()))?;
        let (settings, socket) = (folder.join("buildkitd.toml"), folder.join("buildkitd.sock"));
        let address = format!("unix://{}", socket.display());
        let text = format!(
            "root = {:?}\n[grpc]\naddress = [{address:?}]\n[worker.oci]\nnetworkMode = \"host\"\n[worker.containerd]\n\
             enabled = false\n[registry.{:?}]\nhttp = true\n",
            folder.join("root"),
            registry.host()
        );
        std::fs::write(&settings, text).context(|| format!("cannot write {}", settings.display()))?;
        let log =
            std::fs::File::create(folder.join("buildkitd.log")).context(|| "cannot write buildkitd.log".to_owned())?;
        let mut start = command(daemon, ["--config"]);
        start.arg(&settings).stderr(log).stdout(std::process::Stdio::null());
        let mut daemon = Background::start(&mut start)?;
        for _ in 0..100 {
            let ask = output(&mut command(&client, ["--addr", &address, "debug", "workers"]));
            if ask.is_ok() {
                return Ok(Self::BuildKit { client, address, _daemon: daemon });
            }
            if !daemon.is_running() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(Failure::new(format!("buildkitd did not start, see {}", folder.join("buildkitd.log").display())))
    }

    /// Takes the distribution's buildah, with its store in a folder.
    pub(crate) fn buildah(store: &Path) -> Outcome<Self> {
        let program = find("buildah").context(|| "buildah is missing: `cargo xtask setup` installs it".to_owned())?;
        Ok(Self::Buildah { program, store: store.to_owned() })
    }

    /// Returns the name that reports use.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Containr { .. } => "containr",
            Self::BuildKit { .. } => "buildkit",
            Self::Buildah { .. } => "buildah",
        }
    }

    /// Builds a job and puts its image into a folder that must not exist yet.
    pub(crate) fn image(&self, job: &Job, into: &Path) -> Outcome {
        let archive = into.with_extension("oci.tar");
        match self {
            Self::Containr { .. } => {
                let to = format!("type=oci,dest={}", archive.display());
                output(self.command(job).args(["-t", TAG, "-o", &to]).arg(&job.context))?;
            }
            Self::BuildKit { .. } => {
                output(self.command(job).args(["--output", &format!("type=oci,dest={}", archive.display())]))?;
            }
            Self::Buildah { program, store } => {
                output(self.command(job).args(["-t", TAG]).arg(&job.context))?;
                let to = format!("dir:{}", into.display());
                return output(buildah(program, store, "push").args(["--quiet", TAG, &to])).map(drop);
            }
        }
        let from = format!("oci-archive:{}", archive.display());
        output(&mut command("skopeo", ["copy", "--quiet", &from, &format!("dir:{}", into.display())]))?;
        std::fs::remove_file(&archive).context(|| format!("cannot remove {}", archive.display()))
    }

    /// Builds a job and puts the files of its last stage into a folder.
    pub(crate) fn files(&self, job: &Job, into: &Path) -> Outcome {
        let to = format!("type=local,dest={}", into.display());
        match self {
            Self::Containr { .. } => output(self.command(job).args(["-o", &to]).arg(&job.context)).map(drop),
            Self::BuildKit { .. } => output(self.command(job).args(["--output", &to])).map(drop),
            Self::Buildah { .. } => output(self.command(job).args(["--output", &to]).arg(&job.context)).map(drop),
        }
    }

    /// Returns the build command of a job, without its output and its context's place.
    fn command(&self, job: &Job) -> Command {
        match self {
            Self::Containr { program, root } => {
                let mut build = command("timeout", ["--kill-after=10", PATIENCE]);
                build.arg(program).arg("--root").arg(root).args(["build", "--progress", "plain"]);
                docker_flags(&mut build, job);
                build
            }
            Self::Buildah { program, store } => {
                let mut build = buildah(program, store, "bud");
                build.args(["--quiet", "--layers", "--format", "docker", "--network", "host", "--tls-verify=false"]);
                // crun refuses machines that mount a v2 hierarchy beside v1.
                build.args(["--runtime", "runc"]);
                docker_flags(&mut build, job);
                build
            }
            Self::BuildKit { client, address, .. } => buildctl(client, address, job),
        }
    }
}

/// The flags that buildx, buildah and containr share.
pub(crate) fn docker_flags(build: &mut Command, job: &Job) {
    build.arg("-f").arg(&job.dockerfile);
    build.args(job.target.iter().flat_map(|target| ["--target", target]));
    for (name, value) in &job.args {
        build.arg("--build-arg").arg(format!("{name}={value}"));
    }
    for (name, reference) in &job.images {
        build.arg("--build-context").arg(format!("{name}=docker-image://{reference}"));
    }
    if job.cache == Cache::Ignore {
        build.arg("--no-cache");
    }
}

fn buildctl(client: &Path, address: &str, job: &Job) -> Command {
    let mut build = command(client, ["--addr", address, "build", "--progress", "plain", "--frontend", "dockerfile.v0"]);
    let folder = job.dockerfile.parent().unwrap_or(&job.context);
    let file = job.dockerfile.file_name().unwrap_or_default();
    build.arg("--local").arg(format!("context={}", job.context.display()));
    build.arg("--local").arg(format!("dockerfile={}", folder.display()));
    build.arg("--opt").arg(format!("filename={}", file.to_string_lossy()));
    // A `# syntax=` line would make it fetch its own front end.
    build.args(["--opt", "cmdline=builtin"]);
    build.args(job.target.iter().flat_map(|target| ["--opt".to_owned(), format!("target={target}")]));
    for (name, value) in &job.args {
        build.arg("--opt").arg(format!("build-arg:{name}={value}"));
    }
    for (name, reference) in &job.images {
        build.arg("--opt").arg(format!("context:{name}=docker-image://{reference}"));
    }
    if job.cache == Cache::Ignore {
        build.arg("--no-cache");
    }
    build
}

fn buildah(program: &Path, store: &Path, verb: &str) -> Command {
    let mut call = command(program, ["--storage-driver", "overlay", "--root"]);
    call.arg(store.join("root")).arg("--runroot").arg(store.join("run")).arg(verb);
    call
}
