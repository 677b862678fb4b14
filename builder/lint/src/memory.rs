//! Remembers values by the texts that they were made from; what was not asked for lately is forgotten.

use std::collections::HashMap;

/// Holds values by text, in two generations: the memory is bounded, and forgetting costs nothing.
#[derive(Debug)]
pub(crate) struct Memory<V> {
    young: Generation<V>,
    old: Generation<V>,
    limit: usize,
}

#[derive(Debug)]
struct Generation<V> {
    values: HashMap<Box<str>, V>,
    bytes: usize,
}

impl<V> Default for Generation<V> {
    fn default() -> Self {
        Self { values: HashMap::new(), bytes: 0 }
    }
}

impl<V: Clone> Memory<V> {
    /// Returns an empty memory; each generation ends with the value that takes it over `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { young: Generation::default(), old: Generation::default(), limit }
    }

    /// Returns what is remembered of a text, and remembers it for longer; `size` says how many bytes a value has.
    pub(crate) fn get(&mut self, text: &str, size: impl FnOnce(&V) -> usize) -> Option<V> {
        if let Some(known) = self.young.values.get(text) {
            return Some(known.clone());
        }
        let (text, value) = self.old.values.remove_entry(text)?;
        self.insert(text, value.clone(), size(&value));
        Some(value)
    }

    /// Remembers a value of so many bytes.
    pub(crate) fn keep(&mut self, text: &str, value: V, size: usize) {
        self.insert(text.into(), value, size);
    }

    fn insert(&mut self, text: Box<str>, value: V, size: usize) {
        if self.young.bytes > self.limit {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.bytes += text.len() + size;
        self.young.values.insert(text, value);
    }

    /// Returns the bytes of all texts and values.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.young.bytes + self.old.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn what_is_asked_for_stays() {
        let mut memory = Memory::new(100);
        memory.keep("often", 1, 0);
        for index in 0..100 {
            memory.keep(&format!("seldom {index}"), index, 10);
            assert_eq!(memory.get("often", |_| 0), Some(1), "{index}");
        }
        assert_eq!(memory.get("seldom 0", |_| 10), None);
        assert!(memory.bytes() < 300);
    }
}
