//! Flags of instructions and what they take.

use super::mounts::mount_types;

/// Is a flag of an instruction.
#[derive(Debug)]
pub struct Flag {
    /// The name without dashes.
    pub name: &'static str,
    /// What stands after the equals sign.
    pub value: Value,
    /// How often it may stand.
    pub repeat: Repeat,
    /// What it does, in Markdown.
    pub text: &'static str,
}

/// Says how often a flag may stand in one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// At most once.
    Once,
    /// Any number of times.
    Many,
}

/// Says what a flag takes.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// Nothing, or `true` and `false`.
    Switch,
    /// One of these words.
    Choice(&'static [Choice]),
    /// Some of these words, or something else of the kind in the placeholder.
    Open(&'static str, &'static [Choice]),
    /// A stage, a named context or an image.
    Source,
    /// The options of `--mount`.
    Mount,
    /// A text of the kind in the placeholder.
    Text(&'static str),
}

/// Is a word that a flag takes.
#[derive(Debug)]
pub struct Choice {
    /// The word.
    pub word: &'static str,
    /// What it means.
    pub text: &'static str,
}

impl Flag {
    /// Returns how the flag is written, with a placeholder for its value.
    pub fn form(&self) -> String {
        match self.value {
            Value::Switch => format!("--{}[=true|false]", self.name),
            Value::Choice(choices) => {
                let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
                format!("--{}={}", self.name, words.join("|"))
            }
            Value::Open(kind, _) | Value::Text(kind) => format!("--{}=<{kind}>", self.name),
            Value::Source => format!("--{}=<stage|context|image>", self.name),
            Value::Mount => {
                let words: Vec<&str> = mount_types().iter().map(|one| one.name).collect();
                format!("--{}=type={}[,<option>...]", self.name, words.join("|"))
            }
        }
    }

    /// Returns the words that are known to be possible values.
    pub fn choices(&self) -> &'static [Choice] {
        match self.value {
            Value::Switch => SWITCH,
            Value::Choice(choices) | Value::Open(_, choices) => choices,
            Value::Source | Value::Mount | Value::Text(_) => &[],
        }
    }

    /// Returns the description with the values, in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("```\n{}\n```\n\n{}", self.form(), self.text);
        if !matches!(self.value, Value::Switch) && !self.choices().is_empty() {
            text.push('\n');
            for choice in self.choices() {
                text.push_str(&format!("\n- `{}`: {}", choice.word, choice.text));
            }
        }
        if self.repeat == Repeat::Many {
            text.push_str("\n\nMay stand several times.");
        }
        text
    }
}

const SWITCH: &[Choice] = &[
    Choice { word: "true", text: "switches it on, as the bare flag does" },
    Choice { word: "false", text: "switches it off" },
];

const PLATFORMS: &[Choice] = &[
    Choice { word: "$BUILDPLATFORM", text: "the platform of the machine that builds: for tools that cross-compile" },
    Choice { word: "$TARGETPLATFORM", text: "the platform that is built for; the default anyway" },
    Choice { word: "linux/amd64", text: "64-bit x86" },
    Choice { word: "linux/arm64", text: "64-bit ARM" },
    Choice { word: "linux/arm/v7", text: "32-bit ARM with hardware floating point" },
    Choice { word: "linux/arm/v6", text: "32-bit ARM of the first Raspberry Pi" },
    Choice { word: "linux/386", text: "32-bit x86" },
    Choice { word: "linux/ppc64le", text: "64-bit POWER, little endian" },
    Choice { word: "linux/s390x", text: "IBM Z" },
    Choice { word: "linux/riscv64", text: "64-bit RISC-V" },
    Choice { word: "windows/amd64", text: "Windows on 64-bit x86" },
];

const MODES: &[Choice] = &[
    Choice { word: "0644", text: "readable by all, writable by the owner" },
    Choice { word: "0755", text: "executable and readable by all, writable by the owner" },
    Choice { word: "0600", text: "readable and writable by the owner only" },
    Choice { word: "0700", text: "for the owner only, executable" },
    Choice {
        word: "u=rwX,go=rX",
        text: "readable by all; `X` makes executable what is a directory or executable already",
    },
    Choice { word: "+x", text: "adds the execute bit" },
];

const DURATIONS: &[Choice] = &[
    Choice { word: "5s", text: "five seconds" },
    Choice { word: "10s", text: "ten seconds" },
    Choice { word: "30s", text: "thirty seconds" },
    Choice { word: "1m", text: "one minute" },
    Choice { word: "5m", text: "five minutes" },
];

const CHOWN: Flag = Flag {
    name: "chown",
    value: Value::Text("user[:group]"),
    repeat: Repeat::Once,
    text: "Sets the owner of what is copied, and of the directories made on the way. Names are looked up in the image's \
           `/etc/passwd` and `/etc/group`; numbers need no such files. With a user alone, the group is the user's own, \
           for a number the same number. Without the flag, files of the context belong to `0:0`. Variables are expanded.",
};

