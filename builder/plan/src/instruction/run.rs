//! RUN.

use containr_dockerfile::expand::Lookup;
use containr_dockerfile::syntax::{self, Script};
use containr_graph::{InlineFile, Network, Op, Run, RunKeyed, RunUnkeyed, Security};

use super::defaults::values;
use super::{Builder, unsupported};
use crate::onbuild::Todo;
use crate::{Diagnostic, arguments};

/// Where heredoc scripts are mounted.
const PIPES: &str = "/dev/pipes";

impl Builder<'_, '_> {
    /// Adds a command.
    pub(super) fn run(&mut self, todo: &Todo<'_>, run: &syntax::Run) -> Result<(), Diagnostic> {
        if let Some(device) = run.devices.first() {
            return Err(unsupported(device.span, "`--device`"));
        }
        let (args, files) = self.script(run);
        let mounts = self.mounts(todo, run)?;
        let mut shown = self.state.variables.clone();
        mounts.secret_variables.iter().for_each(|name| shown.set(name, "****"));
        let name = self.numbering.instruction(todo, &display_text(todo, run), &shown);
        let defaults = self.site.scope.input.defaults;
        let keyed = RunKeyed {
            env: self.environment(mounts.agent.as_deref()),
            cwd: self.state.workdir().to_owned(),
            user: self.state.config.config.user.clone(),
            network: network(run, defaults.network),
            security: security(run),
            hostname: defaults.hostname.clone(),
            mounts: mounts.mounts,
            files,
            shm_size: defaults.shm_size,
            limits: defaults.limits.clone(),
            args,
        };
        let unkeyed = RunUnkeyed {
            proxy_env: arguments::proxies(&self.site.scope.given, &self.state.variables),
            add_hosts: defaults.add_hosts.clone(),
        };
        let line = self.history_line(&keyed.args);
        let step = self.push(todo, Op::Run(Run { keyed, unkeyed }), name);
        self.state.log(line, Some(step));
        Ok(())
    }

    /// Returns the words of the command, and the file that they run where it is a heredoc with `#!`.
    fn script(&self, run: &syntax::Run) -> (Vec<String>, Vec<InlineFile>) {
        match run.script() {
            Script::Exec(words) => (values(words), Vec::new()),
            Script::Shell(text) => (self.with_shell(&text), Vec::new()),
            Script::File { name, content } => {
                let path = format!("{PIPES}/{name}");
                let file = InlineFile { name: path.clone(), content: content.as_bytes().to_vec(), mode: 0o755 };
                (self.with_shell(&path), vec![file])
            }
        }
    }

    /// Returns the variables that the command gets.
    fn environment(&self, agent: Option<&str>) -> Vec<String> {
        let mut variables = self.state.variables.clone();
        let extra =
            self.site.scope.input.defaults.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in extra.chain(agent.map(|target| ("SSH_AUTH_SOCK", target))) {
            if variables.value(name).is_none() {
                variables.set(name, value);
            }
        }
        variables.lines()
    }

    /// Returns `RUN |N NAME=value... WORDS # buildkit`.
    fn history_line(&self, args: &[String]) -> String {
        let mut arguments: Vec<(&str, &str)> = Vec::new();
        for (name, value) in &self.state.arguments {
            let current = self.state.variables.value(name).or(value.as_deref()).unwrap_or_default();
            match arguments.iter_mut().find(|(known, _)| known == name) {
                Some(known) => known.1 = current,
                None => arguments.push((name, current)),
            }
        }
        let mut line = "RUN".to_owned();
        if !arguments.is_empty() {
            line.push_str(&format!(" |{}", arguments.len()));
        }
        arguments.iter().for_each(|(name, value)| line.push_str(&format!(" {name}={value}")));
        args.iter().for_each(|word| line.push_str(&format!(" {word}")));
        line + " # buildkit"
    }
}

/// Returns the instruction's text, with the first line of a script that is a heredoc of its own.
fn display_text(todo: &Todo<'_>, run: &syntax::Run) -> String {
    let original = &todo.instruction.original;
    let Some(first) = run.heredocs.first() else { return original.clone() };
    let sole = match run.script() {
        Script::File { .. } => true,
        Script::Shell(text) => text == first.text(),
        Script::Exec(_) => false,
    };
    if !sole {
        return original.clone();
    }
    let mut lines = first.content.value.trim().lines();
    let line = lines.next().unwrap_or_default();
    format!("{original} ({line}{})", if lines.next().is_some() { "..." } else { "" })
}

fn network(run: &syntax::Run, default: Network) -> Network {
    match run.network.as_ref().map(|network| network.value) {
        None | Some(syntax::Network::Default) => default,
        Some(syntax::Network::None) => Network::None,
        Some(syntax::Network::Host) => Network::Host,
    }
}

fn security(run: &syntax::Run) -> Security {
    match run.security.as_ref().map(|security| security.value) {
        None | Some(syntax::Security::Sandbox) => Security::Sandbox,
        Some(syntax::Security::Insecure) => Security::Insecure,
    }
}
