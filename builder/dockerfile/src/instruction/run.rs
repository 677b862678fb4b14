//! RUN.

use super::Lowering;
use crate::diagnostic::Code;
use crate::flags::{self, Known, Takes};
use crate::mount;
use crate::span::Spanned;
use crate::statement::Statement;
use crate::suggest::nearest;
use crate::syntax::{Flag, Network, Run, Security};

pub(super) const FLAGS: Known =
    &[("mount", Takes::Values), ("network", Takes::Value), ("security", Takes::Value), ("device", Takes::Values)];

const NETWORKS: &[(&str, Network)] = &[("default", Network::Default), ("none", Network::None), ("host", Network::Host)];
const SECURITIES: &[(&str, Security)] = &[("sandbox", Security::Sandbox), ("insecure", Security::Insecure)];

impl Lowering<'_> {
    pub(super) fn run(&mut self, statement: &Statement<'_>, flags: &[Flag]) -> Option<Run> {
        let mounts = flags::values(flags, "mount");
        let devices = flags::values(flags, "device");
        Some(Run {
            command: self.command(&statement.args, statement),
            mounts: mounts.iter().filter_map(|value| mount::read_mount(value, self.diagnostics)).collect(),
            network: self.choice(flags, "network", NETWORKS),
            security: self.choice(flags, "security", SECURITIES),
            devices: devices.iter().filter_map(|value| mount::read_device(value, self.diagnostics)).collect(),
            heredocs: std::mem::take(&mut self.heredocs),
        })
    }

    fn choice<T: Clone>(&mut self, flags: &[Flag], name: &str, table: &[(&str, T)]) -> Option<Spanned<T>> {
        // An empty value is none of the table, unlike the flags of other instructions.
        let value = flags::values(flags, name).into_iter().next()?;
        if let Some((_, choice)) = table.iter().find(|(word, _)| *word == value.value) {
            return Some(Spanned::new(choice.clone(), value.span));
        }
        let suggestion = nearest(&value.value, table.iter().map(|(word, _)| *word)).map(str::to_owned);
        let message = format!("unknown value `{}` of flag `--{name}`", value.value);
        self.diagnostics.misspelt(value.span, Code::InvalidFlagValue, message, suggestion);
        None
    }
}
