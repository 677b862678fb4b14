//! The documentation of a candidate, looked up when the client shows it.

use containr_lint::find;
use tower_lsp_server::ls_types::{CompletionItem, Documentation, MarkupContent, MarkupKind};

use crate::reference::{directive, instruction, mount_key, mount_type, signal, variable};

/// Adds the documentation to an item that completion returned; any other item stays as it is.
pub(crate) fn resolve(mut item: CompletionItem) -> CompletionItem {
    let topic = item.data.as_ref().and_then(|data| data.get("topic")?.as_str());
    if let Some(value) = topic.and_then(text) {
        item.documentation = Some(Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
    }
    item
}

/// Returns the text of a topic, in Markdown.
fn text(topic: &str) -> Option<String> {
    let parts: Vec<&str> = topic.splitn(3, ':').collect();
    match parts.as_slice() {
        ["instruction", name] => Some(instruction(name)?.markdown()),
        ["snippet", name, index] => {
            let one = instruction(name)?;
            let snippet = one.snippets.get(index.parse::<usize>().ok()?)?;
            Some(format!("{}\n\n{}", snippet.text, one.text))
        }
        ["flag", name, flag] => Some(instruction(name)?.flag(flag)?.markdown()),
        ["mount", kind] => Some(mount_type(kind)?.markdown()),
        ["mount", kind, key] => Some(mount_key(mount_type(kind)?, key)?.markdown()),
        ["variable", name] => Some(variable(name)?.markdown()),
        ["directive", name] => Some(directive(name)?.markdown()),
        ["signal", name] => signal(name).map(|one| format!("**{}** ({})\n\n{}", one.name, one.number, one.text)),
        ["rule", name] => find(name).map(rule),
        _ => None,
    }
}

/// Returns the page of a rule, in Markdown.
pub(crate) fn rule(rule: &containr_lint::Rule) -> String {
    let aliases: Vec<String> = rule.aliases.iter().map(|alias| format!("`{}`", alias.id)).collect();
    let also = if aliases.is_empty() { String::new() } else { format!("\n\nAlso known as {}.", aliases.join(", ")) };
    format!("**{}** ({})\n\n{}\n\n{}{also}", rule.id, rule.severity, rule.summary, rule.page)
}
