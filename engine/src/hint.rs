//! Finds the way out of a failure in the chain of its causes.

use std::error::Error;
use std::io::{self, ErrorKind};

use containr_copy::CopyError;
use containr_http::TransportError;
use containr_sandbox::SandboxError;
use containr_solve::StepError;
use containr_store::StoreError;
use rustix::io::Errno;

use crate::EngineError;

/// What to do about a state that was made in another way.
const OTHER_STATE: &str = "use it as the user and in the way it was made, name another directory with --root or CONTAINR_ROOT, \
                           or empty this one with `containr prune --all`";

/// Looks through a chain of causes for one that has a known way out.
pub(crate) fn hint_of(error: &(dyn Error + 'static)) -> Option<String> {
    let mut error = Some(error);
    while let Some(current) = error {
        // What the system says of a command is about the image, not about this machine.
        if let Some(SandboxError::Command { command, source }) = current.downcast_ref() {
            return command_hint(command, source);
        }
        if let Some(EngineError::Refused { way_out, .. }) = current.downcast_ref() {
            return Some(way_out.clone());
        }
        if let Some(StoreError::Bound { .. }) = current.downcast_ref() {
            return Some(OTHER_STATE.to_owned());
        }
        if let Some(StepError::Copy(CopyError::Read { path, source })) = current.downcast_ref()
            && source.kind() == ErrorKind::PermissionDenied
        {
            return Some(format!(
                "make {path} readable for the user who builds, or leave it out by a line in .dockerignore"
            ));
        }
        if let Some(StepError::OutOfMemory) = current.downcast_ref() {
            return Some("give the builder more memory, or let the step use fewer processes at once".to_owned());
        }
        if let Some(hint) = current.downcast_ref::<io::Error>().and_then(io_hint) {
            return Some(hint);
        }
        if let Some(transport) = current.downcast_ref::<TransportError>() {
            if transport.is_resolution() {
                return Some("the host name cannot be resolved; check the name and this machine's network".to_owned());
            }
            return transport.cause().downcast_ref::<io::Error>().and_then(io_hint);
        }
        error = current.source();
    }
    None
}

fn command_hint(command: &str, error: &io::Error) -> Option<String> {
    if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) {
        return Some(format!("`{command}` is for another kind of processor, or a script without a `#!` line"));
    }
    match error.kind() {
        ErrorKind::NotFound if command == "/bin/sh" => {
            Some("the image has no shell; write the command as a JSON array, or start from another image".to_owned())
        }
        ErrorKind::NotFound => Some(format!(
            "`{command}`, or the interpreter that it names, is not in the image; install it in an earlier step"
        )),
        ErrorKind::PermissionDenied => {
            Some(format!("`{command}` is not an executable file; `chmod +x` or `COPY --chmod=755` makes it one"))
        }
        _ => None,
    }
}

/// Returns the way out of what the system says of a file or a connection.
pub(crate) fn io_hint(error: &io::Error) -> Option<String> {
    let hint = match error.kind() {
        ErrorKind::StorageFull => {
            "the disk is full; `containr du` shows what takes space, `containr prune` frees what nothing needs"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "the file system is read-only; choose another place with --root or CONTAINR_ROOT"
        }
        ErrorKind::PermissionDenied => {
            "run as a user who may read and write it; --root or CONTAINR_ROOT choose another place for the state"
        }
        ErrorKind::ConnectionRefused => "nothing listens there; check the address, and whether the server runs",
        ErrorKind::TimedOut => "the host gives no answer; check the address, the network, proxies and firewalls",
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_command(errno: Errno) -> String {
        let source = io::Error::from(errno);
        hint_of(&SandboxError::Command { command: "curl".to_owned(), source }).unwrap()
    }

    #[test]
    fn commands_are_not_a_matter_of_this_machine() {
        assert!(of_command(Errno::NOENT).contains("is not in the image"));
        assert!(of_command(Errno::ACCESS).contains("chmod +x"));
        assert!(of_command(Errno::NOEXEC).contains("another kind of processor"));
    }

    #[test]
    fn the_cause_may_lie_deep() {
        let full = StepError::Io { what: "x".to_owned(), source: io::Error::from(Errno::NOSPC) };
        assert!(hint_of(&full).unwrap().starts_with("the disk is full"));
    }
}
