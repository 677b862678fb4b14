//! Arguments of `containr run`.

use super::Isolation;

/// Run a command in a new container from an image.
#[derive(Debug, clap::Args)]
#[command(override_usage = "containr run [OPTIONS] <IMAGE> [COMMAND]...")]
pub(crate) struct RunArgs {
    /// The image, then a command and arguments instead of the image's; flags end where the image stands
    // One list, because clap reads flags until the first value of the *last* argument.
    #[arg(value_name = "IMAGE", required = true, trailing_var_arg = true)]
    pub(crate) words: Vec<String>,
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
    /// How the command is isolated
    #[arg(long, default_value = "auto", value_name = "KIND")]
    pub(crate) isolation: Isolation,
}

impl RunArgs {
    /// Returns the image and the command that replaces its own.
    pub(crate) fn image_and_command(&self) -> (&str, &[String]) {
        let (image, command) = self.words.split_first().expect("clap requires a value");
        (image, command)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Args, Command};

    #[test]
    fn flags_after_the_image_belong_to_the_command() {
        let line = ["containr", "run", "--rm", "-e", "A=1", "nmap", "--version", "-e", "--", "-D"];
        let Command::Run(args) = Args::parse_from(line).command else { panic!("not run") };
        let command = ["--version", "-e", "--", "-D"].map(str::to_owned);
        assert_eq!(args.image_and_command(), ("nmap", &command[..]));
        assert_eq!(args.env, ["A=1"]);
        assert!(Args::try_parse_from(["containr", "run", "--rm"]).is_err());
    }
}
