//! Damages sound input, the same way in each run.

/// Gives the damaged forms of a sound text, one after the other, without end.
#[derive(Clone, Debug)]
pub struct Damaged<'a> {
    sound: &'a [u8],
    pieces: &'a [&'a str],
    state: u64,
}

/// Returns damaged forms of `sound`: parts of it are lost, doubled, swapped for bytes that mean something, or for one of
/// the `pieces`.
pub fn damaged<'a>(sound: &'a str, pieces: &'a [&'a str]) -> Damaged<'a> {
    Damaged { sound: sound.as_bytes(), pieces, state: 7 }
}

impl Damaged<'_> {
    /// Returns a number below `limit`, which looks random.
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).expect("the number has 31 bits") % limit.max(1)
    }
}

impl Iterator for Damaged<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut text = self.sound.to_vec();
        for _ in 0..=self.below(4) {
            let from = self.below(text.len());
            let to = (from + self.below(20)).min(text.len());
            let piece = text[from..to].to_vec();
            let at = self.below(text.len());
            match self.below(5) {
                0 => drop(text.drain(from..to)),
                1 => drop(text.splice(at..at, piece)),
                2 if !self.pieces.is_empty() => {
                    let piece = self.pieces[self.below(self.pieces.len())];
                    drop(text.splice(from..to, piece.bytes()));
                }
                _ if !text.is_empty() => text[at] = b"\"'\\[]{}=:,.#/@ \n\0\xc3\xff0"[self.below(20)],
                _ => {}
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_gives_the_same_and_most_forms_differ() {
        let all: Vec<_> = damaged("a = [1, 2]\n", &["b"]).take(100).collect();
        assert_eq!(all, damaged("a = [1, 2]\n", &["b"]).take(100).collect::<Vec<_>>());
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert!(distinct.len() > 80, "{}", distinct.len());
        assert_eq!(damaged("", &[]).take(100).count(), 100);
    }
}
