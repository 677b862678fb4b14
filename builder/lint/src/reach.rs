//! Which stages a stage needs.

use std::collections::BTreeMap;

use containr_dockerfile::Parsed;
use containr_dockerfile::syntax::{Copy, Instruction, Kind, MountKey};

use crate::stages::Stages;

/// Tells for each stage whether the target needs it; the target itself is needed.
pub(crate) fn reached(parsed: &Parsed, target: usize) -> Vec<bool> {
    let edges = edges(parsed, &Stages::new(parsed).parents);
    let mut reached = vec![false; edges.len()];
    let mut open = vec![target];
    while let Some(index) = open.pop() {
        if !std::mem::replace(&mut reached[index], true) {
            open.extend(&edges[index]);
        }
    }
    reached
}

/// Returns for each stage the earlier stages that it uses directly.
fn edges(parsed: &Parsed, parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut edges = Vec::with_capacity(parents.len());
    for (index, stage) in parsed.syntax().stages.iter().enumerate() {
        let used = stage.instructions.iter().flat_map(uses);
        let known = used.filter_map(|name| names.get(name.to_lowercase().as_str()).copied().or(name.parse().ok()));
        edges.push(known.filter(|target| *target < index).chain(parents[index]).collect());
        names.extend(stage.name.as_ref().map(|name| (name.value.as_str(), index)));
    }
    edges
}

/// Returns the stages or images that an instruction copies or mounts from.
fn uses(instruction: &Instruction) -> Vec<&str> {
    match &instruction.kind {
        Kind::Copy(Copy { from: Some(from), .. }) => vec![&from.value],
        Kind::Run(run) => {
            let options = run.mounts.iter().flat_map(|mount| &mount.options);
            options.filter(|option| option.key == MountKey::From).filter_map(|option| option.value.as_deref()).collect()
        }
        _ => Vec::new(),
    }
}
