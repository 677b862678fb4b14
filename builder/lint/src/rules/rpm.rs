//! What counts as a version in the name of an RPM package, and the variables that may hold one.

use std::collections::{BTreeMap, BTreeSet};

use containr_dockerfile::syntax::Kind;

use crate::context::Step;

/// Are the variables known so far, by which a version may be given.
#[derive(Default)]
pub(super) struct Pins<'a> {
    arguments: BTreeSet<&'a str>,
    current: BTreeSet<&'a str>,
    stages: BTreeMap<&'a str, BTreeSet<&'a str>>,
    name: Option<&'a str>,
}

impl<'a> Pins<'a> {
    /// Takes an instruction into account.
    pub(super) fn see(&mut self, step: &Step<'a>) {
        match step.kind() {
            Kind::From(_) => {
                let Some(base) = step.base() else { return };
                if let Some(name) = self.name {
                    self.stages.insert(name, std::mem::take(&mut self.current));
                }
                self.current = self.stages.get(base.name).cloned().unwrap_or_default();
                self.name = base.alias;
            }
            Kind::Env(pairs) => self.current.extend(pairs.iter().map(|pair| pair.name.value.as_str())),
            Kind::Arg(names) => self.arguments.extend(names.first().map(|one| one.name.value.as_str())),
            _ => {}
        }
    }

    /// Tells whether a package is named with a version.
    pub(super) fn is_pinned(&self, package: &str) -> bool {
        let Some((_, version)) = package.split_once('-') else { return false };
        if package.ends_with(".rpm") {
            return true;
        }
        if package.contains('$') {
            let mut known = self.arguments.iter().chain(&self.current);
            return known.any(|name| package.contains(&format!("${{{name}}}")));
        }
        let valid = |char: char| char.is_ascii_alphanumeric() || "-.~^_:+".contains(char);
        version.chars().all(valid) && version.split('-').any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    }
}
