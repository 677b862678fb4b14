//! The tokens of a text in one flat list, read from the green tree without building cursors.

use containr_dockerfile::{Language, Parsed, Span, SyntaxKind};
use rowan::{GreenNodeData, Language as _, NodeOrToken};

/// Is a token of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: SyntaxKind,
    /// Where it stands.
    pub span: Span,
    /// The number of the outermost instruction that it is part of, counted over the file from 0.
    pub instruction: Option<u32>,
    /// The number of instructions around it: 2 and more inside of an ONBUILD.
    pub depth: u8,
}

/// Lists the tokens of a file in order; joined they are the text.
pub(crate) fn tokens(parsed: &Parsed) -> Vec<Token> {
    let tree = parsed.tree();
    let mut reader = Reader { tokens: Vec::new(), at: 0, instructions: 0, depth: 0 };
    reader.node(&tree.green());
    reader.tokens
}

struct Reader {
    tokens: Vec<Token>,
    at: u32,
    instructions: u32,
    depth: u8,
}

impl Reader {
    fn node(&mut self, node: &GreenNodeData) {
        let is_instruction = Language::kind_from_raw(node.kind()) == SyntaxKind::Instruction;
        self.depth += u8::from(is_instruction);
        for child in node.children() {
            match child {
                NodeOrToken::Node(node) => self.node(node),
                NodeOrToken::Token(token) => {
                    let end = self.at + u32::from(token.text_len());
                    self.tokens.push(Token {
                        kind: Language::kind_from_raw(token.kind()),
                        span: Span::new(self.at, end),
                        instruction: (self.depth > 0).then_some(self.instructions),
                        depth: self.depth,
                    });
                    self.at = end;
                }
            }
        }
        if is_instruction {
            self.depth -= 1;
            self.instructions += u32::from(self.depth == 0);
        }
    }
}
