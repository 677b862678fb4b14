//! Tests of cursor, with the place of the cursor marked in the text.

use containr_dockerfile::parse;

use super::*;

/// Reads a text with one `|` and tells what stands there.
fn at(marked: &str) -> Cursor {
    let offset = marked.find('|').unwrap();
    Cursor::at(&parse(marked.replacen('|', "", 1).as_bytes()), offset as u32)
}

fn argument(marked: &str) -> Argument {
    match at(marked) {
        Cursor::Argument(argument) => argument,
        other => panic!("{marked:?}: {other:?}"),
    }
}

fn words(marked: &str) -> (String, Vec<String>, String) {
    let found = argument(marked);
    (found.keyword, found.words.into_iter().map(|word| word.text).collect(), found.current.text)
}

#[test]
fn a_keyword_is_cut_at_the_cursor() {
    for (marked, text) in
        [("|", ""), ("FR|OM a", "FR"), ("FROM a\n  co|\n", "co"), ("FROM|", "FROM"), ("FROM a\n|", "")]
    {
        assert!(matches!(at(marked), Cursor::Keyword(word) if word.text == text), "{marked:?}: {:?}", at(marked));
    }
}

#[test]
fn in_front_of_a_keyword_the_word_is_empty_and_there() {
    let Cursor::Keyword(word) = at("FROM a\n|RUN b\n") else { panic!("no keyword") };
    assert_eq!((word.text.as_str(), word.span), ("", Span::new(7, 7)));
}

#[test]
fn words_are_split_up_to_the_cursor() {
    let strings = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(words("copy --from=a b| c"), ("COPY".into(), strings(&["--from=a"]), "b".into()));
    assert_eq!(words("FROM a\nCOPY a |"), ("COPY".into(), strings(&["a"]), String::new()));
    assert_eq!(words("ENV a=\"b c|\""), ("ENV".into(), strings(&[]), "a=\"b c".into()));
    assert_eq!(words("FROM |"), ("FROM".into(), strings(&[]), String::new()));
    assert_eq!(words("ONBUILD COPY a b|"), ("COPY".into(), strings(&["a"]), "b".into()));
}

#[test]
fn continuations_are_joined() {
    let found = argument("FROM a\nCOPY a \\\n  # note\n\n  b| \\\n  c\n");
    assert_eq!((found.words[0].text.as_str(), found.current.text.as_str()), ("a", "b"));
    assert_eq!(found.current.span, Span::new(28, 29));
    let split = argument("FROM a\nCOPY a\\\nb|");
    assert_eq!((split.current.text.as_str(), split.current.whole), ("ab", false));
    assert_eq!(words("FROM a\nRUN a \\\n|").2, "");
    assert_eq!(words("FROM a\r\nCOPY a \\\r\n  b|\r\n").2, "b");
}

#[test]
fn onbuild_keeps_an_instruction() {
    assert!(matches!(at("ONBUILD R|"), Cursor::Trigger(word) if word.text == "R"));
    assert_eq!(at("ONBUILD ONBUILD R|"), Cursor::Body);
}

#[test]
fn comments_and_bodies_are_no_arguments() {
    let is_comment = |marked: &str| matches!(at(marked), Cursor::Comment(_));
    assert!(is_comment("FROM a\n# no|te\n"));
    assert!(is_comment("FROM a\nRUN a \\\n # no|te\n  b\n"));
    assert!(matches!(at("# syntax=a\n# esc|\n"), Cursor::Comment(comment) if comment.directive));
    assert!(matches!(at("FROM a\n# esc|\n"), Cursor::Comment(comment) if !comment.directive));
    assert_eq!(at("FROM a\nRUN <<EOF\nab|c\nEOF\n"), Cursor::Body);
    assert_eq!(at("FROM a\nRUN <<EOF\nabc\nEO|F\n"), Cursor::Body);
    assert!(matches!(at("FROM a\nRUN <<EOF\nabc\nEOF\nRU|"), Cursor::Keyword(_)));
}

#[test]
fn quotes_are_known() {
    assert_eq!(argument("ENV a='b|'").quote, Quote::Single);
    assert_eq!(argument("ENV a=\"b|\"").quote, Quote::Double);
    assert_eq!(argument("ENV a='b' c=\"\\\"|").quote, Quote::Double);
    assert_eq!(argument("ENV a='b'|").quote, Quote::None);
}

#[test]
fn no_offset_is_out_of_reach() {
    let text = "FROM ä\nRUN <<EOF\né\nEOF\n# ü\r\nCOPY \\\n";
    let parsed = parse(text.as_bytes());
    for offset in 0..text.len() as u32 + 5 {
        let _ = Cursor::at(&parsed, offset);
    }
}
