//! What rules look at: the instructions in order, each with its stage and what its shell runs.

use std::cell::OnceCell;
use std::rc::Rc;

use containr_dockerfile::syntax::{Command, Healthcheck, Instruction, Kind, MountKey, Run};
use containr_dockerfile::{Parsed, Span};

use crate::config::{Config, Dialect};
use crate::image::Base;
use crate::shell::{ReadScripts, Script};
use crate::stages::Stages;

/// Is a file with everything that rules share.
pub(crate) struct Context<'a> {
    pub(crate) parsed: &'a Parsed,
    pub(crate) config: &'a Config,
    /// The instructions in the order of the text.
    pub(crate) steps: Vec<Step<'a>>,
    /// The instructions inside of ONBUILD, at the places of their ONBUILD.
    pub(crate) triggers: Vec<Step<'a>>,
    stages: OnceCell<Stages<'a>>,
}

/// Is an instruction with what was found out about it, which its clones share.
#[derive(Clone)]
pub(crate) struct Step<'a> {
    pub(crate) instruction: &'a Instruction,
    /// The whole instruction; for a trigger its ONBUILD.
    pub(crate) span: Span,
    /// The index of the stage, if it stands in one.
    pub(crate) stage: Option<usize>,
    found: Rc<Found<'a>>,
    parsed: &'a Parsed,
    known: &'a ReadScripts,
    dialect: Dialect,
}

/// Is what was found out about an instruction.
#[derive(Default)]
struct Found<'a> {
    script: OnceCell<Option<Script>>,
    base: OnceCell<Option<Base<'a>>>,
}

impl<'a> Context<'a> {
    /// Looks at a file; scripts that are known are not read again.
    pub(crate) fn new(parsed: &'a Parsed, config: &'a Config, known: &'a ReadScripts) -> Self {
        let syntax = parsed.syntax();
        let head = syntax.instructions().take(syntax.global_args.len() + syntax.orphans.len());
        let stages = syntax.stages.iter().enumerate().flat_map(|(index, stage)| {
            std::iter::once(&stage.from).chain(&stage.instructions).map(move |one| (Some(index), one))
        });
        let all = head.map(|one| (None, one)).chain(stages);
        let dialect = config.dialect;
        let step =
            |instruction, span, stage| Step { instruction, span, stage, found: Rc::default(), parsed, known, dialect };
        let steps: Vec<Step<'a>> = all.map(|(stage, one)| step(one, one.span, stage)).collect();
        let inner = steps.iter().filter_map(|outer| match &outer.instruction.kind {
            Kind::Onbuild(onbuild) => Some(step(&onbuild.trigger, outer.span, outer.stage)),
            _ => None,
        });
        let triggers = inner.collect();
        Self { parsed, config, steps, triggers, stages: OnceCell::new() }
    }

    /// Returns the same file with some of its instructions only, which come in their order.
    pub(crate) fn narrowed<'b>(&self, kept: impl Iterator<Item = &'b Step<'a>>) -> Self
    where
        'a: 'b,
    {
        let steps: Vec<Step<'a>> = kept.cloned().collect();
        let mut triggers = self.triggers.iter().peekable();
        let mut own = Vec::new();
        for step in steps.iter().filter(|step| matches!(step.kind(), Kind::Onbuild(_))) {
            while triggers.next_if(|trigger| trigger.span != step.span).is_some() {}
            own.extend(triggers.next().cloned());
        }
        Self { parsed: self.parsed, config: self.config, steps, triggers: own, stages: OnceCell::new() }
    }

