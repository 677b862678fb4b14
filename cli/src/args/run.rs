//! Arguments of `containr run`.

/// Run a command in a new container from an image.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The image
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
    /// Command and arguments instead of the image's
    #[arg(value_name = "COMMAND", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) command: Vec<String>,
    /// Remove the container afterwards (containers are always removed for now)
    #[arg(long)]
    pub(crate) rm: bool,
    /// Keep stdin open (always so for now)
    #[arg(short, long)]
    pub(crate) interactive: bool,
    /// Use this terminal (stdin, stdout and stderr are passed on as they are)
    #[arg(short, long)]
    pub(crate) tty: bool,
    /// Mount a directory or file of the host
    #[arg(short, long, value_name = "HOST:CONTAINER[:ro]")]
    pub(crate) volume: Vec<String>,
    /// Set a variable; without =VALUE the environment's
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,
    /// Working directory
    #[arg(short, long, value_name = "DIR")]
    pub(crate) workdir: Option<String>,
    /// User and group
    #[arg(short, long, value_name = "USER[:GROUP]")]
    pub(crate) user: Option<String>,
    /// Network
    #[arg(long, visible_alias = "net", default_value = "host", value_name = "host|none")]
    pub(crate) network: String,
    /// Program instead of the image's ENTRYPOINT; empty removes it
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) entrypoint: Option<String>,
    /// Host name
    #[arg(long, value_name = "NAME")]
    pub(crate) hostname: Option<String>,
    /// When to pull the image
    #[arg(long, default_value = "missing", value_name = "always|missing|never")]
    pub(crate) pull: String,
}
