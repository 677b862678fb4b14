//! Takes decisions out of the input, so that the fuzzer can steer them.

/// Are the decisions of one input; where the bytes end all further ones are 0.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    bytes: &'a [u8],
}

impl<'a> Choice<'a> {
    /// Splits an input into a text and the bytes that decide.
    ///
    /// Those are the last ones, so that any text is a good seed.
    pub fn split(input: &'a [u8], count: usize) -> (&'a [u8], Self) {
        let (text, bytes) = input.split_at(input.len().saturating_sub(count));
        (text, Self { bytes })
    }

    /// Returns the decision at an index, from 0 up to and without `count`.
    pub fn below(&self, index: usize, count: usize) -> usize {
        usize::from(self.bytes.get(index).copied().unwrap_or_default()) % count
    }

    /// Returns the decisions from an index on.
    pub fn from(&self, index: usize) -> Self {
        Self { bytes: self.bytes.get(index..).unwrap_or_default() }
    }
}
