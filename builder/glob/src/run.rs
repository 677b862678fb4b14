//! Walks a name with the set of tokens that may take its next character.

use crate::compile::Token;
use crate::{Unit, units};

/// Returns whether the tokens take the whole name.
pub(crate) fn matches(tokens: &[Token], name: &[u8]) -> bool {
    let (mut states, mut next) = (States::new(tokens.len()), States::new(tokens.len()));
    states.enter(tokens, 0);
    for unit in units(name) {
        next.clear();
        for (index, token) in tokens.iter().enumerate() {
            states.step(tokens, (index, token), unit, &mut next);
        }
        if next.is_empty() {
            return false;
        }
        std::mem::swap(&mut states, &mut next);
    }
    states.at[tokens.len()]
}

/// The tokens that may take the next character.
struct States {
    at: Vec<bool>,
    /// Tokens of whole components that have taken characters and wait for their slash.
    inside: Vec<bool>,
}

impl States {
    fn new(tokens: usize) -> Self {
        Self { at: vec![false; tokens + 1], inside: vec![false; tokens + 1] }
    }

    fn clear(&mut self) {
        self.at.fill(false);
        self.inside.fill(false);
    }

    fn is_empty(&self) -> bool {
        !self.at.contains(&true) && !self.inside.contains(&true)
    }

    /// Reaches a token, and all behind it while a token may also take nothing.
    fn enter(&mut self, tokens: &[Token], mut index: usize) {
        // What is reached already has reached what is behind it.
        while !self.at[index] {
            self.at[index] = true;
            match tokens.get(index) {
                Some(Token::Star | Token::Rest | Token::Components) => index += 1,
                _ => return,
            }
        }
    }

    fn step(&self, tokens: &[Token], (index, token): (usize, &Token), unit: Unit, next: &mut Self) {
        let live = self.at[index];
        let slash = unit == Unit::Character('/');
        match token {
            Token::Components if live || self.inside[index] => {
                next.inside[index] = true;
                if slash {
                    next.enter(tokens, index + 1);
                }
            }
            Token::Literal(literal) if live && *literal == unit => next.enter(tokens, index + 1),
            Token::One if live && !slash => next.enter(tokens, index + 1),
            Token::Star if live && !slash => next.enter(tokens, index),
            Token::Rest if live => next.enter(tokens, index),
            Token::Class { negated, ranges } if live => {
                let inside = ranges.iter().any(|range| range.contains(&unit.character()));
                if inside != *negated {
                    next.enter(tokens, index + 1);
                }
            }
            _ => {}
        }
    }
}
