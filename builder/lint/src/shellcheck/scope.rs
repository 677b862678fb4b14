//! What is known where a RUN stands: the shell that runs it and the variables that it finds in its environment.
//!
//! A stage has what the stage has that it continues. Names are kept once for the whole file with the stages that
//! declare them, so that a file of many stages costs no more than its text.

use std::collections::HashMap;

use containr_dockerfile::syntax::{Instruction, Kind};
use containr_dockerfile::{Parsed, Spanned, SyntaxKind};

use super::dialect::{Language, Shell};
use crate::config::Dialect;
use crate::context::{Context, Step};
use crate::suppression::pragma_value;

/// The variables that a proxy is told by, which every RUN may be given.
const PROXIES: [&str; 10] = [
    "ALL_PROXY",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The proxies that hadolint does not know.
const NEW_PROXIES: [&str; 2] = ["ALL_PROXY", "all_proxy"];

/// Walks over a file and knows what holds at each instruction.
pub(super) struct Scope<'c, 'a> {
    context: &'c Context<'a>,
    lineage: Lineage,
    /// The stages that declare a name, in order.
    names: HashMap<&'a str, Vec<usize>>,
    /// The stages that have a trigger which declares a name.
    triggered: HashMap<&'a str, Vec<usize>>,
    /// For each stage begun its shell; the last one is that of the stage in question.
    shells: Vec<Shell>,
    /// For each stage begun the image at its root, as far as it can be told.
    bases: Vec<String>,
    /// The shell of what stands before the first FROM.
    outside: Shell,
    /// The shell that triggers have by hadolint, which looks at them apart from everything else.
    trigger_shell: Shell,
    /// The shells that comments name, with their places, the next one last.
    pragmas: Vec<(u32, &'a str)>,
    /// The shell of stages that continue no other.
    default: Shell,
}

impl<'c, 'a> Scope<'c, 'a> {
    pub(super) fn new(context: &'c Context<'a>) -> Self {
        let mut pragmas = pragmas(context.parsed);
        pragmas.reverse();
        Self {
            lineage: Lineage::new(&context.stages().parents),
            context,
            names: HashMap::new(),
            triggered: HashMap::new(),
            shells: Vec::new(),
            bases: Vec::new(),
            outside: Shell::default(),
            trigger_shell: Shell::default(),
            pragmas,
            default: Shell::default(),
        }
    }

    /// Takes note of an instruction, in the order of the text.
    pub(super) fn enter(&mut self, step: &Step<'a>) {
        self.read_pragmas(step.span.start);
        let stage = step.stage.unwrap_or(usize::MAX);
        let dialect = self.context.config.dialect;
        match step.kind() {
            Kind::From(from) => self.begin(stage, &from.base.value),
            Kind::Shell(words) => *self.shell_mut() = Shell::of(words),
            Kind::Onbuild(onbuild) => {
                match &onbuild.trigger.kind {
                    Kind::Shell(words) => self.trigger_shell = Shell::of(words),
                    Kind::Env(_) | Kind::Arg(_) => self.trigger_shell = Shell::default(),
                    _ => {}
                }
                declare(&mut self.triggered, &onbuild.trigger, stage, dialect);
            }
            Kind::Env(_) | Kind::Arg(_) => {
                if dialect == Dialect::Hadolint {
                    // hadolint 2.15 forgets the shell of the stage where it learns a name.
                    *self.shell_mut() = Shell::default();
                }
                declare(&mut self.names, step.instruction, stage, dialect);
            }
            _ => {}
        }
    }

    fn begin(&mut self, stage: usize, base: &str) {
        let stages = self.context.stages();
        let parent = stages.parents.get(stage).copied().flatten();
        let shell = parent.and_then(|parent| self.shells.get(parent)).unwrap_or(&self.default).clone();
        let root = parent.and_then(|parent| self.bases.get(parent)).cloned();
        self.shells.push(shell);
        self.bases.push(root.unwrap_or_else(|| {
            stages.expand_global(base).map_or_else(|_| base.to_owned(), |expanded| expanded.text.to_lowercase())
        }));
    }

    fn shell_mut(&mut self) -> &mut Shell {
        self.shells.last_mut().unwrap_or(&mut self.outside)
    }

    fn read_pragmas(&mut self, before: u32) {
        while let Some((_, name)) = self.pragmas.pop_if(|(at, _)| *at < before) {
            let shell = Shell::named(name);
            if self.shells.is_empty() && self.names.is_empty() {
                // As in hadolint: in front of everything it speaks of the whole file.
                self.default = shell.clone();
            }
            *self.shell_mut() = shell;
        }
    }

    /// Returns the language of the RUN that was entered last, or of the RUN in its ONBUILD.
    pub(super) fn language(&self, place: Place) -> Language {
        let base = self.bases.last().map_or("", String::as_str);
        self.shell(place).language(base, self.context.config.dialect)
    }

    /// Returns the shell of the RUN that was entered last, or of the RUN in its ONBUILD.
    pub(super) fn shell(&self, place: Place) -> &Shell {
        match (place, self.context.config.dialect) {
            (Place::Trigger, Dialect::Hadolint) => &self.trigger_shell,
            _ => self.shells.last().unwrap_or(&self.outside),
        }
    }

    /// Returns those of the names that a RUN finds in its environment, sorted, each once.
    pub(super) fn known<'b>(&self, names: impl Iterator<Item = &'b str>, place: Place) -> Vec<&'b str> {
        let mut known: Vec<&str> = names.filter(|name| self.knows(name, place)).collect();
        known.sort_unstable();
        known.dedup();
        known
    }

    /// Returns every name that a RUN finds in its environment, in no order.
    pub(super) fn all(&self, place: Place) -> impl Iterator<Item = &'a str> {
        let declared = self.names.keys().chain(self.triggered.keys()).copied();
        declared.chain(PROXIES).filter(move |name| self.knows(name, place))
    }

    fn knows(&self, name: &str, place: Place) -> bool {
        let hadolint = self.context.config.dialect == Dialect::Hadolint;
        if PROXIES.contains(&name) && !(hadolint && NEW_PROXIES.contains(&name)) {
            return true;
        }
        let stage = self.shells.len().checked_sub(1);
        let of_stage = self.names.get(name).is_some_and(|stages| self.visible(stages, stage));
        match (place, hadolint) {
            (Place::Step, _) => of_stage,
            (Place::Trigger, true) => self.triggered.contains_key(name),
            (Place::Trigger, false) => {
                of_stage || self.triggered.get(name).is_some_and(|stages| self.visible(stages, stage))
            }
        }
    }

    fn visible(&self, stages: &[usize], from: Option<usize>) -> bool {
        let Some(from) = from else { return !stages.is_empty() };
        stages.iter().any(|stage| self.lineage.continues(from, *stage))
    }
}

