//! What is shown as what, and that typing changes little.

use super::*;
use crate::positions::Encoding;

fn document(text: &str) -> Document {
    let uri = "file:///Dockerfile".parse().unwrap();
    Document::new(uri, 1, text.to_owned(), Encoding::Utf16)
}

/// Returns each token as `text:kind` with `+d` for a declaration, in the order of the text.
fn shown(text: &str) -> Vec<String> {
    let document = document(text);
    let legend = legend();
    let (mut line, mut column) = (0, 0);
    full(&document)
        .into_iter()
        .map(|token| {
            column = if token.delta_line == 0 { column + token.delta_start } else { token.delta_start };
            line += token.delta_line;
            let content: Vec<u16> = text.split('\n').nth(line as usize).unwrap().encode_utf16().collect();
            let own = &content[column as usize..(column + token.length) as usize];
            let kind = legend.token_types[token.token_type as usize].as_str();
            let mark = if token.token_modifiers_bitset & 1 == 1 { "+d" } else { "" };
            format!("{}:{kind}{mark}", String::from_utf16(own).unwrap())
        })
        .collect()
}

#[test]
fn stages_and_arguments() {
    assert_eq!(
        shown("# syntax=a\nARG V=1\nFROM debian:$V AS base\nFROM base\nCOPY --from=base /a /b\n"),
        [
            "# syntax=a:macro",
            "ARG:keyword",
            "V:variable+d",
            "=:operator",
            "1:string",
            "FROM:keyword",
            "debian::type",
            "$V:variable",
            "AS:keyword",
            "base:namespace+d",
            "FROM:keyword",
            "base:namespace",
            "COPY:keyword",
            "--from:parameter",
            "=:operator",
            "base:namespace",
            "/a:string",
            "/b:string",
        ]
    );
}

#[test]
fn the_shell_of_a_run_goes_over_lines_and_comments() {
    assert_eq!(
        shown("FROM a\nRUN apt-get update \\\n # why\n && echo \"\u{1f433} $X\"\n")[2..],
        [
            "RUN:keyword",
            "apt-get:function",
            "\\:operator",
            "# why:comment",
            "&&:operator",
            "echo:function",
            "\":string",
            "\u{1f433} :string",
            "$X:variable",
            "\":string",
        ]
    );
}

#[test]
fn heredocs_by_who_reads_them() {
    let script = shown("FROM a\nRUN <<EOF\necho hi\nEOF\n");
    assert_eq!(script[2..], ["RUN:keyword", "<<:operator", "echo:function", "EOF:macro"]);
    let python = shown("FROM a\nRUN python3 <<EOF\nprint(1)\nEOF\n");
    assert_eq!(python[3..], ["python3:function", "<<:operator", "print(1):string", "EOF:macro"]);
    let file = shown("FROM a\nCOPY <<EOF /x\na $B\nEOF\n");
    assert_eq!(file[3..], ["<<EOF:macro", "/x:string", "a :string", "$B:variable", "EOF:macro"]);
}

#[test]
fn a_shell_of_another_grammar_is_left_alone() {
    let text = "FROM a\nSHELL [\"powershell\"]\nRUN Get-Item x\n";
    assert_eq!(shown(text).last().unwrap(), "Get-Item x:string");
}

#[test]
fn a_range_holds_what_the_whole_has_there() {
    let text = "FROM a\nRUN echo 'x\\\ny'\n# c\nENV A=$B\n";
    let document = document(text);
    let whole = full(&document);
    for (start, end) in [(0, 6), (7, 12), (22, 25), (12, text.len() as u32)] {
        let part = within(&document, Span::new(start, end));
        assert!(!part.is_empty() && part.len() <= whole.len());
    }
    assert_eq!(within(&document, Span::new(0, text.len() as u32)), whole);
}

#[test]
fn an_edit_turns_old_tokens_into_new_ones() {
    let old = full(&document("FROM a\nRUN x\nRUN y\n"));
    let new = full(&document("FROM a\nRUN x -z\nRUN y\n"));
    let edits = delta(&old, &new);
    let mut numbers: Vec<[u32; 5]> = old.iter().map(raw).collect();
    for edit in &edits {
        let (start, count) = (edit.start as usize / 5, edit.delete_count as usize / 5);
        numbers.splice(start..start + count, edit.data.iter().flatten().map(raw));
    }
    assert_eq!(numbers, new.iter().map(raw).collect::<Vec<_>>());
    assert!(edits[0].data.as_ref().unwrap().len() < new.len());
    assert!(delta(&new, &new).is_empty());
}

fn raw(token: &SemanticToken) -> [u32; 5] {
    [token.delta_line, token.delta_start, token.length, token.token_type, token.token_modifiers_bitset]
}
