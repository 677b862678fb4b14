//! Arguments of `containr build`: buildx's names.

use std::path::PathBuf;

use clap::ValueEnum;
use containr_engine::IsolationChoice;

/// Build an image from a Dockerfile.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// Directory of the build context, or - for a tar or a Dockerfile on stdin
    #[arg(default_value = ".", value_name = "CONTEXT")]
    pub(crate) context: String,
    /// Dockerfile, or - for stdin [default: CONTEXT/Dockerfile, else CONTEXT/Containerfile]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<String>,
    /// Name of the image, may be repeated
    #[arg(short, long, value_name = "NAME[:TAG]")]
    pub(crate) tag: Vec<String>,
    /// Stage to build [default: the last one]
    #[arg(long, value_name = "STAGE")]
    pub(crate) target: Option<String>,
    /// Value of an ARG; without =VALUE the environment's
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) build_arg: Vec<String>,
    /// Further context: a directory, docker-image://REF or oci-layout://DIR; overrides a stage or an image of that name
    #[arg(long, value_name = "NAME=SOURCE")]
    pub(crate) build_context: Vec<String>,
    /// Platform of the result (the native one for now)
    #[arg(long, value_delimiter = ',', value_name = "OS/ARCH")]
    pub(crate) platform: Vec<String>,
    /// Run every step again
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Run the steps of these stages again
    #[arg(long, value_delimiter = ',', value_name = "STAGE")]
    pub(crate) no_cache_filter: Vec<String>,
    /// Ask the registry for newer base images
    #[arg(long)]
    pub(crate) pull: bool,
    /// Where the result goes: a directory, - for a tar on stdout, or type=image|registry|oci|docker|local|tar|cacheonly,dest=FILE,...
    #[arg(short, long, value_name = "SPEC")]
    pub(crate) output: Vec<String>,
    /// Push the image under all its names
    #[arg(long)]
    pub(crate) push: bool,
    /// Has no effect: images are in the local store at once
    #[arg(long)]
    pub(crate) load: bool,
    /// File that gets the image id (the digest of the config)
    #[arg(long, value_name = "FILE")]
    pub(crate) iidfile: Option<PathBuf>,
    /// File that gets the digests of the result as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata_file: Option<PathBuf>,
    /// Label of the image
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) label: Vec<String>,
    /// Annotation of the manifest
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) annotation: Vec<String>,
    /// Network of RUN steps
    #[arg(long, default_value = "default", value_name = "default|host|none")]
    pub(crate) network: String,
    /// Further line of /etc/hosts in RUN steps
    #[arg(long, value_name = "HOST:IP")]
    pub(crate) add_host: Vec<String>,
    /// Size of /dev/shm in RUN steps, for example 128m
    #[arg(long, value_name = "BYTES")]
    pub(crate) shm_size: Option<String>,
    /// Resource limit of RUN steps
    #[arg(long, value_name = "NAME=SOFT[:HARD]")]
    pub(crate) ulimit: Vec<String>,
    /// Secret for RUN --mount=type=secret
    #[arg(long, value_name = "id=ID[,src=FILE|,env=NAME]")]
    pub(crate) secret: Vec<String>,
    /// Agent or keys for RUN --mount=type=ssh
    #[arg(long, value_name = "default|ID[=SOCKET|KEY]")]
    pub(crate) ssh: Vec<String>,
    /// Form of the progress
    #[arg(long, default_value = "auto", env = "BUILDKIT_PROGRESS", hide_env = true)]
    pub(crate) progress: ProgressMode,
    /// Print the image id alone
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Clamp all times and fix all else that a step can see, to an epoch: seconds, or `context`; by default the base image's time
    #[arg(long, value_name = "EPOCH", num_args = 0..=1, require_equals = true, default_missing_value = "base")]
    pub(crate) reproducible: Option<String>,
    /// Say for each step why it was run again or not
    #[arg(long)]
    pub(crate) explain: bool,
    /// How RUN steps are kept apart from this machine
    #[arg(long, default_value = "auto")]
    pub(crate) isolation: Isolation,
    /// Steps that run at the same time [default: the number of CPUs]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Check the Dockerfile without building, short for --call=check
    #[arg(long, conflicts_with = "call")]
    pub(crate) check: bool,
    /// What to do: build, or check[,format=json][,ignorestatus=true]
    #[arg(long, default_value = "build", value_name = "METHOD", value_parser = call)]
    pub(crate) call: Call,
    /// Caches to read (not supported yet)
    #[arg(long, value_name = "SPEC")]
    pub(crate) cache_from: Vec<String>,
    /// Caches to write (not supported yet)
    #[arg(long, value_name = "SPEC")]
    pub(crate) cache_to: Vec<String>,
    /// SBOM attestation (not supported yet)
    #[arg(long, value_name = "SPEC")]
    pub(crate) sbom: Option<String>,
    /// Provenance attestation (not supported yet; `false` is accepted)
    #[arg(long, value_name = "SPEC")]
    pub(crate) provenance: Option<String>,
}

/// What `build` is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// Build.
    Build,
    /// Check the Dockerfile.
    Check(CheckCall),
}

/// How the Dockerfile is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CheckCall {
    /// Whether the result is JSON.
    pub(crate) json: bool,
    /// Whether warnings leave the exit code at 0.
    pub(crate) ignore_status: bool,
}

/// Reads buildx's `--call`.
fn call(text: &str) -> Result<Call, String> {
    let mut fields = text.split(',');
    let method = fields.next().unwrap_or_default();
    let mut check = CheckCall::default();
    for field in fields {
        match field.split_once('=') {
            Some(("format", "json")) => check.json = true,
            Some(("format", "text" | "")) => check.json = false,
            Some(("ignorestatus", "true" | "1")) => check.ignore_status = true,
            Some(("ignorestatus", "false" | "0")) => check.ignore_status = false,
            _ => return Err(format!("invalid field `{field}`")),
        }
    }
    match method {
        "build" => Ok(Call::Build),
        "check" | "lint" => Ok(Call::Check(check)),
        "outline" | "targets" => Err(format!("`{method}` is not supported yet")),
        _ => Err(format!("unknown method `{method}`")),
    }
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    /// tty on a terminal, else plain
    Auto,
    /// Running steps with elapsed time, redrawn in place
    Tty,
    /// A log
    Plain,
    /// BuildKit's events, a JSON object a line
    Rawjson,
    /// Nothing
    Quiet,
}

/// How commands are isolated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Isolation {
    /// Namespaces; an error where the machine refuses them
    Auto,
    /// A changed root directory alone, for pods that allow nothing else
    Chroot,
}

impl From<Isolation> for IsolationChoice {
    fn from(isolation: Isolation) -> Self {
        match isolation {
            Isolation::Auto => Self::Namespaces,
            Isolation::Chroot => Self::Chroot,
        }
    }
}
