//! Simple commands: their words, and what options they carry.

/// Is a word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// The text without quotes and escapes; variables stand as `${name}`.
    pub(crate) text: String,
    /// Whether the text holds no substitution and no pattern.
    pub(crate) literal: bool,
    /// Byte offsets in the shell text.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Word {
    /// Tells whether the word looks like an option.
    pub(crate) fn is_flag(&self) -> bool {
        self.text.starts_with('-') && !matches!(self.text.as_str(), "-" | "--")
    }

    /// Returns the option names of the word: one long name, or each letter of a cluster.
    pub(crate) fn flag_names(&self) -> Vec<&str> {
        if !self.is_flag() {
            return Vec::new();
        }
        match self.text.strip_prefix("--") {
            Some(long) => vec![long.split('=').next().unwrap_or(long)],
            None => self.text[1..].split("").filter(|letter| !letter.is_empty()).collect(),
        }
    }
}

/// Is a simple command: its words after assignments and redirections are taken out, at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// The words in order, the command's own first.
    pub(crate) words: Vec<Word>,
}

impl Command {
    /// Returns the name, where it is known; `exec`, `command`, `builtin` and `busybox` stand for what they run.
    pub(crate) fn name(&self) -> Option<&str> {
        let first = self.words.first().filter(|word| word.literal)?;
        let named = match first.text.as_str() {
            "busybox" | "builtin" | "command" | "run" => self.words.get(1).filter(|word| !word.text.starts_with('-')),
            "exec" => self.words[1..].iter().find(|word| !word.text.starts_with('-')),
            _ => None,
        };
        match named {
            Some(word) => word.literal.then_some(word.text.as_str()),
            None => Some(&first.text),
        }
    }

    /// Tells whether the command's name is `name`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name() == Some(name)
    }

    /// Returns the words after the first.
    pub(crate) fn args(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Tells whether an argument is `text`.
    pub(crate) fn has_arg(&self, text: &str) -> bool {
        self.args().iter().any(|word| word.text == text)
    }

    /// Tells whether the command has one of these names and one of these arguments.
    pub(crate) fn runs(&self, names: &[&str], args: &[&str]) -> bool {
        self.name().is_some_and(|name| names.contains(&name)) && args.iter().any(|arg| self.has_arg(arg))
    }

    /// Returns the first of these arguments.
    pub(crate) fn arg(&self, args: &[&str]) -> Option<&Word> {
        self.args().iter().find(|word| args.contains(&word.text.as_str()))
    }

    /// Returns how often an option stands, by its long name or its letter.
    pub(crate) fn count_flag(&self, flag: &str) -> usize {
        self.args().iter().flat_map(Word::flag_names).filter(|name| *name == flag).count()
    }

    /// Tells whether one of these options stands.
    pub(crate) fn has_flag(&self, flags: &[&str]) -> bool {
        self.args().iter().flat_map(Word::flag_names).any(|name| flags.contains(&name))
    }

    /// Returns the words that directly follow one of these options, which are their values.
    pub(crate) fn flag_values(&self, flags: &[&str]) -> Vec<&Word> {
        let pairs = self.args().windows(2);
        let values = pairs.filter(|pair| pair[0].flag_names().iter().any(|name| flags.contains(name)));
        values.map(|pair| &pair[1]).collect()
    }

    /// Returns the arguments that are no options, without the values of these options.
    pub(crate) fn plain_args(&self, valued: &[&str]) -> Vec<&Word> {
        let mut kept = Vec::new();
        let mut skip = false;
        for word in self.args() {
            if !std::mem::take(&mut skip) && !word.is_flag() {
                kept.push(word);
            }
            skip = !word.text.contains('=') && word.flag_names().iter().any(|name| valued.contains(name));
        }
        kept
    }

    /// Tells whether these words stand side by side among the arguments.
    pub(crate) fn has_run(&self, texts: &[&str]) -> bool {
        self.args().windows(texts.len()).any(|run| run.iter().zip(texts).all(|(word, text)| word.text == *text))
    }
}