/// Says whether a RUN stands for itself or in an ONBUILD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Step,
    Trigger,
}

fn declare<'a>(names: &mut HashMap<&'a str, Vec<usize>>, instruction: &'a Instruction, stage: usize, dialect: Dialect) {
    let mut add = |name: &'a Spanned<String>| {
        let stages = names.entry(&name.value).or_default();
        if stages.last() != Some(&stage) {
            stages.push(stage);
        }
    };
    match &instruction.kind {
        Kind::Env(pairs) => pairs.iter().for_each(|pair| add(&pair.name)),
        // hadolint takes what follows the first name for its value.
        Kind::Arg(arguments) if dialect == Dialect::Hadolint => arguments.iter().take(1).for_each(|one| add(&one.name)),
        Kind::Arg(arguments) => arguments.iter().for_each(|argument| add(&argument.name)),
        _ => {}
    }
}

/// Finds the comments `# hadolint shell=NAME` and `# containr shell=NAME` between instructions.
fn pragmas(parsed: &Parsed) -> Vec<(u32, &str)> {
    let comments = parsed.tree().children_with_tokens().filter(|one| one.kind() == SyntaxKind::Comment);
    comments
        .filter_map(|comment| {
            let range = comment.text_range();
            let text = parsed.text().get(usize::from(range.start())..usize::from(range.end()))?;
            Some((range.start().into(), pragma_value(text, "shell")?))
        })
        .collect()
}

/// Knows which stages a stage continues, by the order of a walk over the tree of stages.
struct Lineage {
    /// For each stage when the walk comes to it and when it has seen everything that continues it.
    visits: Vec<(usize, usize)>,
}

impl Lineage {
    fn new(parents: &[Option<usize>]) -> Self {
        // A stage continues earlier ones only: sizes are summed up from the end, places dealt out from the start.
        let mut sizes = vec![1_usize; parents.len()];
        for (stage, parent) in parents.iter().enumerate().rev() {
            if let Some(parent) = parent {
                sizes[*parent] += sizes[stage];
            }
        }
        let mut visits: Vec<(usize, usize)> = Vec::with_capacity(parents.len());
        let mut free: Vec<usize> = Vec::with_capacity(parents.len());
        let mut next_root = 0;
        for (stage, parent) in parents.iter().enumerate() {
            let slot = match parent {
                Some(parent) => &mut free[*parent],
                None => &mut next_root,
            };
            let start = *slot;
            *slot += sizes[stage];
            visits.push((start, start + sizes[stage]));
            free.push(start + 1);
        }
        Self { visits }
    }

    /// Tells whether a stage is another one or continues it.
    fn continues(&self, stage: usize, earlier: usize) -> bool {
        match (self.visits.get(stage), self.visits.get(earlier)) {
            (Some((at, _)), Some((start, end))) => start <= at && at < end,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lineage;

    #[test]
    fn a_stage_continues_its_ancestors_only() {
        let lineage = Lineage::new(&[None, Some(0), None, Some(0), Some(1)]);

        let pairs = [(0, 0), (1, 0), (3, 0), (4, 0), (4, 1)];
        for (stage, earlier) in pairs {
            assert!(lineage.continues(stage, earlier), "{stage} continues {earlier}");
        }
        for (stage, earlier) in [(0, 1), (2, 0), (3, 1), (4, 3), (4, 2), (1, 4)] {
            assert!(!lineage.continues(stage, earlier), "{stage} does not continue {earlier}");
        }
    }
}
