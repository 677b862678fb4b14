//! What `--chmod` means: octal numbers and the symbolic language of chmod(1) with an empty umask.

/// A parsed `--chmod`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chmod {
    /// All entries, also directories made on the way, get these bits.
    Octal(u32),
    /// Changes to the bits of what is copied.
    Symbolic(Vec<Change>),
}

/// One operator with its bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    who: u32,
    operator: u8,
    bits: Bits,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Bits {
    /// `rwst`, and whether `X` is among them.
    Fixed { bits: u32, conditional_execute: bool },
    /// The present bits of the user, the group or the others, as a triple.
    CopyOf(u32),
}

/// Whether the entry whose mode changes is a directory, for `X`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Directory,
    Other,
}

const USER: u32 = 0o4700;
const GROUP: u32 = 0o2070;
const OTHERS: u32 = 0o0007;
const STICKY: u32 = 0o1000;

impl Chmod {
    /// Reads the value; nothing when it is neither octal up to 7777 nor symbolic.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777).map(Self::Octal);
        }
        let mut changes = Vec::new();
        for clause in text.split(',') {
            parse_clause(clause.as_bytes(), &mut changes)?;
        }
        Some(Self::Symbolic(changes))
    }

    /// Returns the new bits of an entry that had `mode`.
    pub(crate) fn apply(&self, mode: u32, subject: Subject) -> u32 {
        match self {
            Self::Octal(octal) => *octal,
            Self::Symbolic(changes) => changes.iter().fold(mode, |mode, change| change.apply(mode, subject)),
        }
    }

    /// Returns the bits for directories made on the way to the destination: symbolic changes do not touch them.
    pub(crate) fn for_new_directories(&self) -> Option<u32> {
        match self {
            Self::Octal(octal) => Some(*octal),
            Self::Symbolic(_) => None,
        }
    }
}

fn parse_clause(clause: &[u8], changes: &mut Vec<Change>) -> Option<()> {
    let operators = clause.iter().position(|b| matches!(b, b'+' | b'-' | b'='))?;
    let mut who = 0;
    for letter in &clause[..operators] {
        who |= match letter {
            b'u' => USER,
            b'g' => GROUP,
            b'o' => OTHERS,
            b'a' => USER | GROUP | OTHERS,
            _ => return None,
        };
    }
    // Without a letter all are meant, and the sticky bit too.
    let who = if who == 0 { USER | GROUP | OTHERS | STICKY } else { who };
    let mut rest = &clause[operators..];
    while let Some((operator, tail)) = rest.split_first() {
        let end = tail.iter().position(|b| matches!(b, b'+' | b'-' | b'=')).unwrap_or(tail.len());
        changes.push(Change { who, operator: *operator, bits: parse_bits(&tail[..end])? });
        rest = &tail[end..];
    }
    Some(())
}

fn parse_bits(letters: &[u8]) -> Option<Bits> {
    match letters {
        b"u" => return Some(Bits::CopyOf(6)),
        b"g" => return Some(Bits::CopyOf(3)),
        b"o" => return Some(Bits::CopyOf(0)),
        _ => {}
    }
    let (mut bits, mut conditional_execute) = (0, false);
    for letter in letters {
        bits |= match letter {
            b'r' => 0o444,
            b'w' => 0o222,
            b'x' => 0o111,
            b's' => 0o6000,
            b't' => STICKY,
            b'X' => {
                conditional_execute = true;
                0
            }
            _ => return None,
        };
    }
    Some(Bits::Fixed { bits, conditional_execute })
}

impl Change {
    fn apply(&self, mode: u32, subject: Subject) -> u32 {
        let wanted = match self.bits {
            Bits::CopyOf(shift) => {
                let triple = mode >> shift & 0o7;
                triple << 6 | triple << 3 | triple
            }
            Bits::Fixed { bits, conditional_execute } => {
                let execute = conditional_execute && (subject == Subject::Directory || mode & 0o111 != 0);
                bits | if execute { 0o111 } else { 0 }
            }
        };
        // `t` is nobody's own letter: `u+t` sets it as chmod(1) does.
        let selected = wanted & (self.who | STICKY);
        match self.operator {
            b'+' => mode | selected,
            b'-' => mode & !selected,
            _ => mode & !self.who | selected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str, mode: u32) -> u32 {
        Chmod::parse(text).unwrap().apply(mode, Subject::Other)
    }

    #[test]
    fn octal_replaces_all_bits() {
        assert_eq!(file("4755", 0o644), 0o4755);
        assert_eq!(file("0", 0o644), 0);
        for bad in ["", "8", "10000", "u", "u=q", "0x1", "z+x", "+x,"] {
            assert_eq!(Chmod::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn equals_clears_what_the_letter_owns() {
        assert_eq!(file("u=rwX,go=rX", 0o4755), 0o755);
        assert_eq!(file("u=rwX,go=rX", 0o4644), 0o644);
        assert_eq!(file("g=", 0o2775), 0o705);
    }

    #[test]
    fn plus_and_minus_change_single_bits() {
        assert_eq!(file("+x", 0o644), 0o755);
        assert_eq!(file("a-w", 0o666), 0o444);
        assert_eq!(file("u+s,g+s,+t", 0o755), 0o7755);
        assert_eq!(file("u+x-w", 0o644), 0o544);
    }

    #[test]
    fn bits_are_copied_between_classes() {
        assert_eq!(file("g=u,o=g", 0o740), 0o777);
        assert_eq!(file("o-g", 0o754), 0o750);
    }

    #[test]
    fn conditional_execute_looks_at_the_entry() {
        let mode = Chmod::parse("a+X").unwrap();
        assert_eq!(mode.apply(0o644, Subject::Directory), 0o755);
        assert_eq!(mode.apply(0o644, Subject::Other), 0o644);
        assert_eq!(mode.apply(0o744, Subject::Other), 0o755);
    }
}
