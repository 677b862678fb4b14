//! Parser directives: comments at the very top that mean something.

/// Is a parser directive.
#[derive(Debug)]
pub struct Directive {
    /// The name.
    pub name: &'static str,
    /// What it does, in Markdown.
    pub text: &'static str,
    /// The values that are usual, each with its meaning.
    pub values: &'static [(&'static str, &'static str)],
}

impl Directive {
    /// Returns the description, in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("```dockerfile\n# {}={}\n```\n\n{}\n", self.name, self.values[0].0, self.text);
        for (value, meaning) in self.values {
            text.push_str(&format!("\n- `{value}`: {meaning}"));
        }
        text
    }
}

/// Returns every directive, the usual one first.
pub fn directives() -> &'static [Directive] {
    DIRECTIVES
}

/// Returns the directive with a name, in any case.
pub fn directive(name: &str) -> Option<&'static Directive> {
    DIRECTIVES.iter().find(|one| one.name.eq_ignore_ascii_case(name))
}

const DIRECTIVES: &[Directive] = &[
    Directive {
        name: "syntax",
        text: "Names the front end that reads the file. BuildKit pulls that image; containr reads every version of \
               `docker/dockerfile` itself and pulls nothing.",
        values: &[
            ("docker/dockerfile:1", "the newest stable version"),
            ("docker/dockerfile:1-labs", "the newest version with what is experimental"),
        ],
    },
    Directive {
        name: "escape",
        text: "Sets the character that escapes others and continues lines. With a backtick, Windows paths can be written \
               as they are.",
        values: &[("\\", "the backslash (the default)"), ("`", "the backtick")],
    },
    Directive {
        name: "check",
        text: "Sets what the build checks do: rules to skip, experimental rules to add, and whether a finding fails the \
               build. Several settings are parted by `;`.",
        values: &[
            ("skip=all", "skips every rule"),
            ("error=true", "a finding fails the build"),
            ("skip=JSONArgsRecommended;error=true", "skips a rule, fails for the others"),
            ("experimental=all", "adds the experimental rules"),
        ],
    },
];
