//! `containr lsp`: answers an editor about Dockerfiles. The local state is opened when something is asked of it.

mod builds;
mod context;
mod images;
mod workspace;

use std::net::SocketAddr;
use std::sync::Arc;

use containr_lsp::ports::{BuildFacts, ImageFacts};
use containr_lsp::{End, Ports, serve};
use rustix::pipe::fcntl_setpipe_size;
use tokio::net::TcpListener;

use crate::args::{CommonArgs, LspArgs};
use crate::failure::{Exit, Failure};
use crate::surroundings::{print, settings};
use workspace::Files;

/// How much a pipe to an editor holds: what the system allows everybody.
const PIPE_BYTES: usize = 1 << 20;

/// Serves one editor until it leaves; the exit code is 1 when it did not say so, as the protocol wants.
///
/// # Errors
/// An address that cannot be listened on.
pub(crate) fn run(args: &LspArgs, common: &CommonArgs) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(|error| Failure::new(format!("cannot wait for messages: {error}"), Exit::Failure))?;
    // Where there is no place for state, nothing is known of images and builds.
    let state = settings(common).ok();
    let ports = Ports {
        workspace: Some(Arc::new(Files)),
        context: Some(Arc::new(context::Directories)),
        images: state.clone().map(|settings| Arc::new(images::Images::new(settings)) as Arc<dyn ImageFacts>),
        builds: state.map(|settings| Arc::new(builds::Builds::new(settings)) as Arc<dyn BuildFacts>),
    };
    let end = match args.tcp {
        Some(address) => runtime.block_on(connected(address, ports)),
        None => {
            // The findings of a long file fit in at once; what is no pipe stays as it is.
            let _ = fcntl_setpipe_size(std::io::stdout(), PIPE_BYTES);
            Ok(runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), ports)))
        }
    };
    // A thread may still wait for a stdin that no one closes.
    runtime.shutdown_background();
    Ok(match end? {
        End::Clean => Exit::Success as u8,
        End::Abrupt => Exit::Failure as u8,
    })
}

/// Serves the first client that connects.
async fn connected(address: SocketAddr, ports: Ports) -> Result<End, Failure> {
    if !address.ip().is_loopback() {
        let failure = Failure::new(format!("{address} is no loopback address"), Exit::Request);
        return Err(failure.hint("whoever connects can read files: use 127.0.0.1 or [::1]"));
    }
    let failed = |error| Failure::new(format!("cannot listen on {address}: {error}"), Exit::Failure);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    print(format!("{}\n", listener.local_addr().map_err(failed)?).as_bytes())?;
    let (mut stream, _) = listener.accept().await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let (input, output) = stream.split();
    Ok(serve(input, output, ports).await)
}

/// Does something that waits for disk or network on a thread of its own; what fails there has no answer.
async fn blocking<T: Default + Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}