    /// Returns the instructions and the triggers, which hadolint judges one after the other.
    pub(crate) fn series(&self) -> [&[Step<'a>]; 2] {
        [&self.steps, &self.triggers]
    }

    /// Returns the instructions that stand in a stage.
    pub(crate) fn in_stages(&self) -> impl Iterator<Item = (usize, &Step<'a>)> {
        self.steps.iter().filter_map(|step| Some((step.stage?, step)))
    }

    /// Returns the instructions of a stage, its FROM first.
    pub(crate) fn stage(&self, index: usize) -> &[Step<'a>] {
        let start = self.steps.partition_point(|step| step.stage < Some(index));
        let end = self.steps.partition_point(|step| step.stage <= Some(index));
        &self.steps[start..end]
    }

    /// Returns the instruction that a place is part of, or that is the last before it.
    pub(crate) fn around(&self, at: u32) -> Option<&Step<'a>> {
        self.steps.get(self.steps.partition_point(|step| step.span.start <= at).checked_sub(1)?)
    }

    /// Returns the first instruction that begins at a place or after it.
    pub(crate) fn step_from(&self, start: u32) -> Option<&Step<'a>> {
        self.steps.get(self.steps.partition_point(|step| step.span.start < start))
    }

    /// Returns every RUN, those of triggers included, with its shell text.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = (&Step<'a>, &Script)> {
        self.steps.iter().chain(&self.triggers).filter_map(|step| Some((step, step.script()?)))
    }

    /// Returns what is known of the stages: their bases and variables.
    pub(crate) fn stages(&self) -> &Stages<'a> {
        self.stages.get_or_init(|| Stages::knowing(self.parsed, &self.config.surroundings))
    }

    /// Returns the line break of the file.
    pub(crate) fn line_break(&self) -> &'static str {
        let text = self.parsed.text();
        let first = text.find('\n').unwrap_or_default();
        if text[..first].ends_with('\r') { "\r\n" } else { "\n" }
    }

    /// Returns the text at a place.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        self.parsed.text().get(span.range()).unwrap_or_default()
    }
}

impl<'a> Step<'a> {
    /// Returns what the instruction says.
    pub(crate) fn kind(&self) -> &'a Kind {
        &self.instruction.kind
    }

    /// Tells whether the instruction stands inside of ONBUILD.
    pub(crate) fn is_trigger(&self) -> bool {
        self.span != self.instruction.span
    }

    /// Returns the place of the keyword.
    pub(crate) fn keyword(&self) -> Span {
        self.instruction.keyword.span
    }

    /// Returns the RUN, if it is one.
    pub(crate) fn run(&self) -> Option<&'a Run> {
        match self.kind() {
            Kind::Run(run) => Some(run),
            _ => None,
        }
    }

    /// Returns the shell text of a RUN.
    pub(crate) fn script(&self) -> Option<&Script> {
        let read = || {
            let script = Script::of(self.run()?, self.parsed, self.known);
            Some(if self.dialect == Dialect::Hadolint { script.strictly() } else { script })
        };
        self.found.script.get_or_init(read).as_ref()
    }

    /// Returns the base of a FROM as hadolint takes it apart.
    pub(crate) fn base(&self) -> Option<Base<'a>> {
        let Kind::From(from) = self.kind() else { return None };
        let read = || {
            let name = from.name.as_ref().map(|name| &self.parsed.text()[name.span.range()]);
            Some(Base::read(&from.base.value, name))
        };
        self.found.base.get_or_init(read).clone()
    }

    /// Tells whether a RUN has a cache or a tmpfs mounted at a path that holds `fragment`.
    pub(crate) fn mounts_over(&self, fragment: &str) -> bool {
        let mounts = self.run().map(|run| run.mounts.as_slice()).unwrap_or_default();
        mounts.iter().any(|mount| {
            let value = |key: MountKey| mount.options.iter().find(|one| one.key == key)?.value.as_deref();
            matches!(value(MountKey::Type), Some("cache" | "tmpfs"))
                && value(MountKey::Target).is_some_and(|target| target.contains(fragment))
        })
    }

    /// Returns the command of CMD, ENTRYPOINT or HEALTHCHECK.
    pub(crate) fn started(&self) -> Option<&'a Command> {
        match self.kind() {
            Kind::Cmd(command) | Kind::Entrypoint(command) => Some(command),
            Kind::Healthcheck(Healthcheck::Probe(probe)) => Some(&probe.command),
            _ => None,
        }
    }
}
