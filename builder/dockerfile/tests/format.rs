//! The style, case by case, and what holds for every text that is formatted.

#[path = "format/meaning.rs"]
mod meaning;

use std::path::{Path, PathBuf};

use containr_dockerfile::{Span, format, format_line_break, format_range, formatted, parse};

use meaning::meaning;

/// Formats a text and checks what holds for every text.
fn check(text: &str) -> String {
    meaning::check(text.as_bytes());
    String::from_utf8(formatted(&parse(text.as_bytes()))).expect("text in, text out")
}

#[track_caller]
fn becomes(text: &str, wanted: &str) {
    assert_eq!(check(text), wanted);
}

#[track_caller]
fn stays(text: &str) {
    becomes(text, text);
}

#[test]
fn keywords_are_written_in_upper_case() {
    becomes(
        "from a as b\nrun x\nhealthcheck --interval=1m cmd x\n",
        "FROM a AS b\nRUN x\nHEALTHCHECK --interval=1m CMD x\n",
    );
    becomes("FROM a\nhealthcheck none\n", "FROM a\nHEALTHCHECK NONE\n");
}

#[test]
fn a_trigger_is_part_of_the_image_and_stays() {
    becomes("FROM a\nonbuild   run  x \n", "FROM a\nONBUILD run  x \n");
    becomes("FROM a\nonbuild  copy  a  b\n\n", "FROM a\nONBUILD copy  a  b\n");
    stays("FROM a\nONBUILD RUN a \\\n  b\n");
}

#[test]
fn words_are_one_blank_apart() {
    becomes("FROM   a\tAS  b\nCOPY  --from=x\ta   b  /c\n", "FROM a AS b\nCOPY --from=x a b /c\n");
    becomes("FROM a\nENV  A=\"x  y\"   B=1\nENV C   x  y\n", "FROM a\nENV A=\"x  y\" B=1\nENV C x  y\n");
    becomes("FROM a\nEXPOSE  1\t 2\nARG  A=1  B\n", "FROM a\nEXPOSE 1 2\nARG A=1 B\n");
}

#[test]
fn lists_are_spaced() {
    becomes("FROM a\nCMD [ \"a\",\"b\" ,  \"c\"  ]\n", "FROM a\nCMD [\"a\", \"b\", \"c\"]\n");
    becomes("FROM a\nENTRYPOINT [ ]\n", "FROM a\nENTRYPOINT []\n");
    becomes("FROM a\nCMD [\"a\",\\\n\"b\"\\\n]\n", "FROM a\nCMD [\"a\", \\\n    \"b\" \\\n    ]\n");
    stays("FROM a\nCMD ['a','b']\n");
}

#[test]
fn continued_lines_are_indented() {
    becomes("FROM a\nENV A=1\\\n B=2 \\  \n\t\tC=3\n", "FROM a\nENV A=1 \\\n    B=2 \\\n    C=3\n");
    becomes("FROM a\nLABEL a=1 \\\n  # why\n\n  b=2\n", "FROM a\nLABEL a=1 \\\n    # why\n    b=2\n");
    becomes("FROM a\nRUN --network=none \\\n  x  y\n", "FROM a\nRUN --network=none \\\n    x  y\n");
    becomes("FROM a\nENV A=1 \\\n\\\n  B=2\n", "FROM a\nENV A=1 \\\n    \\\n    B=2\n");
}

#[test]
fn the_text_of_a_shell_keeps_its_blanks() {
    becomes("FROM a\nRUN  a  && \\ \n  b   \\\n\n # c  \n   d  \n", "FROM a\nRUN a  && \\\n  b   \\\n # c\n   d\n");
    stays("FROM a\nRUN --network=none \\\n  a && \\\n  b\n");
    stays("FROM a\nRUN \\\n  a && \\\n  b\n");
    stays("FROM a\nRUN echo 'a \\\n  b'\n");
    stays("FROM a\nCMD a  b\nWORKDIR /a  b\n");
}

#[test]
fn parts_of_one_word_stay_together() {
    becomes("FROM a\nCOPY a\\  \nb c\n", "FROM a\nCOPY a\\\nb c\n");
    becomes("FROM a\nENV A=\"x \\ \n   y\"  B=1\n", "FROM a\nENV A=\"x \\\n   y\" B=1\n");
}

#[test]
fn heredocs_stay() {
    becomes(
        "from a\nrun  <<EOF  \n  a  \n\n\n\n\tb\nEOF\ncopy  <<-A  <<B   /c\n\ta \n\tA\nB\n",
        "FROM a\nRUN <<EOF\n  a  \n\n\n\n\tb\nEOF\nCOPY <<-A <<B /c\n\ta \n\tA\nB\n",
    );
    stays("FROM a\nRUN <<EOF\nb\n");
    stays("FROM a\nRUN <<EOF");
    becomes("FROM a\nRUN <<EOF\nb\nEOF", "FROM a\nRUN <<EOF\nb\nEOF\n");
}

#[test]
fn the_name_of_a_heredoc_keeps_its_blanks() {
    stays("FROM a\nCOPY <<\"E  O\" /x\nb\nE  O\n");
    stays("FROM a\nRUN cat <<  'E  O'  x\nb\nE  O\n");
}

#[test]
fn lines_begin_at_the_margin_and_end_without_blanks() {
    becomes("  FROM a  \n\t# note \t\n  RUN x\t\n   \n", "FROM a\n# note\nRUN x\n");
}

