//! Finds the definitions of variables, their values, and which of them define one variable.

use containr_dockerfile::syntax::{ArgDeclaration, Kind, Pair};
use containr_dockerfile::{Parsed, Span};
use containr_lint::{Stages, Variables};

use super::{Definition, DefinitionKind, Model, Scope};

/// Lists the definitions in the order of the text, each with its value.
pub(super) fn definitions(parsed: &Parsed, stages: &Stages<'_>) -> Vec<Definition> {
    let mut found = Vec::new();
    for instruction in &parsed.syntax().global_args {
        if let Kind::Arg(arguments) = &instruction.kind {
            found.extend(arguments.iter().map(|one| {
                let value = stages.globals.get(&one.name.value).cloned();
                of_argument(one, Scope::Global, instruction.span, value)
            }));
        }
    }
    stages.walk(parsed, |stage, instruction, variables| {
        let scope = Scope::Stage(stage);
        match &instruction.kind {
            Kind::Env(pairs) => {
                found.extend(pairs.iter().map(|pair| of_pair(pair, scope, instruction.span, stages, variables)));
            }
            Kind::Arg(arguments) => found.extend(arguments.iter().map(|one| {
                let value = match &one.default {
                    Some(default) => expand(stages, &default.value, variables),
                    None => stages.globals.get(&one.name.value).cloned(),
                };
                of_argument(one, scope, instruction.span, value)
            })),
            _ => {}
        }
    });
    found
}

fn expand(stages: &Stages<'_>, word: &str, variables: &Variables) -> Option<String> {
    stages.expand(word, variables).ok().map(|one| one.text)
}

fn of_pair(pair: &Pair, scope: Scope, at: Span, stages: &Stages<'_>, variables: &Variables) -> Definition {
    Definition {
        name: pair.name.clone(),
        kind: DefinitionKind::Env,
        scope,
        instruction: at,
        written: Some(pair.value.clone()),
        value: expand(stages, &pair.value.value, variables),
        variable: 0,
    }
}

fn of_argument(argument: &ArgDeclaration, scope: Scope, at: Span, value: Option<String>) -> Definition {
    Definition {
        name: argument.name.clone(),
        kind: DefinitionKind::Arg,
        scope,
        instruction: at,
        written: argument.default.clone(),
        value,
        variable: 0,
    }
}

/// Numbers the variables: a definition belongs to that which held before it, a stage's ARG to the global ones.
pub(super) fn group(model: &mut Model) {
    let mut sets: Vec<usize> = (0..model.definitions.len()).collect();
    for index in 0..model.definitions.len() {
        let definition = &model.definitions[index];
        let before = match definition.scope {
            Scope::Global => model.definition_of(&definition.name.value, None, definition.instruction.start),
            Scope::Stage(stage) => {
                model.definition_of(&definition.name.value, Some(stage), definition.instruction.start)
            }
        };
        let is_stage_argument = definition.kind == DefinitionKind::Arg && definition.scope != Scope::Global;
        let global = is_stage_argument.then(|| model.definition_of(&definition.name.value, None, u32::MAX));
        for other in [before, global.flatten()].into_iter().flatten() {
            join(&mut sets, index, other);
        }
    }
    for index in 0..model.definitions.len() {
        model.definitions[index].variable = root(&mut sets, index);
    }
}

fn root(sets: &mut [usize], index: usize) -> usize {
    let mut at = index;
    while sets[at] != at {
        sets[at] = sets[sets[at]];
        at = sets[at];
    }
    at
}

fn join(sets: &mut [usize], left: usize, right: usize) {
    let (left, right) = (root(sets, left), root(sets, right));
    sets[left.max(right)] = left.min(right);
}
