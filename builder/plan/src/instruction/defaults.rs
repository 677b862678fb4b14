//! The instructions that only set what a container gets by default.

use std::time::Duration;

use containr_dockerfile::Spanned;
use containr_dockerfile::syntax::{Command, Healthcheck, Probe};
use serde_json::json;

use super::{Builder, invalid};
use crate::onbuild::Todo;
use crate::{Diagnostic, expose, history, signal};

impl Builder<'_, '_> {
    /// Sets the default command.
    pub(super) fn command(&mut self, command: &Command) -> Result<(), Diagnostic> {
        let words = self.words(command);
        self.state.log(format!("CMD {}", history::quoted_list(&words)), None);
        self.has_command = true;
        self.state.config.config.cmd = Some(words).filter(|words| !words.is_empty());
        self.state.config.config.args_escaped = Some(true);
        Ok(())
    }

    /// Sets the entry point and drops a command that this stage did not set.
    pub(super) fn entrypoint(&mut self, command: &Command) -> Result<(), Diagnostic> {
        let words = self.words(command);
        self.state.log(format!("ENTRYPOINT {}", history::quoted_list(&words)), None);
        self.state.config.config.entrypoint = Some(words).filter(|words| !words.is_empty());
        if !self.has_command {
            self.state.config.config.cmd = None;
        }
        Ok(())
    }

    /// Sets the shell of shell forms.
    pub(super) fn shell(&mut self, words: &[Spanned<String>]) -> Result<(), Diagnostic> {
        let words = values(words);
        self.state.log(format!("SHELL {}", history::plain_list(&words)), None);
        self.state.config.config.shell = Some(words).filter(|words| !words.is_empty());
        Ok(())
    }

    /// Sets the user.
    pub(super) fn user(&mut self, todo: &Todo<'_>, word: &Spanned<String>) -> Result<(), Diagnostic> {
        let user = self.expand(todo, word)?;
        self.state.log(format!("USER {user}"), None);
        self.state.config.config.user = user;
        Ok(())
    }

    /// Adds ports.
    pub(super) fn expose(&mut self, todo: &Todo<'_>, words: &[Spanned<String>]) -> Result<(), Diagnostic> {
        let mut sorted = words.iter().collect::<Vec<_>>();
        sorted.sort_by(|left, right| left.value.cmp(&right.value));
        let mut ports = Vec::new();
        for word in sorted {
            for text in self.expand_words(todo, word)?.words {
                ports.extend(expose::ports(&text).map_err(|message| invalid(word.span, message))?);
            }
        }
        self.state.log(format!("EXPOSE {}", history::plain_list(&ports)), None);
        self.state.config.config.exposed_ports.extend(ports.into_iter().map(|port| (port, json!({}))));
        Ok(())
    }

    /// Adds volumes.
    pub(super) fn volume(&mut self, todo: &Todo<'_>, words: &[Spanned<String>]) -> Result<(), Diagnostic> {
        let mut volumes = Vec::new();
        for word in words {
            let volume = self.expand(todo, word)?;
            if volume.is_empty() {
                return Err(invalid(word.span, format!("volume `{}` is empty after expansion", word.value)));
            }
            volumes.push(volume);
        }
        self.state.log(format!("VOLUME {}", history::plain_list(&volumes)), None);
        self.state.config.config.volumes.extend(volumes.into_iter().map(|volume| (volume, json!({}))));
        Ok(())
    }

    /// Sets the signal that stops a container.
    pub(super) fn stop_signal(&mut self, todo: &Todo<'_>, word: &Spanned<String>) -> Result<(), Diagnostic> {
        let name = self.expand(todo, word)?;
        if !signal::is_signal(&name) {
            return Err(invalid(word.span, format!("invalid signal `{name}`")));
        }
        self.state.log(format!("STOPSIGNAL {name}"), None);
        self.state.config.config.stop_signal = Some(name);
        Ok(())
    }

    /// Sets or removes the health check.
    pub(super) fn healthcheck(&mut self, check: &Healthcheck) -> Result<(), Diagnostic> {
        let check = match check {
            Healthcheck::None => {
                containr_oci::Healthcheck { test: vec!["NONE".to_owned()], ..containr_oci::Healthcheck::default() }
            }
            Healthcheck::Probe(probe) => probed(probe),
        };
        self.state.log(format!("HEALTHCHECK {}", history::healthcheck(&check)), None);
        self.state.config.config.healthcheck = Some(check);
        Ok(())
    }

    /// Sets the author.
    pub(super) fn maintainer(&mut self, name: &Spanned<String>) -> Result<(), Diagnostic> {
        self.state.log(format!("MAINTAINER {}", name.value), None);
        self.state.config.author = Some(name.value.clone());
        Ok(())
    }

    fn words(&self, command: &Command) -> Vec<String> {
        match command {
            Command::Shell(text) => self.with_shell(&text.value),
            Command::Exec(words) => values(words),
        }
    }

    /// Returns the words that run a text in the stage's shell.
    pub(super) fn with_shell(&self, text: &str) -> Vec<String> {
        let default = || vec!["/bin/sh".to_owned(), "-c".to_owned()];
        let shell = self.state.config.config.shell.clone().filter(|shell| !shell.is_empty());
        let mut words = shell.unwrap_or_else(default);
        words.push(text.to_owned());
        words
    }
}

/// Returns words without their places.
pub(super) fn values(words: &[Spanned<String>]) -> Vec<String> {
    words.iter().map(|word| word.value.clone()).collect()
}

fn probed(probe: &Probe) -> containr_oci::Healthcheck {
    let test = match &probe.command {
        Command::Shell(text) => vec!["CMD-SHELL".to_owned(), text.value.clone()],
        Command::Exec(words) => std::iter::once("CMD".to_owned()).chain(values(words)).collect(),
    };
    let nanoseconds = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    containr_oci::Healthcheck {
        test,
        interval: nanoseconds(probe.interval),
        timeout: nanoseconds(probe.timeout),
        start_period: nanoseconds(probe.start_period),
        start_interval: nanoseconds(probe.start_interval),
        retries: i64::from(probe.retries),
    }
}
