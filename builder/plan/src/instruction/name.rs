//! The names of steps that people read: `[build 2/5] RUN make`.

use containr_dockerfile::expand::{Dialect, expand};
use containr_dockerfile::syntax::Kind;

use crate::onbuild::Todo;
use crate::scope::{Place, Scope};
use crate::stages::Stages;
use crate::variables::Variables;

/// Counts the steps of a stage.
pub(super) struct Numbering {
    /// Platform and stage, each with a space behind it.
    prefix: String,
    done: usize,
    total: usize,
    escape: char,
}

impl Numbering {
    pub(super) fn new(scope: &Scope<'_>, stages: &Stages<'_>, index: usize, todos: &[Todo<'_>]) -> Self {
        let link = &stages.links[index];
        let base = usize::from(matches!(link.base, Place::Image(_) | Place::Directory(_)));
        // As with BuildKit, every trigger counts, whether it makes a step or not.
        let steps = todos.iter().filter(|todo| todo.trigger.is_some() || makes_step(&todo.instruction.kind)).count();
        let mut prefix = String::new();
        if scope.input.platforms.len() > 1 {
            prefix = format!("{} ", scope.platform);
        }
        if stages.links.len() > 1 || todos.iter().any(|todo| reads_elsewhere(&todo.instruction.kind)) {
            prefix.push_str(&link.label);
            prefix.push(' ');
        }
        Self { prefix, done: 0, total: base + steps, escape: scope.escape }
    }

    /// Returns the name of the base's step.
    pub(super) fn base(&mut self, scope: &Scope<'_>, base: &Place) -> String {
        let Place::Image(key) = base else { return String::new() };
        let resolved = &scope.input.bases[key];
        let digest = resolved.manifest.as_ref().filter(|_| !key.reference.contains('@'));
        let digest = digest.map_or_else(String::new, |digest| format!("@{digest}"));
        self.number(&format!("FROM {}{digest}", key.reference))
    }

    /// Returns the name of an instruction's step, with the variables in it filled in.
    pub(super) fn instruction(&mut self, todo: &Todo<'_>, text: &str, variables: &Variables) -> String {
        let dialect = match todo.instruction.kind {
            Kind::Run(_) => Dialect::display(self.escape),
            _ => Dialect::argument(self.escape),
        };
        let text = expand(text, dialect, variables).map_or_else(|_| text.to_owned(), |expanded| expanded.text);
        let (keyword, rest) = text.split_once(' ').unwrap_or((&text, ""));
        let separator = if rest.is_empty() { "" } else { " " };
        let trigger = if todo.trigger.is_some() { "ONBUILD " } else { "" };
        self.number(&format!("{trigger}{}{separator}{rest}", keyword.to_uppercase()))
    }

    fn number(&mut self, text: &str) -> String {
        self.done += 1;
        let width = self.total.max(1).ilog10() as usize + 1;
        format!("[{}{:width$}/{}] {text}", self.prefix, self.done, self.total)
    }
}

/// Returns whether an instruction has a source for which BuildKit counts one more stage.
fn reads_elsewhere(kind: &Kind) -> bool {
    match kind {
        Kind::Copy(copy) => copy.from.is_some(),
        Kind::Run(run) => !run.mounts.is_empty(),
        _ => false,
    }
}

fn makes_step(kind: &Kind) -> bool {
    matches!(kind, Kind::Run(_) | Kind::Copy(_) | Kind::Add(_) | Kind::Workdir(_))
}
