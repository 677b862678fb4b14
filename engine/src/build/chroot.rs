//! `--isolation=chroot`: what such steps cannot have is refused before the first of them runs.

use containr_graph::{Mount, MountKind, Network, Op, Origin, RunKeyed};
use containr_plan::Plan;

use super::BuildRequest;
use super::source::Dockerfile;
use crate::{BuildError, EngineError, Problem};

/// Why, for every refusal.
const WHY: &str = "needs namespaces, which --isolation=chroot does without";

/// Refuses a build whose flags or RUN instructions need namespaces; all instructions at once.
pub(super) fn check(request: &BuildRequest, plan: &Plan, dockerfile: &Dockerfile) -> Result<(), BuildError> {
    let flags = [
        (request.network == Network::None, "--network=none"),
        (request.shm_size.is_some(), "--shm-size"),
        (!request.add_hosts.is_empty(), "--add-host"),
    ];
    if let Some((_, flag)) = flags.iter().find(|(given, _)| *given) {
        return Err(refused(flag).into());
    }
    let mut problems = Vec::new();
    for step in plan.graph.steps() {
        let Op::Run(run) = &step.op else { continue };
        for what in needs(&run.keyed) {
            let Origin::Text { start, end } = step.origin else { return Err(refused(&what).into()) };
            problems.push(Problem { span: (start, end), message: format!("{what} {WHY}"), warning: false });
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let (name, text) = (dockerfile.name.clone(), dockerfile.parsed.text().to_owned());
    Err(BuildError::Dockerfile { name, text, problems })
}

/// Says that something needs namespaces.
pub(crate) fn refused(what: &str) -> EngineError {
    EngineError::Request(format!("{what} {WHY}"))
}

/// Names what of a command only namespaces give.
fn needs(keyed: &RunKeyed) -> Vec<String> {
    let mut needs: Vec<String> =
        keyed.mounts.iter().map(|mount| format!("RUN --mount=type={}", mount_type(mount))).collect();
    if keyed.network == Network::None {
        needs.push("RUN --network=none".to_owned());
    }
    if !keyed.files.is_empty() {
        needs.push("a heredoc with an interpreter or a name of its own".to_owned());
    }
    needs
}

fn mount_type(mount: &Mount) -> &'static str {
    match mount.kind {
        MountKind::Bind(_) => "bind",
        MountKind::Cache(_) => "cache",
        MountKind::Tmpfs { .. } => "tmpfs",
        MountKind::Secret(_) => "secret",
        MountKind::Ssh(_) => "ssh",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use containr_graph::Security;

    fn keyed() -> RunKeyed {
        RunKeyed {
            args: Vec::new(),
            env: Vec::new(),
            cwd: "/".to_owned(),
            user: String::new(),
            network: Network::Default,
            security: Security::Sandbox,
            hostname: None,
            mounts: Vec::new(),
            files: Vec::new(),
            shm_size: None,
            limits: Vec::new(),
        }
    }

    #[test]
    fn a_plain_command_needs_nothing() {
        assert_eq!(needs(&keyed()), Vec::<String>::new());
    }

    #[test]
    fn mounts_and_networks_are_named() {
        let mount = Mount { target: "/t".to_owned(), kind: MountKind::Tmpfs { size: None } };
        let keyed = RunKeyed { mounts: vec![mount], network: Network::None, ..keyed() };
        assert_eq!(needs(&keyed), ["RUN --mount=type=tmpfs", "RUN --network=none"]);
    }
}
