//! The graph of stages as a call hierarchy: a stage calls those that it continues and copies from.

use serde_json::json;
use tower_lsp_server::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, Position, SymbolKind,
};

use crate::documents::Document;
use crate::model::Reference;
use crate::symbol::Symbol;

/// Returns the stage at a position: the one that is named there, or the one whose FROM it is.
pub(crate) fn prepare(document: &Document, position: Position) -> Option<CallHierarchyItem> {
    let offset = document.offset(position);
    if let Some((Symbol::Stage(stage), _)) = Symbol::at(document, offset) {
        return Some(item(document, stage));
    }
    let stage = document.model().stage_at(offset)?;
    (offset <= document.model().stages[stage].from.end).then(|| item(document, stage))
}

/// Returns the stages that take something from a stage.
pub(crate) fn incoming(document: &Document, item_of: &CallHierarchyItem) -> Vec<CallHierarchyIncomingCall> {
    let Some(stage) = number(document, item_of) else { return Vec::new() };
    let calls = document.model().references.iter().filter(|one| one.target == Some(stage));
    let grouped = grouped(calls, |one| one.stage);
    grouped
        .into_iter()
        .map(|(from, calls)| CallHierarchyIncomingCall {
            from: item(document, from),
            from_ranges: calls.into_iter().map(|one| document.range(one.name.span)).collect(),
        })
        .collect()
}

/// Returns the stages that a stage takes something from.
pub(crate) fn outgoing(document: &Document, item_of: &CallHierarchyItem) -> Vec<CallHierarchyOutgoingCall> {
    let Some(stage) = number(document, item_of) else { return Vec::new() };
    let calls = document.model().references.iter().filter(|one| one.stage == stage && one.target.is_some());
    let grouped = grouped(calls, |one| one.target.unwrap_or(stage));
    grouped
        .into_iter()
        .map(|(to, calls)| CallHierarchyOutgoingCall {
            to: item(document, to),
            from_ranges: calls.into_iter().map(|one| document.range(one.name.span)).collect(),
        })
        .collect()
}

fn grouped<'a>(
    calls: impl Iterator<Item = &'a Reference>,
    key: impl Fn(&Reference) -> usize,
) -> std::collections::BTreeMap<usize, Vec<&'a Reference>> {
    let mut groups: std::collections::BTreeMap<usize, Vec<&Reference>> = std::collections::BTreeMap::new();
    for call in calls {
        groups.entry(key(call)).or_default().push(call);
    }
    groups
}

/// Returns the number of an item's stage; the text may have changed since the item was made.
fn number(document: &Document, item: &CallHierarchyItem) -> Option<usize> {
    let number = item.data.as_ref()?.get("stage")?.as_u64()?;
    usize::try_from(number).ok().filter(|number| *number < document.model().stages.len())
}

fn item(document: &Document, stage: usize) -> CallHierarchyItem {
    let info = &document.model().stages[stage];
    let name = info.name.as_ref().unwrap_or(&info.base);
    CallHierarchyItem {
        name: if name.value.is_empty() { format!("stage {stage}") } else { name.value.clone() },
        kind: SymbolKind::CLASS,
        tags: None,
        detail: Some(format!("FROM {}", info.base.value)),
        uri: document.uri().clone(),
        range: document.range(info.span),
        selection_range: document.range(name.span),
        data: Some(json!({ "stage": stage })),
    }
}
