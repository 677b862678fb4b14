//! How the stages hang together: what each is built on, what it copies from, and which are needed.

use std::collections::{BTreeMap, BTreeSet};

use containr_dockerfile::expand::{NoVariables, expand_word};
use containr_dockerfile::syntax::{Kind, MountKey, Stage};
use containr_dockerfile::{Span, Spanned};
use containr_oci::Platform;

use crate::diagnostic::similar;
use crate::onbuild::{self, Todo};
use crate::scope::{Place, Scope};
use crate::{Code, Diagnostic, Need, contexts};

/// All stages with their bases.
pub(crate) struct Stages<'a> {
    pub(crate) links: Vec<Link<'a>>,
    names: BTreeMap<&'a str, usize>,
}

/// A stage and what it is built on.
pub(crate) struct Link<'a> {
    pub(crate) stage: &'a Stage,
    /// The name, or `stage-N`.
    pub(crate) label: String,
    pub(crate) base: Place,
    /// The base's name after expansion.
    pub(crate) base_name: String,
    /// Whether `--build-context` stands in for the stage, so that its instructions do not count.
    pub(crate) replaced: bool,
}

/// The stages that a target needs, in order, with their instructions.
#[derive(Default)]
pub(crate) struct Reached<'a> {
    pub(crate) todos: BTreeMap<usize, Vec<Todo<'a>>>,
    pub(crate) needs: BTreeMap<crate::BaseKey, Need>,
}

impl<'a> Stages<'a> {
    /// Finds what each stage is built on; a name means the last stage before that has it.
    pub(crate) fn link(scope: &Scope<'a>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut stages = Self { links: Vec::new(), names: BTreeMap::new() };
        for (index, stage) in scope.input.dockerfile.stages.iter().enumerate() {
            let name = stage.name.as_ref().map(|name| name.value.as_str());
            let label = name.map_or_else(|| format!("stage-{index}"), str::to_owned);
            let (base, base_name, replaced) = match stages.find_base(scope, stage) {
                Ok(found) => found,
                Err(error) => {
                    diagnostics.push(error);
                    (Place::Scratch, String::new(), false)
                }
            };
            stages.links.push(Link { stage, label, base, base_name, replaced });
            if let Some(name) = name {
                stages.names.insert(name, index);
            }
        }
        stages
    }

    fn find_base(&self, scope: &Scope<'a>, stage: &Stage) -> Result<(Place, String, bool), Diagnostic> {
        let name = scope.expand_global(&stage.base)?.text;
        if name.is_empty() {
            let message = format!("base name `{}` is empty after expansion", stage.base.value);
            return Err(Diagnostic::error(stage.base.span, Code::EmptyBase, message));
        }
        let platform = self.platform(scope, stage)?;
        if let Some(own) = &stage.name {
            match contexts::named(scope.input.contexts, &own.value, &platform) {
                Ok(None) | Err(contexts::LocateError::Reference(_)) => {}
                Ok(Some(located)) => {
                    return Ok((Scope::place(Ok(located), &platform, own.span)?, own.value.clone(), true));
                }
                Err(error) => return Err(Diagnostic::error(own.span, Code::NotSupported, error.to_string())),
            }
        }
        if let Some(index) = self.names.get(name.as_str()) {
            return Ok((Place::Stage(*index), name, false));
        }
        let located = contexts::locate(scope.input.contexts, &name, &platform);
        let place = Scope::place(located, &platform, stage.base.span)
            .map_err(|error| error.suggesting(similar(&name, self.names.keys().copied())))?;
        Ok((place, name, false))
    }

    fn platform(&self, scope: &Scope<'a>, stage: &Stage) -> Result<Platform, Diagnostic> {
        let Some(word) = &stage.platform else { return Ok(scope.platform.clone()) };
        let expanded = scope.expand_global(word)?;
        if expanded.text.is_empty() {
            let message = format!("platform `{}` is empty after expansion", word.value);
            let unset = expanded.unset.iter().find_map(|name| similar(name, scope.globals.names()));
            return Err(Diagnostic::error(word.span, Code::InvalidPlatform, message).suggesting(unset));
        }
        expanded.text.parse().map_err(|error: containr_oci::PlatformError| {
            Diagnostic::error(word.span, Code::InvalidPlatform, error.to_string())
        })
    }