const CHMOD: Flag = Flag {
    name: "chmod",
    value: Value::Open("mode", MODES),
    repeat: Repeat::Once,
    text: "Sets the permission bits of what is copied: octal up to `7777`, or symbolic as chmod takes them. Saves a \
           `RUN chmod`, which would keep each file a second time. Variables are expanded.",
};

const LINK: Flag = Flag {
    name: "link",
    value: Value::Switch,
    repeat: Repeat::Once,
    text: "Makes a layer that depends on nothing below it, so it stays valid when the base changes. In exchange, \
           symbolic links at the destination are not followed and user names cannot be looked up.",
};

const EXCLUDE: Flag = Flag {
    name: "exclude",
    value: Value::Text("pattern"),
    repeat: Repeat::Many,
    text: "Leaves out what matches the pattern, relative to each source directory; `**` matches any depth. A file that \
           is named as a source itself is kept. Variables are not expanded.",
};

const PARENTS: Flag = Flag {
    name: "parents",
    value: Value::Switch,
    repeat: Repeat::Once,
    text: "Keeps the directories of each source below the destination: `COPY --parents a/b.txt /x/` makes `/x/a/b.txt`. \
           A `/./` in a source says where the kept part begins. Sources may hold `**`.",
};

pub(super) const FROM: &[Flag] = &[Flag {
    name: "platform",
    value: Value::Open("os/arch[/variant]", PLATFORMS),
    repeat: Repeat::Once,
    text: "Chooses the platform of the base where the image has several. Global arguments and platform variables are \
           expanded.",
}];

pub(super) const COPY: &[Flag] = &[
    Flag {
        name: "from",
        value: Value::Source,
        repeat: Repeat::Once,
        text: "Copies out of an earlier stage (by name or number), a named context or an image instead of the build's \
               context. Owners are kept. The value may not hold a variable: name a stage with `FROM $IMAGE AS name` and \
               use that.",
    },
    CHOWN,
    CHMOD,
    LINK,
    PARENTS,
    EXCLUDE,
];

pub(super) const ADD: &[Flag] = &[
    CHOWN,
    CHMOD,
    LINK,
    Flag {
        name: "checksum",
        value: Value::Text("sha256:hex or commit"),
        repeat: Repeat::Once,
        text: "Fails unless the download has this digest, or the git source this commit (a prefix is enough). For one \
               remote source. Variables are expanded.",
    },
    Flag {
        name: "keep-git-dir",
        value: Value::Switch,
        repeat: Repeat::Once,
        text: "Keeps the `.git` directory of a git source, which is left out otherwise.",
    },
    Flag {
        name: "unpack",
        value: Value::Switch,
        repeat: Repeat::Once,
        text: "Says whether tar archives are unpacked. Without the flag, local archives are and downloads are not.",
    },
    EXCLUDE,
];

pub(super) const RUN: &[Flag] = &[
    Flag {
        name: "mount",
        value: Value::Mount,
        repeat: Repeat::Many,
        text: "Makes a cache, a secret, an SSH agent, a tmpfs or files of elsewhere visible while the command runs. \
               None of it becomes part of the image. The options are parted by commas.",
    },
    Flag {
        name: "network",
        value: Value::Choice(&[
            Choice { word: "default", text: "the network of the build" },
            Choice { word: "none", text: "loopback only" },
            Choice { word: "host", text: "the host's network; the build must allow `network.host`" },
        ]),
        repeat: Repeat::Once,
        text: "Chooses the network that the command sees.",
    },
    Flag {
        name: "security",
        value: Value::Choice(&[
            Choice { word: "sandbox", text: "the usual confinement" },
            Choice { word: "insecure", text: "elevated privileges; the build must allow `security.insecure`" },
        ]),
        repeat: Repeat::Once,
        text: "Chooses the confinement of the command.",
    },
    Flag {
        name: "device",
        value: Value::Text("vendor/class=name[,required]"),
        repeat: Repeat::Many,
        text: "Makes a device visible by its CDI name; the build must allow it. With `required`, the build fails where \
               the device is missing; else the flag is passed over.",
    },
];

pub(super) const HEALTHCHECK: &[Flag] = &[
    Flag {
        name: "interval",
        value: Value::Open("duration", DURATIONS),
        repeat: Repeat::Once,
        text: "The time between two checks. 30 seconds by default.",
    },
    Flag {
        name: "timeout",
        value: Value::Open("duration", DURATIONS),
        repeat: Repeat::Once,
        text: "The time after which a check has failed. 30 seconds by default.",
    },
    Flag {
        name: "start-period",
        value: Value::Open("duration", DURATIONS),
        repeat: Repeat::Once,
        text: "The time the container may take to start: failures in it do not count. None by default.",
    },
    Flag {
        name: "start-interval",
        value: Value::Open("duration", DURATIONS),
        repeat: Repeat::Once,
        text: "The time between two checks during the start period. 5 seconds by default.",
    },
    Flag {
        name: "retries",
        value: Value::Open(
            "number",
            &[
                Choice { word: "1", text: "unhealthy at the first failure" },
                Choice { word: "3", text: "the default" },
                Choice { word: "5", text: "five failures in a row" },
            ],
        ),
        repeat: Repeat::Once,
        text: "The number of failures in a row that make a container unhealthy. 3 by default.",
    },
];
