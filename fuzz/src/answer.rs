//! What must hold for every answer: places lie inside of the text, edits do not overlap, outer ranges hold inner ones.

use containr_lsp::Encoding;
use serde_json::{Map, Value, json};

use crate::choice::Choice;
use crate::editor::URI;

/// A line and a column of the protocol.
type Place = (u64, u64);

/// Is a text with the lengths of its lines, found by other means than the server's.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    text: &'a str,
    lengths: Vec<u64>,
}

impl<'a> Text<'a> {
    /// Measures a text.
    pub fn new(text: &'a str, encoding: Encoding) -> Self {
        let mut lengths = vec![0];
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            if char == '\n' || (char == '\r' && chars.peek() != Some(&'\n')) {
                lengths.push(0);
            } else if char != '\r' {
                *lengths.last_mut().expect("there is a line") += match encoding {
                    Encoding::Utf8 => char.len_utf8(),
                    Encoding::Utf16 => char.len_utf16(),
                    Encoding::Utf32 => 1,
                } as u64;
            }
        }
        Self { text, lengths }
    }

    /// Returns a position, now and then one that lies outside.
    pub fn position(&self, choice: &Choice<'_>) -> Value {
        let line = choice.below(0, self.lengths.len() + 1);
        let length = self.lengths.get(line).copied().unwrap_or(3);
        let character = choice.below(1, usize::try_from(length).unwrap_or(0) + 2);
        json!({ "line": line, "character": character })
    }

    /// Returns a range; its ends are in any order only where it lies outside.
    pub fn range(&self, choice: &Choice<'_>) -> Value {
        let (one, other) = (self.position(choice), self.position(&choice.from(2)));
        let (start, end) = if place(&one) <= place(&other) { (one, other) } else { (other, one) };
        json!({ "start": start, "end": end })
    }

    /// Checks the answer to a question.
    pub fn check(&self, method: &str, answer: &Value) {
        if let Some(error) = answer.get("error") {
            // A name can be refused; nothing else is an error.
            let may_refuse = matches!(method, "textDocument/rename" | "textDocument/prepareRename");
            assert!(may_refuse && error["code"] == -32803, "{method}: {error}");
            return;
        }
        let result = &answer["result"];
        match method {
            "textDocument/semanticTokens/full" | "textDocument/semanticTokens/range" => self.tokens(&result["data"]),
            "textDocument/foldingRange" => self.folds(result),
            _ => self.walk(method, result),
        }
    }

    fn walk(&self, method: &str, value: &Value) {
        match value {
            Value::Array(values) => {
                check_edits(values);
                values.iter().for_each(|one| self.walk(method, one));
            }
            Value::Object(fields) => self.object(method, fields),
            _ => {}
        }
    }

    fn object(&self, method: &str, fields: &Map<String, Value>) {
        let elsewhere = |key: &str| fields.get(key).is_some_and(|uri| uri.is_string() && uri != URI);
        if elsewhere("uri") || elsewhere("targetUri") {
            return;
        }
        if let (Some(start), Some(end)) = (fields.get("start"), fields.get("end")) {
            self.inside(method, start);
            self.inside(method, end);
            assert!(place(start) <= place(end), "{method}: {fields:?}");
        }
        if let Some(position) = fields.get("position") {
            self.inside(method, position);
        }
        let inner = fields.get("selectionRange").map(|inner| (inner, &fields["range"]));
        let outer = fields.get("parent").map(|parent| (&fields["range"], &parent["range"]));
        for (inner, outer) in inner.into_iter().chain(outer) {
            assert!(holds(outer, inner), "{method}: {inner} is not in {outer}: {:?}", self.text);
        }
        for (key, value) in fields {
            if key != "data" {
                self.walk(method, value);
            }
        }
    }

    fn inside(&self, method: &str, position: &Value) {
        let (line, character) = place(position);
        let length = self.lengths.get(usize::try_from(line).expect("a line is small"));
        assert!(length.is_some_and(|length| character <= *length), "{method}: {position} in {:?}", self.text);
    }

    fn tokens(&self, data: &Value) {
        let (mut line, mut start, mut end) = (0, 0, 0);
        for token in data.as_array().into_iter().flatten().collect::<Vec<_>>().chunks(5) {
            let number = |index: usize| token[index].as_u64().expect("tokens are numbers");
            if number(0) > 0 {
                (line, start, end) = (line + number(0), 0, 0);
            }
            start += number(1);
            assert!(start >= end, "tokens overlap on line {line}: {:?}", self.text);
            end = start + number(2);
            assert!(number(2) > 0, "an empty token on line {line}: {:?}", self.text);
            self.inside("token", &json!({ "line": line, "character": end }));
        }
    }

    fn folds(&self, result: &Value) {
        for fold in result.as_array().into_iter().flatten() {
            let (start, end) = (&fold["startLine"], &fold["endLine"]);
            assert!(start.as_u64() <= end.as_u64(), "{fold}: {:?}", self.text);
            assert!(end.as_u64() < Some(self.lengths.len() as u64), "{fold}: {:?}", self.text);
        }
    }
}

/// Checks that the edits of a list do not overlap.
fn check_edits(values: &[Value]) {
    if !values.iter().all(|one| one.get("newText").is_some() && one.get("range").is_some()) {
        return;
    }
    let mut ranges: Vec<(Place, Place)> =
        values.iter().map(|one| (place(&one["range"]["start"]), place(&one["range"]["end"]))).collect();
    ranges.sort_unstable();
    assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "edits overlap: {values:?}");
}

fn holds(outer: &Value, inner: &Value) -> bool {
    place(&outer["start"]) <= place(&inner["start"]) && place(&inner["end"]) <= place(&outer["end"])
}

fn place(position: &Value) -> Place {
    let number = |key: &str| position[key].as_u64().unwrap_or_else(|| panic!("{position} is a position"));
    (number("line"), number("character"))
}
