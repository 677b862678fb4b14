//! Content digests: the name of a blob is the hash of its bytes.

use std::fmt;
use std::str::FromStr;

use sha2::Digest as _;

/// A hash algorithm that OCI registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// SHA-256, the default everywhere.
    Sha256,
    /// SHA-512, allowed by the specification and rare.
    Sha512,
}

impl Algorithm {
    /// Returns the registered name, for example `sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn length_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// The digest of some bytes, shown as `sha256:HEX`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    bytes: [u8; 64],
}

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest: expected sha256: or sha512: and lower-case hexadecimal")]
pub struct DigestError(pub String);

impl Digest {
    /// Returns the SHA-256 digest of `data`.
    pub fn of(data: &[u8]) -> Self {
        Self::from_sha256(sha2::Sha256::digest(data).into())
    }

    /// Wraps 32 bytes that a SHA-256 hasher gave.
    pub fn from_sha256(hash: [u8; 32]) -> Self {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&hash);
        Self { algorithm: Algorithm::Sha256, bytes }
    }

    /// Returns the algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the hash itself: 32 or 64 bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.length_bytes()]
    }

    /// Returns the hash in lower-case hexadecimal, without the algorithm.
    pub fn hex(&self) -> String {
        let mut text = String::with_capacity(self.bytes().len() * 2);
        for byte in self.bytes() {
            text.push(char::from_digit(u32::from(byte >> 4), 16).expect("a nibble is below 16"));
            text.push(char::from_digit(u32::from(byte & 15), 16).expect("a nibble is below 16"));
        }
        text
    }

    /// Returns the first 12 hexadecimal digits, as docker shows ids.
    pub fn short(&self) -> String {
        self.hex()[..12].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let fail = || DigestError(text.to_owned());
        let (name, hex) = text.split_once(':').ok_or_else(fail)?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(fail()),
        };
        if hex.len() != algorithm.length_bytes() * 2 {
            return Err(fail());
        }
        let mut bytes = [0; 64];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let nibble = |c: u8| match c {
                b'0'..=b'9' => Some(c - b'0'),
                b'a'..=b'f' => Some(c - b'a' + 10),
                _ => None,
            };
            *byte = nibble(pair[0]).ok_or_else(fail)? << 4 | nibble(pair[1]).ok_or_else(fail)?;
        }
        Ok(Self { algorithm, bytes })
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Computes a digest piece by piece.
#[derive(Debug, Clone)]
pub struct Hasher(State);

#[derive(Debug, Clone)]
enum State {
    Sha256(sha2::Sha256),
    Sha512(Box<sha2::Sha512>),
}

impl Hasher {
    /// Returns a SHA-256 hasher that has seen nothing.
    pub fn sha256() -> Self {
        Self::new(Algorithm::Sha256)
    }

    /// Returns a hasher of the given algorithm that has seen nothing.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => State::Sha512(Box::default()),
        })
    }

    /// Takes the next piece.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Sha256(hasher) => hasher.update(data),
            State::Sha512(hasher) => hasher.update(data),
        }
    }

    /// Returns the digest of all pieces.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(hasher) => Digest::from_sha256(hasher.finalize().into()),
            State::Sha512(hasher) => Digest { algorithm: Algorithm::Sha512, bytes: hasher.finalize().into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn empty_input_has_the_known_digest() {
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
        assert_eq!(Hasher::sha256().finish(), EMPTY.parse().unwrap());
    }

    #[test]
    fn upper_case_short_and_unknown_texts_are_refused() {
        for text in [EMPTY.to_uppercase().as_str(), "sha256:00", "md5:d41d8cd98f00b204e9800998ecf8427e", ""] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn sha512_round_trips() {
        let mut hasher = Hasher::new(Algorithm::Sha512);
        hasher.update(b"abc");
        let digest = hasher.finish();
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!(digest.hex().starts_with("ddaf35a1"));
    }
}
