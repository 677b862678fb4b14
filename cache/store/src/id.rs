//! The names of steps, results and deltas.

use std::fmt;

/// The identity of a step: a digest over what it does and all of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepKey(pub [u8; 32]);

/// The identity of what a step gave: a digest over its parent's id and the listing of its delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResultId(pub [u8; 32]);

/// The name of a delta's directory: 32 lower-case hexadecimal digits, drawn at random.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeltaId(String);

/// Says that a text is no delta's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a delta: expected 32 lower-case hexadecimal digits")]
pub struct IdError(pub String);

impl DeltaId {
    /// Returns a name that no other delta has.
    ///
    /// # Errors
    /// Only when the kernel has no random bytes to give.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0_u8; 16];
        let mut filled = 0;
        while filled < bytes.len() {
            filled += rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty())?;
        }
        Ok(Self(Hex(&bytes).to_string()))
    }

    /// Takes a name that was read from disk or from the index.
    ///
    /// # Errors
    /// Anything but 32 lower-case hexadecimal digits is refused, so that no name leads out of its directory.
    pub fn new(name: &str) -> Result<Self, IdError> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if name.len() == 32 && name.bytes().all(digit) {
            Ok(Self(name.to_owned()))
        } else {
            Err(IdError(name.to_owned()))
        }
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Display for ResultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Display for DeltaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows bytes in lower-case hexadecimal.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delta_names_cannot_leave_their_directory() {
        for name in ["", "..", "../0123456789012345678901234567890", "0123456789ABCDEF0123456789ABCDEF"] {
            assert_eq!(DeltaId::new(name), Err(IdError(name.to_owned())));
        }
    }

    #[test]
    fn random_names_are_valid_and_differ() {
        let (one, two) = (DeltaId::random().unwrap(), DeltaId::random().unwrap());
        assert_ne!(one, two);
        assert_eq!(DeltaId::new(one.as_str()), Ok(one));
    }

    #[test]
    fn keys_are_shown_in_hexadecimal() {
        assert_eq!(StepKey([0x0f; 32]).to_string(), "0f".repeat(32));
    }
}