#[test]
fn at_most_two_empty_lines_stay() {
    becomes("\n\nFROM a\n\nRUN b\n\n\nRUN c\n\n \n\n\nRUN d\n\n", "FROM a\n\nRUN b\n\n\nRUN c\n\n\nRUN d\n");
    becomes("FROM a", "FROM a\n");
    becomes("\n \n", "");
    becomes("\n# only\n\n", "# only\n");
}

#[test]
fn directives_are_written_in_one_way() {
    becomes(
        "#  Syntax = docker/dockerfile:1\n#escape=`\n\n\n\nFROM a\nENV A=1 `\nB=2\n",
        "# syntax=docker/dockerfile:1\n# escape=`\n\n\nFROM a\nENV A=1 `\n    B=2\n",
    );
    becomes("  # check=skip=all  \nFROM a\n", "# check=skip=all\nFROM a\n");
}

#[test]
fn a_comment_does_not_turn_into_a_directive() {
    stays("\n# escape=`\nFROM a\nRUN a \\\n b\n");
    stays("\n#!/bin/x\n# syntax=y\nFROM a\n");
    becomes("\n# note\n# escape=`\nFROM a\n", "# note\n# escape=`\nFROM a\n");
}

#[test]
fn the_first_line_break_holds() {
    becomes(
        "FROM a\r\nRUN b \\\nc\n\nCOPY <<E /\r\nx\ny\r\nE\nCMD d",
        "FROM a\r\nRUN b \\\r\nc\r\n\r\nCOPY <<E /\r\nx\ny\r\nE\r\nCMD d\r\n",
    );
    becomes("FROM a\nRUN b\r\r\nRUN c\r", "FROM a\nRUN b\nRUN c\n");
    becomes(
        "# note \r \nFROM a\nENV A=1 \\\n# note \r \n    B=2\n",
        "# note\nFROM a\nENV A=1 \\\n    # note\n    B=2\n",
    );
}

#[test]
fn what_has_an_error_stays() {
    becomes(
        "from  a\ncopyy  x  y \n  && z\nenv  a  b\ncopy  a\nrun  x",
        "FROM a\ncopyy  x  y \n  && z\nENV a  b\ncopy  a\nRUN x\n".replace("ENV a  b", "ENV a b").as_str(),
    );
}

#[test]
fn an_escape_before_other_white_space_stays() {
    stays("FROM a\nRUN echo \\\u{a0}\n");
    becomes("FROM a\nRUN echo \\\\  \n", "FROM a\nRUN echo \\\\\n");
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    let text = b"from  a\n#  caf\xe9  \nrun  x\n";
    assert_eq!(formatted(&parse(text)), b"FROM a\n#  caf\xe9\nRUN x\n");
    meaning::check(text);
}

#[test]
fn a_byte_order_mark_is_kept() {
    becomes("\u{feff}\n from a", "\u{feff}FROM a\n");
}

#[test]
fn a_range_formats_what_it_touches() {
    let text = "from  a\nrun  b\nrun  c\n";
    let edits = format_range(&parse(text.as_bytes()), Span::new(9, 10));
    let places: Vec<(u32, u32, &str)> =
        edits.iter().map(|edit| (edit.span.start, edit.span.end, edit.text.as_str())).collect();
    assert_eq!(places, [(8, 11, "RUN"), (11, 13, " ")]);
}

#[test]
fn a_line_break_formats_the_line_before() {
    let on = |text: &str, at: u32| -> Vec<(u32, u32, String)> {
        let edits = format_line_break(&parse(text.as_bytes()), at);
        edits.into_iter().map(|edit| (edit.span.start, edit.span.end, edit.text)).collect()
    };
    assert_eq!(on("from a\n", 7), [(0, 4, "FROM".to_owned())]);
    assert_eq!(on("FROM a\n\n\nrun b\n\n", 15), [(9, 12, "RUN".to_owned())]);
    assert_eq!(on("FROM a\nRUN b \\\n", 15), [(15, 15, "    ".to_owned())]);
    assert_eq!(on("FROM a\nRUN b \\\n  c \\\n\nd\n", 21), [(21, 21, "  ".to_owned())]);
    assert_eq!(on("FROM a\nRUN <<E\nx\n\nE\n", 17), []);
    assert_eq!(on("FROM a\nrun <<E\nx\nE\n", 19), [(7, 10, "RUN".to_owned())]);
    assert_eq!(on("FROM a\n", 0), []);
    assert_eq!(on("FROM a\n", 100), []);
}

#[test]
fn real_files_keep_their_meaning() {
    let Some(files) = corpus() else { return };
    assert!(files.len() > 200, "only {} files", files.len());
    let mut changed = 0;
    for file in &files {
        let text = std::fs::read(file).expect("the file can be read");
        meaning::check(&text);
        changed += usize::from(!format(&parse(&text)).is_empty());
        // Half of a file, and a file with its lines in two halves.
        meaning::check(&text[..text.len() / 2]);
        meaning::check(&[&text[text.len() / 3..], &text[..text.len() / 3]].concat());
        meaning::check(&text.iter().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>());
        meaning::check(&String::from_utf8_lossy(&text).replace('\n', "\r\n").into_bytes());
        meaning::check(&String::from_utf8_lossy(&text).replace(' ', "  ").into_bytes());
        meaning::check(&String::from_utf8_lossy(&text).replace('\\', "`").into_bytes());
    }
    assert!(changed > 50, "only {changed} files are not formatted yet");
    assert!(!meaning(&parse(b"FROM a\n")).is_empty());
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn corpus() -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("CONTAINR_CONFORMANCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(folder.join("corpus/dockerfiles")) else {
        assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "{} has no corpus", folder.display());
        eprintln!("skipped: no conformance data");
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    files.sort();
    Some(files)
}
