//! What is known of stages without looking at images: where they come from and which variables they have.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use containr_dockerfile::Parsed;
use containr_dockerfile::expand::{ExpandError, Expanded, expand_word};
use containr_dockerfile::syntax::{Instruction, Kind};

use crate::surroundings::{ImageFacts, Surroundings};

/// Are the stages of a file with the global arguments before them.
#[derive(Debug)]
pub struct Stages<'a> {
    escape: char,
    /// The predefined arguments and the global ones that have a value.
    pub globals: BTreeMap<String, String>,
    /// The global arguments that are declared, with or without a value.
    pub declared: BTreeSet<&'a str>,
    /// Whether the defaults of all global arguments could be expanded.
    pub globals_are_sound: bool,
    /// For each stage the earlier stage that it continues.
    pub parents: Vec<Option<usize>>,
    surroundings: Option<&'a Surroundings>,
}

/// Are the variables of a stage at some instruction.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// Those with a value.
    pub values: BTreeMap<String, String>,
    /// Those that ARG declares, with or without a value.
    pub declared: BTreeSet<String>,
}

/// The arguments that a build for the usual platform has without being told.
const PREDEFINED: [(&str, &str); 9] = [
    ("BUILDPLATFORM", "linux/amd64"),
    ("BUILDOS", "linux"),
    ("BUILDARCH", "amd64"),
    ("BUILDVARIANT", ""),
    ("TARGETPLATFORM", "linux/amd64"),
    ("TARGETOS", "linux"),
    ("TARGETARCH", "amd64"),
    ("TARGETVARIANT", ""),
    ("TARGETSTAGE", "default"),
];

/// Bounds the words that are looked through for what could be expanded.
const LONGEST_PLAIN: usize = 4096;

/// What BuildKit assumes where an image says nothing.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl<'a> Stages<'a> {
    /// Reads the global arguments and the stages of a file.
    pub fn new(parsed: &'a Parsed) -> Self {
        Self::read(parsed, None)
    }

    /// Reads them with what is known beside the file.
    pub(crate) fn knowing(parsed: &'a Parsed, surroundings: &'a Surroundings) -> Self {
        Self::read(parsed, Some(surroundings))
    }

    fn read(parsed: &'a Parsed, surroundings: Option<&'a Surroundings>) -> Self {
        let predefined = PREDEFINED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut stages = Self {
            escape: parsed.escape().char(),
            globals: predefined.collect(),
            declared: BTreeSet::new(),
            globals_are_sound: true,
            parents: Vec::new(),
            surroundings,
        };
        let syntax = parsed.syntax();
        syntax.global_args.iter().for_each(|one| stages.declare(one));
        let mut names = BTreeMap::new();
        for (index, stage) in syntax.stages.iter().enumerate() {
            let base = stages.expand_global(&stage.base.value).map(|base| base.text.to_lowercase());
            stages.parents.push(base.ok().and_then(|base| names.get(&base).copied()));
            if let Some(name) = &stage.name {
                names.insert(name.value.clone(), index);
            }
        }
        stages
    }

    fn declare(&mut self, instruction: &'a Instruction) {
        let Kind::Arg(arguments) = &instruction.kind else { return };
        for argument in arguments {
            self.declared.insert(&argument.name.value);
            let Some(default) = &argument.default else { continue };
            match self.expand_global(&default.value) {
                Ok(value) => drop(self.globals.insert(argument.name.value.clone(), value.text)),
                Err(_) => self.globals_are_sound = false,
            }
        }
    }

    /// Returns what is known of the image that a base names, every argument at its default.
    pub(crate) fn facts(&self, base: &str) -> Option<&'a ImageFacts> {
        let images = &self.surroundings.filter(|known| !known.images.is_empty())?.images;
        images.get(&self.expand_global(base).ok()?.text)
    }

    /// Expands a word with the global arguments.
    ///
    /// Errors as [`expand_word`] does.
    pub fn expand_global(&self, word: &str) -> Result<Expanded, ExpandError> {
        self.expand_in(word, &self.globals)
    }

    /// Expands a word with the variables of a stage.
    ///
    /// Errors as [`expand_word`] does.
    pub fn expand(&self, word: &str, variables: &Variables) -> Result<Expanded, ExpandError> {
        self.expand_in(word, &variables.values)
    }

    fn expand_in(&self, word: &str, variables: &BTreeMap<String, String>) -> Result<Expanded, ExpandError> {
        if self.is_plain(word) {
            let words = word.split_whitespace().map(str::to_owned).collect();
            return Ok(Expanded { text: word.to_owned(), words, ..Expanded::default() });
        }
        expand_word(word, self.escape, variables)
    }

    /// Tells whether a word is what it expands to, as most words are.
    pub(crate) fn is_plain(&self, word: &str) -> bool {
        const BYTE_ORDER_MARK: u8 = 0xef;
        let special =
            |byte: u8| matches!(byte, b'$' | b'\'' | b'"' | b'<' | BYTE_ORDER_MARK) || char::from(byte) == self.escape;
        word.len() < LONGEST_PLAIN && !word.bytes().any(special)
    }

    /// Returns what a word expands to; nothing where it cannot be read.
    fn text<'w>(&self, word: &'w str, variables: &Variables) -> Option<Cow<'w, str>> {
        if self.is_plain(word) {
            return Some(Cow::Borrowed(word));
        }
        self.expand(word, variables).ok().map(|one| Cow::Owned(one.text))
    }

    /// Walks all stages in order; `visit` sees each instruction with the variables before it.
    pub fn walk<'b>(&self, parsed: &'b Parsed, mut visit: impl FnMut(usize, &'b Instruction, &Variables)) {
        let mut ends: Vec<Variables> = Vec::new();
        for (index, stage) in parsed.syntax().stages.iter().enumerate() {
            let mut variables = match self.parents[index] {
                Some(parent) => ends[parent].clone(),
                None => Variables::of_image(self.facts(&stage.base.value)),
            };
            for instruction in &stage.instructions {
                visit(index, instruction, &variables);
                self.apply(instruction, &mut variables);
            }
            ends.push(variables);
        }
    }

    fn apply(&self, instruction: &Instruction, variables: &mut Variables) {
        match &instruction.kind {
            Kind::Env(pairs) => {
                let expanded: Vec<(String, String)> = pairs
                    .iter()
                    .filter_map(|pair| {
                        let name = self.text(&pair.name.value, variables)?;
                        let value = self.text(&pair.value.value, variables);
                        Some((name.into_owned(), value.unwrap_or_default().into_owned()))
                    })
                    .collect();
                variables.values.extend(expanded);
            }
            Kind::Arg(arguments) => {
                for argument in arguments {
                    let name = &argument.name.value;
                    let value = match &argument.default {
                        Some(default) => self.text(&default.value, variables).map(Cow::into_owned),
                        None => self.globals.get(name).cloned(),
                    };
                    variables.declared.insert(name.clone());
                    variables.values.extend(value.map(|value| (name.clone(), value)));
                }
            }
            _ => {}
        }
    }
}

impl Variables {
    /// Returns the variables of an image, as far as they are known.
    fn of_image(facts: Option<&ImageFacts>) -> Self {
        let mut values = BTreeMap::from([("PATH".to_owned(), PATH.to_owned())]);
        values.extend(facts.into_iter().flat_map(|facts| facts.variables.clone()));
        Self { values, declared: BTreeSet::new() }
    }

    /// Tells whether a name is declared or has a value.
    pub fn knows(&self, name: &str) -> bool {
        self.declared.contains(name) || self.values.contains_key(name)
    }
}
