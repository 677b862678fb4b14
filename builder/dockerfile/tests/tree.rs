//! The shape of the lossless tree.

use containr_dockerfile::SyntaxNode;
use containr_dockerfile::parse;

/// Returns the tree of a text, one node or token a line.
fn tree(text: &str) -> String {
    let mut lines = String::new();
    write(&parse(text.as_bytes()).tree(), 0, &mut lines);
    lines
}

fn write(node: &SyntaxNode, depth: usize, lines: &mut String) {
    lines.push_str(&format!("{:depth$}{:?}\n", "", node.kind()));
    for child in node.children_with_tokens() {
        match child {
            rowan::NodeOrToken::Node(node) => write(&node, depth + 1, lines),
            rowan::NodeOrToken::Token(token) => {
                lines.push_str(&format!("{:width$}{:?} {:?}\n", "", token.kind(), token.text(), width = depth + 1));
            }
        }
    }
}

#[test]
fn directives_comments_and_flags() {
    let wanted = r##"File
 ByteOrderMark "\u{feff}"
 Directive "# escape=`"
 Newline "\n"
 Whitespace " "
 Comment "# note"
 Newline "\r\n\n"
 Instruction
  Keyword "FROM"
  Whitespace " "
  Flag "--platform=p"
  Whitespace " "
  Word "a"
"##;
    assert_eq!(tree("\u{feff}# escape=`\n # note\r\n\nFROM --platform=p a"), wanted);
}

#[test]
fn a_word_over_a_continuation() {
    let wanted = r##"File
 Instruction
  Keyword "ENV"
  Whitespace " "
  Name "a"
  Equals "="
  Value "b"
  Continuation "\\ \n"
  Whitespace "  "
  Comment "# note"
  Newline "\n"
  Value "c"
  Whitespace " "
 Newline "\n"
"##;
    assert_eq!(tree("ENV a=b\\ \n  # note\nc \n"), wanted);
}

#[test]
fn a_trigger_with_an_array() {
    let wanted = r##"File
 Instruction
  Keyword "ONBUILD"
  Whitespace " "
  Continuation "\\\n"
  Instruction
   Keyword "CMD"
   Whitespace " "
   JsonArray
    LeftBracket "["
    String "\"a]\""
    Comma ","
    Whitespace " "
    String "\"b\""
    RightBracket "]"
 Newline "\n"
"##;
    assert_eq!(tree("ONBUILD \\\nCMD [\"a]\", \"b\"]\n"), wanted);
}

#[test]
fn heredocs_after_their_line() {
    let wanted = r##"File
 Instruction
  Keyword "RUN"
  Whitespace " "
  FlagsEnd "--"
  Whitespace " "
  Text "cat <<A <<-B"
  Newline "\n"
  Heredoc
   HeredocBody "1\n"
   HeredocEnd "A"
  Newline "\n"
  Heredoc
   Whitespace "\t"
   HeredocEnd "B"
 Newline "\n"
"##;
    assert_eq!(tree("RUN -- cat <<A <<-B\n1\nA\n\tB\n"), wanted);
}
