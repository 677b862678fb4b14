//! One request of every kind about the one document.

use serde_json::{Value, json};

use crate::answer::Text;
use crate::choice::Choice;
use crate::editor::URI;

/// The methods; those that resolve or follow an answer are asked with the answer.
pub const METHODS: [&str; 24] = [
    "textDocument/diagnostic",
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/codeAction",
    "textDocument/semanticTokens/full",
    "textDocument/semanticTokens/range",
    "textDocument/signatureHelp",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/selectionRange",
    "textDocument/formatting",
    "textDocument/rangeFormatting",
    "textDocument/onTypeFormatting",
    "textDocument/documentLink",
    "textDocument/prepareCallHierarchy",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "textDocument/semanticTokens/full/delta",
    "workspace/symbol",
];

/// How many decisions a request takes.
pub const DECISIONS: usize = 4;

/// Returns the parameters of a request.
pub fn params(method: &str, text: &Text<'_>, choice: &Choice<'_>) -> Value {
    let (position, range) = (text.position(choice), text.range(choice));
    let document = json!({ "uri": URI });
    let name = ["base", "A", "a b", "", "scratch", "\u{e4}", "$x"][choice.below(0, 7)];
    let query = ["", "a", "FROM", "\u{1f433}"][choice.below(0, 4)];
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    match method {
        "workspace/symbol" => json!({ "query": query }),
        "textDocument/semanticTokens/full/delta" => json!({ "textDocument": document, "previousResultId": "1" }),
        "textDocument/semanticTokens/range" | "textDocument/inlayHint" => {
            json!({ "textDocument": document, "range": range })
        }
        "textDocument/rangeFormatting" => json!({ "textDocument": document, "range": range, "options": options }),
        "textDocument/formatting" => json!({ "textDocument": document, "options": options }),
        "textDocument/onTypeFormatting" => {
            json!({ "textDocument": document, "position": position, "ch": "\n", "options": options })
        }
        "textDocument/codeAction" => {
            json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } })
        }
        "textDocument/rename" => json!({ "textDocument": document, "position": position, "newName": name }),
        "textDocument/references" => {
            json!({ "textDocument": document, "position": position, "context": { "includeDeclaration": true } })
        }
        "textDocument/selectionRange" => json!({ "textDocument": document, "positions": [position] }),
        _ => json!({ "textDocument": document, "position": position }),
    }
}

/// Returns what may be asked about an answer.
pub fn next(method: &str, answer: &Value, choice: &Choice<'_>) -> Vec<(&'static str, Value)> {
    let one = |list: &Value| {
        let list = list.as_array().filter(|list| !list.is_empty())?;
        Some(list[choice.below(0, list.len())].clone())
    };
    match method {
        "textDocument/completion" => {
            one(&answer["items"]).map(|item| ("completionItem/resolve", item)).into_iter().collect()
        }
        "textDocument/documentLink" => one(answer).map(|link| ("documentLink/resolve", link)).into_iter().collect(),
        "textDocument/codeAction" => one(answer).map(|action| ("codeAction/resolve", action)).into_iter().collect(),
        "textDocument/prepareCallHierarchy" => {
            let Some(item) = one(answer) else { return Vec::new() };
            let params = json!({ "item": item });
            vec![("callHierarchy/incomingCalls", params.clone()), ("callHierarchy/outgoingCalls", params)]
        }
        _ => Vec::new(),
    }
}