    /// Returns the position of a target.
    pub(crate) fn target(&self, name: Option<&str>) -> Result<usize, Diagnostic> {
        let Some(name) = name else {
            return self
                .links
                .len()
                .checked_sub(1)
                .ok_or_else(|| Diagnostic::error(Span::default(), Code::NoStages, "the Dockerfile has no stage"));
        };
        let lower = name.to_lowercase();
        self.names.get(lower.as_str()).copied().ok_or_else(|| {
            let message = format!("target stage `{name}` is not defined");
            Diagnostic::error(Span::default(), Code::UnknownTarget, message)
                .suggesting(similar(&lower, self.names.keys().copied()))
        })
    }

    /// Finds what is wrong with the sources of all stages, needed or not.
    ///
    /// That a stage comes too late matters only where it is needed.
    pub(crate) fn check(&self, scope: &Scope<'a>, diagnostics: &mut Vec<Diagnostic>) {
        for (index, link) in self.links.iter().enumerate().filter(|(_, link)| !link.replaced) {
            let errors = onbuild::own(link.stage).flat_map(|todo| self.sources(scope, index, &todo));
            diagnostics.extend(errors.filter_map(Result::err).filter(|error| error.code != Code::ForwardReference));
        }
    }

    /// Finds the stages that a target needs and the images whose configs are still unknown.
    pub(crate) fn reach(&self, scope: &Scope<'a>, target: usize, diagnostics: &mut Vec<Diagnostic>) -> Reached<'a> {
        let mut reached = Reached::default();
        let mut open = vec![target];
        while let Some(index) = open.pop() {
            if reached.todos.contains_key(&index) {
                continue;
            }
            let link = &self.links[index];
            self.note(scope, &mut reached, &link.base, &Spanned::new(link.base_name.clone(), link.stage.base.span));
            open.extend(position(&link.base));
            let todos = self.todos(scope, index, diagnostics);
            for todo in &todos {
                for source in self.sources(scope, index, todo) {
                    match source {
                        Ok((place, name)) => {
                            self.note(scope, &mut reached, &place, &name);
                            open.extend(position(&place));
                        }
                        Err(error) => diagnostics.push(error),
                    }
                }
            }
            reached.todos.insert(index, todos);
        }
        reached
    }

    /// Notes an image whose config is unknown.
    fn note(&self, scope: &Scope<'a>, reached: &mut Reached<'a>, place: &Place, name: &Spanned<String>) {
        let Place::Image(key) = place else { return };
        if scope.input.bases.contains_key(key) {
            return;
        }
        let similar = similar(&name.value, self.names.keys().copied()).map(str::to_owned);
        let need = Need { key: key.clone(), name: name.value.clone(), span: name.span, similar };
        let earliest = reached.needs.entry(key.clone()).or_insert_with(|| need.clone());
        if need.span < earliest.span {
            *earliest = need;
        }
    }

    /// Returns the instructions of a stage, triggers first.
    fn todos(&self, scope: &Scope<'a>, index: usize, diagnostics: &mut Vec<Diagnostic>) -> Vec<Todo<'a>> {
        let link = &self.links[index];
        if link.replaced {
            return Vec::new();
        }
        let mut todos = match &link.base {
            Place::Image(key) => scope
                .input
                .bases
                .get(key)
                .map_or_else(Vec::new, |base| onbuild::of_image(base, link.stage.from.span, diagnostics)),
            Place::Stage(base) if !self.links[*base].replaced => {
                onbuild::of_stage(self.links[*base].stage, &self.links[*base].label)
            }
            Place::Stage(_) | Place::Scratch | Place::Directory(_) => Vec::new(),
        };
        todos.extend(onbuild::own(link.stage));
        todos
    }

    /// Returns the places that an instruction reads, with their names.
    fn sources(
        &self,
        scope: &Scope<'a>,
        at: usize,
        todo: &Todo<'a>,
    ) -> Vec<Result<(Place, Spanned<String>), Diagnostic>> {
        let named =
            |place: Place, from: &Spanned<String>| (place, Spanned::new(from.value.clone(), todo.place(from.span)));
        match &todo.instruction.kind {
            Kind::Copy(copy) => {
                let from = copy.from.iter();
                from.map(|from| self.copy_source(scope, at, todo, from).map(|place| named(place, from))).collect()
            }
            Kind::Run(run) => {
                let options = run.mounts.iter().flat_map(|mount| &mount.options);
                options
                    .filter(|option| option.key == MountKey::From)
                    .filter_map(|option| {
                        Some(Spanned::new(option.value.clone().filter(|value| !value.is_empty())?, option.text.span))
                    })
                    .map(|from| self.mount_source(scope, at, todo, &from).map(|place| named(place, &from)))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns what `COPY --from` names: a stage by number or name, else a context or an image.
    pub(crate) fn copy_source(
        &self,
        scope: &Scope<'a>,
        at: usize,
        todo: &Todo<'a>,
        from: &Spanned<String>,
    ) -> Result<Place, Diagnostic> {
        let span = todo.place(from.span);
        let expanded = expand_word(&from.value, scope.escape, &NoVariables)
            .map_err(|error| Diagnostic::error(span, Code::Expansion, error.to_string()))?;
        if expanded.text != from.value {
            let message = "variables are not expanded in `--from`; name a stage instead: `FROM image AS name`";
            return Err(Diagnostic::error(span, Code::VariableNotAllowed, message));
        }
        match from.value.parse::<i64>() {
            Ok(number) => match usize::try_from(number) {
                Ok(index) if index < self.links.len() => self.earlier(at, index, todo, from),
                _ => Err(Diagnostic::error(span, Code::InvalidStageIndex, format!("invalid stage index {number}"))),
            },
            Err(_) => self.mount_source(scope, at, todo, from),
        }
    }

    /// Returns what `from` of a mount names: a stage by name, else a context or an image.
    pub(crate) fn mount_source(
        &self,
        scope: &Scope<'a>,
        at: usize,
        todo: &Todo<'a>,
        from: &Spanned<String>,
    ) -> Result<Place, Diagnostic> {
        let span = todo.place(from.span);
        if let Some(index) = self.names.get(from.value.to_lowercase().as_str()) {
            return self.earlier(at, *index, todo, from);
        }
        Scope::place(contexts::locate(scope.input.contexts, &from.value, scope.platform), scope.platform, span)
            .map_err(|error| error.suggesting(similar(&from.value, self.names.keys().copied())))
    }

    /// Checks that a stage comes before the one that reads it.
    fn earlier(&self, at: usize, index: usize, todo: &Todo<'a>, from: &Spanned<String>) -> Result<Place, Diagnostic> {
        if index < at {
            return Ok(Place::Stage(index));
        }
        let (this, other) = (&self.links[at].label, &from.value);
        let span = todo.place(from.span);
        Err(if index == at {
            Diagnostic::error(span, Code::Cycle, format!("stage `{this}` cannot copy from itself"))
        } else if self.reads(index, at) {
            Diagnostic::error(span, Code::Cycle, format!("stages `{this}` and `{other}` need each other"))
        } else {
            let message = format!("stage `{other}` must be defined before stage `{this}`, which reads it");
            Diagnostic::error(span, Code::ForwardReference, message)
        })
    }

    /// Returns whether one stage needs another, through others too.
    fn reads(&self, from: usize, wanted: usize) -> bool {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(index) = open.pop() {
            if index == wanted {
                return true;
            }
            if !seen.insert(index) {
                continue;
            }
            let link = &self.links[index];
            open.extend(position(&link.base));
            let copies = link.stage.instructions.iter().filter_map(|instruction| match &instruction.kind {
                Kind::Copy(copy) => copy.from.as_ref(),
                _ => None,
            });
            let by_name = |from: &Spanned<String>| self.names.get(from.value.to_lowercase().as_str()).copied();
            open.extend(copies.filter_map(|from| {
                from.value.parse().ok().filter(|index| *index < self.links.len()).or_else(|| by_name(from))
            }));
        }
        false
    }
}

fn position(place: &Place) -> Option<usize> {
    match place {
        Place::Stage(index) => Some(*index),
        Place::Scratch | Place::Directory(_) | Place::Image(_) => None,
    }
}
