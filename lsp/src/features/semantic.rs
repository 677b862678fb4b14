//! Semantic tokens: what each stretch of the text is, the shell inside of RUN and heredocs included.

mod encode;
mod paint;

use containr_dockerfile::Span;
use tower_lsp_server::ls_types::{
    SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokensEdit, SemanticTokensLegend,
};

use crate::documents::Document;
use encode::Encoder;
use paint::Painter;
pub(crate) use paint::is_script;

/// Is what a stretch of text is; the value is the place in the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Paint {
    Keyword,
    Comment,
    String,
    Variable,
    Parameter,
    Operator,
    Namespace,
    Property,
    Number,
    Function,
    Macro,
    Type,
    EnumMember,
}

/// Says more about a stretch of text; the values are bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Nuance {
    None = 0,
    Declaration = 1,
    Deprecated = 2,
}

/// Returns the names of the kinds and modifiers that tokens refer to by number.
pub(crate) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: vec![
            SemanticTokenType::KEYWORD,
            SemanticTokenType::COMMENT,
            SemanticTokenType::STRING,
            SemanticTokenType::VARIABLE,
            SemanticTokenType::PARAMETER,
            SemanticTokenType::OPERATOR,
            SemanticTokenType::NAMESPACE,
            SemanticTokenType::PROPERTY,
            SemanticTokenType::NUMBER,
            SemanticTokenType::FUNCTION,
            SemanticTokenType::MACRO,
            SemanticTokenType::TYPE,
            SemanticTokenType::ENUM_MEMBER,
        ],
        token_modifiers: vec![SemanticTokenModifier::DECLARATION, SemanticTokenModifier::DEPRECATED],
    }
}

/// Returns the tokens of a whole document.
pub(crate) fn full(document: &Document) -> Vec<SemanticToken> {
    within(document, Span::new(0, document.text().len() as u32))
}

/// Returns the tokens of the instructions and comments that a part of the document touches.
pub(crate) fn within(document: &Document, span: Span) -> Vec<SemanticToken> {
    let mut encoder = Encoder::new(document);
    Painter::new(document).paint(span, &mut |span, paint, nuance| encoder.add(span, paint, nuance));
    encoder.finish()
}

/// Returns the edit that turns old tokens into new ones: one stretch, since typing changes one place.
pub(crate) fn delta(old: &[SemanticToken], new: &[SemanticToken]) -> Vec<SemanticTokensEdit> {
    let front = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let back = old[front..].iter().rev().zip(new[front..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (removed, added) = (old.len() - front - back, &new[front..new.len() - back]);
    if removed == 0 && added.is_empty() {
        return Vec::new();
    }
    // A token is five numbers.
    let edit = SemanticTokensEdit {
        start: 5 * front as u32,
        delete_count: 5 * removed as u32,
        data: (!added.is_empty()).then(|| added.to_vec()),
    };
    vec![edit]
}

#[cfg(test)]
mod tests;
