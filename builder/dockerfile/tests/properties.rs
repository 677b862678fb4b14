//! What holds for every text, whatever it says.

#[path = "format/meaning.rs"]
mod meaning;

use containr_dockerfile::syntax::{Escape, Instruction, Kind};
use containr_dockerfile::{
    Parsed, Severity, Span, SyntaxKind, buildkit_ast, detect_syntax, format, formatted, parse, parse_trigger,
};
use proptest::prelude::*;

/// Pieces that meet every branch of the parser when they are strung together.
const PIECES: &[&str] = &[
    "FROM",
    "RUN",
    "COPY",
    "ADD",
    "ENV",
    "ARG",
    "LABEL",
    "CMD",
    "ENTRYPOINT",
    "SHELL",
    "WORKDIR",
    "USER",
    "EXPOSE",
    "VOLUME",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "ONBUILD",
    "MAINTAINER",
    "run",
    "NOPE",
    " ",
    "  ",
    "\t",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\\\n",
    "\\ \r\n",
    "`\n",
    "\\",
    "`",
    "#",
    "# note\n",
    "#!",
    "# escape=`\n",
    "# escape=\\\n",
    "# syntax=a b\n",
    "# check=skip=all;error=true\n",
    "\u{feff}",
    "\u{a0}",
    "ü",
    "a",
    "b=c",
    "=",
    "as",
    "--",
    "--from=x",
    "--mount=type=cache,target=/a",
    "--chown=",
    "--link",
    "--link=no",
    "--exclude=a",
    "--interval=1m",
    "--platform=$P",
    "--mount=\"type=bind\"",
    "CMD",
    "NONE",
    "[",
    "]",
    "\"",
    "\"a\"",
    ",",
    "'",
    "1",
    "{",
    "}",
    "\\u00e9",
    "\\n",
    "<<",
    "<<EOF",
    "<<-EOF",
    "<<'EOF'",
    "<<\"E O\"",
    "3<<E",
    "EOF",
    "\nEOF\n",
    "\n\tEOF\n",
    "E",
    "$",
    "${",
    "${a:-b}",
    "<",
];

fn dockerfile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        30 => proptest::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn check(text: &[u8]) {
    let parsed = parse(text);
    assert_eq!(parsed.tree().to_string(), parsed.text(), "the tokens joined are the text");
    assert_eq!(parsed.bytes(parsed.span()), text, "the text is the file");
    let whole = parsed.span();
    for remark in parsed.diagnostics() {
        assert!(remark.span.start <= remark.span.end && remark.span.end <= whole.end, "{remark:?}");
    }
    assert!(parsed.diagnostics().is_sorted_by_key(|remark| remark.span), "remarks are in order");
    check_instructions(&parsed);
    let dump = buildkit_ast(&parsed);
    assert!(dump.is_ok() || parsed.has_errors(), "a file without errors has a dump");
    let _ = detect_syntax(text);
    let _ = parse_trigger(&String::from_utf8_lossy(text), Escape::Backslash);
}

fn check_instructions(parsed: &Parsed) {
    let nodes = parsed.tree().children().filter(|node| node.kind() == SyntaxKind::Instruction);
    let spans = nodes.map(|node| Span::new(node.text_range().start().into(), node.text_range().end().into()));
    let instructions: Vec<&Instruction> = parsed.syntax().instructions().collect();
    assert!(spans.eq(instructions.iter().map(|one| one.span)), "each instruction has a node with its span");
    for one in instructions {
        let within = |span: Span| one.span.start <= span.start && span.end <= one.span.end;
        assert!(within(one.keyword.span) && one.flags.iter().all(|flag| within(flag.span)));
        let errors = parsed.diagnostics().iter().filter(|remark| remark.severity == Severity::Error);
        let told = errors.filter(|remark| within(remark.span)).count();
        assert!(one.kind != Kind::Unknown || told > 0, "an instruction without a meaning has an error");
        if told == 0 {
            let word = &parsed.text()[one.keyword.span.range()];
            assert!(word.contains(['\\', '`']) || word == one.keyword.value, "{word}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_kept(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&text);
        meaning::check(&text);
    }

    #[test]
    fn any_pieces_of_dockerfiles_are_kept(text in dockerfile()) {
        check(&text);
        meaning::check(&text);
    }

    #[test]
    fn an_instruction_reads_alike_alone_and_after_others(text in "(RUN|ENV|COPY --link|LABEL) [a-z=\" \\\\$<-]{0,20}") {
        let alone = parse(format!("FROM a\n{text}\n").as_bytes());
        let later = parse(format!("FROM a\nRUN b\n\n{text}\n").as_bytes());
        let original = |parsed: &Parsed| parsed.syntax().instructions().last().map(|one| one.original.clone());
        prop_assert_eq!(original(&alone), original(&later));
        prop_assert_eq!(alone.has_errors(), later.has_errors());
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let repeated = |piece: &str, count: usize| format!("FROM a\n{}", piece.repeat(count)).into_bytes();
    for text in [
        repeated("ONBUILD ", 100_000),
        repeated("\n", 1_000_000),
        repeated("\\\n", 300_000),
        repeated("RUN [[[[[[[[[[", 50_000),
        [b"FROM a\nRUN cat <<E ".to_vec(), "${a:-".repeat(100_000).into_bytes()].concat(),
        [b"FROM a\nCOPY ".to_vec(), "<<E ".repeat(50_000).into_bytes(), b"/d\n".to_vec()].concat(),
        [b"FROM a\nRUN ".to_vec(), "--mount=type=bind ".repeat(50_000).into_bytes()].concat(),
        [b"FROM a\nCMD ".to_vec(), "[".repeat(500_000).into_bytes()].concat(),
        [b"FROM a\nENV ".to_vec(), "a=b ".repeat(100_000).into_bytes()].concat(),
        [
            b"FROM a\nCOPY ".to_vec(),
            "<<E ".repeat(20_000).into_bytes(),
            b"/d\n".to_vec(),
            "E\n".repeat(19_999).into_bytes(),
            "body\n".repeat(100_000).into_bytes(),
            b"E\n".to_vec(),
        ]
        .concat(),
        [
            b"FROM a\nCOPY ".to_vec(),
            "--exclude=a ".repeat(50_000).into_bytes(),
            "--link ".repeat(50_000).into_bytes(),
            b"b /d\n".to_vec(),
        ]
        .concat(),
        [
            b"FROM a\nRUN cat ".to_vec(),
            "<<E ".repeat(20_000).into_bytes(),
            b"\\\n".to_vec(),
            b"# \xff\xff\xff\xff\xff\xff\xff\xff\n".repeat(20_000),
            b"\n".to_vec(),
            "E\n".repeat(20_000).into_bytes(),
        ]
        .concat(),
        repeated("# note\n", 200_000),
        repeated("\r", 1_000_000),
    ] {
        check(&text);
        // What the texts say is longer than they are, since sources with one word share one heredoc.
        assert_eq!(format(&parse(&formatted(&parse(&text)))), []);
    }
}
