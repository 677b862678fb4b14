//! ENV, LABEL and ARG: names that get values.

use containr_dockerfile::expand::Lookup;
use containr_dockerfile::syntax::{ArgDeclaration, Pair};

use super::Builder;
use crate::onbuild::Todo;
use crate::{Diagnostic, arguments, variables};

impl Builder<'_, '_> {
    /// Sets variables; all values see the variables as they were before.
    pub(super) fn env(&mut self, todo: &Todo<'_>, pairs: &[Pair]) -> Result<(), Diagnostic> {
        let pairs = self.expand_pairs(todo, pairs)?;
        for (name, value) in &pairs {
            self.state.variables.set(name, value);
            variables::set_line(&mut self.state.config.config.env, name, value);
        }
        self.state.log(format!("ENV{}", listed(&pairs)), None);
        Ok(())
    }

    /// Sets labels.
    pub(super) fn label(&mut self, todo: &Todo<'_>, pairs: &[Pair]) -> Result<(), Diagnostic> {
        let pairs = self.expand_pairs(todo, pairs)?;
        self.state.log(format!("LABEL{}", listed(&pairs)), None);
        self.state.config.config.labels.extend(pairs);
        Ok(())
    }

    /// Declares arguments; each default sees those before it.
    ///
    /// A given value wins over the default, the default over the global argument of that name.
    pub(super) fn arg(&mut self, todo: &Todo<'_>, declarations: &[ArgDeclaration]) -> Result<(), Diagnostic> {
        let mut line = "ARG".to_owned();
        for ArgDeclaration { name, default, .. } in declarations {
            let name = name.value.as_str();
            let value = match (self.site.scope.given.get(name), default) {
                (Some(given), _) => Some((*given).to_owned()),
                (None, Some(default)) => Some(self.expand(todo, default)?),
                (None, None) => self.site.scope.globals.value(name).map(str::to_owned),
            };
            line.push(' ');
            line.push_str(name);
            if let Some(value) = &value {
                line.push('=');
                line.push_str(value);
                if arguments::is_variable(name) {
                    self.state.variables.set(name, value);
                }
            }
            self.state.arguments.push((name.to_owned(), value));
        }
        self.state.log(line, None);
        Ok(())
    }

    fn expand_pairs(&mut self, todo: &Todo<'_>, pairs: &[Pair]) -> Result<Vec<(String, String)>, Diagnostic> {
        pairs.iter().map(|pair| Ok((self.expand(todo, &pair.name)?, self.expand(todo, &pair.value)?))).collect()
    }
}

fn listed(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!(" {name}={value}")).collect()
}
