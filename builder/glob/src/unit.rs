//! What patterns and names are made of: characters, and bytes that are no part of one.

/// A character, or a byte that is no part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A character.
    Character(char),
    /// A byte that is not UTF-8.
    Byte(u8),
}

impl Unit {
    /// Returns what Go takes the unit for: stray bytes count as the replacement character.
    pub fn character(self) -> char {
        match self {
            Self::Character(character) => character,
            Self::Byte(_) => char::REPLACEMENT_CHARACTER,
        }
    }
}

/// Splits bytes into characters and stray bytes.
pub fn units(bytes: &[u8]) -> impl Iterator<Item = Unit> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let stray = chunk.invalid().iter().map(|byte| Unit::Byte(*byte));
        chunk.valid().chars().map(Unit::Character).chain(stray)
    })
}
