//! The arguments of `containr lsp`.

use std::net::SocketAddr;

/// Answer an editor about Dockerfiles, by the Language Server Protocol.
#[derive(Debug, clap::Args)]
pub(crate) struct LspArgs {
    /// Speak on stdin and stdout (the default; editors say so)
    #[arg(long, conflicts_with = "tcp")]
    pub(crate) stdio: bool,
    /// Speak with the first client that connects to this address of the loopback interface; the address is printed
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) tcp: Option<SocketAddr>,
    /// The editor's process, which some clients name; the end of stdin tells as much
    #[arg(long = "clientProcessId", value_name = "PID", hide = true)]
    pub(crate) client: Option<u32>,
}
