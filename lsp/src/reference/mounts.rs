//! The kinds of `RUN --mount` and their options.

/// Is a kind of mount.
#[derive(Debug)]
pub struct MountType {
    /// The value of `type`.
    pub name: &'static str,
    /// What it is for, in Markdown.
    pub text: &'static str,
    /// An example.
    pub example: &'static str,
    /// The options that it takes besides `type`.
    pub keys: &'static [&'static MountKey],
}

/// Is an option of a mount.
#[derive(Debug)]
pub struct MountKey {
    /// The spellings, the usual one first.
    pub names: &'static [&'static str],
    /// What stands after the equals sign; nothing for a switch.
    pub value: Option<&'static str>,
    /// The words that are known to be possible values, each with its meaning.
    pub choices: &'static [(&'static str, &'static str)],
    /// What it does, in Markdown.
    pub text: &'static str,
}

impl MountType {
    /// Returns the description with the options, in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("{}\n\n```dockerfile\n{}\n```\n", self.text, self.example);
        for key in self.keys {
            text.push_str(&format!("\n- `{}`: {}", key.form(), key.text));
        }
        text
    }
}

impl MountKey {
    /// Returns how the option is written, with a placeholder for its value.
    pub fn form(&self) -> String {
        match (self.value, self.choices) {
            (None, _) => format!("{}[=true|false]", self.names[0]),
            (Some(_), [_, ..]) => {
                let words: Vec<&str> = self.choices.iter().map(|(word, _)| *word).collect();
                format!("{}={}", self.names[0], words.join("|"))
            }
            (Some(kind), []) => format!("{}=<{kind}>", self.names[0]),
        }
    }

    /// Returns the description, in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("```\n{}\n```\n\n{}", self.form(), self.text);
        for (word, meaning) in self.choices {
            text.push_str(&format!("\n- `{word}`: {meaning}"));
        }
        if let [_, others @ ..] = self.names
            && !others.is_empty()
        {
            let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
            text.push_str(&format!("\n\nAlso spelt {}.", others.join(" or ")));
        }
        text
    }
}

/// Returns every kind of mount, the default first.
pub fn mount_types() -> &'static [MountType] {
    TYPES
}

/// Returns the kind with a name, in any case.
pub fn mount_type(name: &str) -> Option<&'static MountType> {
    TYPES.iter().find(|one| one.name.eq_ignore_ascii_case(name))
}

/// Returns the option with a spelling, in any case, as the kind of mount describes it.
pub fn mount_key(kind: &MountType, name: &str) -> Option<&'static MountKey> {
    let is_named = |key: &MountKey| key.names.iter().any(|one| one.eq_ignore_ascii_case(name));
    let own = kind.keys.iter().chain(std::iter::once(&&TYPE)).copied().find(|key| is_named(key));
    own.or_else(|| TYPES.iter().flat_map(|one| one.keys).copied().find(|key| is_named(key)))
}

static TYPE: MountKey = MountKey {
    names: &["type"],
    value: Some("kind"),
    choices: &[
        ("bind", "files of the context, a stage or an image (the default)"),
        ("cache", "a directory that outlives the build"),
        ("secret", "a secret as a file or variable"),
        ("ssh", "the socket of an SSH agent"),
        ("tmpfs", "a directory in memory"),
    ],
    text: "Says what is mounted.",
};

static TARGET: MountKey = MountKey {
    names: &["target", "dst", "destination"],
    value: Some("path"),
    choices: &[],
    text: "The path in the build step; a relative one begins at the working directory. Required. Variables are expanded.",
};

static FROM: MountKey = MountKey {
    names: &["from"],
    value: Some("stage|context|image"),
    choices: &[],
    text: "The stage, named context or image that holds the source; the build's context by default. May not hold a \
           variable.",
};

static CACHE_FROM: MountKey = MountKey {
    names: &["from"],
    value: Some("stage|context|image"),
    choices: &[],
    text: "The stage, named context or image that a new cache begins with; an empty directory by default.",
};

static SOURCE: MountKey = MountKey {
    names: &["source", "src"],
    value: Some("path"),
    choices: &[],
    text: "The path inside of what `from` names; its root by default.",
};

static READWRITE: MountKey = MountKey {
    names: &["rw", "readwrite"],
    value: None,
    choices: &[],
    text: "Allows writing. What is written is thrown away after the step.",
};

static READONLY: MountKey =
    MountKey { names: &["ro", "readonly"], value: None, choices: &[], text: "Refuses writing." };

static CACHE_ID: MountKey = MountKey {
    names: &["id"],
    value: Some("name"),
    choices: &[],
    text: "The name that tells caches apart; the target by default.",
};

static SHARING: MountKey = MountKey {
    names: &["sharing"],
    value: Some("mode"),
    choices: &[
        ("shared", "several steps use the cache at the same time (the default)"),
        ("private", "a further step at the same time gets a cache of its own"),
        ("locked", "a further step waits; apt and dpkg need this"),
    ],
    text: "Says what happens when two steps want the cache at the same time.",
};

static CACHE_MODE: MountKey = MountKey {
    names: &["mode"],
    value: Some("octal"),
    choices: &[],
    text: "The permission bits of a new cache directory; `0755` by default.",
};

static UID: MountKey =
    MountKey { names: &["uid"], value: Some("number"), choices: &[], text: "The owner; 0 by default." };

static GID: MountKey =
    MountKey { names: &["gid"], value: Some("number"), choices: &[], text: "The group; 0 by default." };

static SIZE: MountKey = MountKey {
    names: &["size"],
    value: Some("bytes"),
    choices: &[],
    text: "The most that may be held, such as `64m`; no limit by default.",
};

static SECRET_ID: MountKey = MountKey {
    names: &["id"],
    value: Some("name"),
    choices: &[],
    text: "The name under which the build is given the secret (`--secret id=NAME`); the last part of the target by default.",
};

static SECRET_TARGET: MountKey = MountKey {
    names: &["target", "dst", "destination"],
    value: Some("path"),
    choices: &[],
    text: "The file that holds the secret; `/run/secrets/ID` unless `env` is given.",
};

static ENV: MountKey = MountKey {
    names: &["env"],
    value: Some("variable"),
    choices: &[],
    text: "The environment variable that holds the secret, instead of or besides a file.",
};

static SECRET_REQUIRED: MountKey = MountKey {
    names: &["required"],
    value: None,
    choices: &[],
    text: "Fails where the build was given no such secret; else the mount is left out.",
};

static SECRET_MODE: MountKey = MountKey {
    names: &["mode"],
    value: Some("octal"),
    choices: &[],
    text: "The permission bits of the file; `0400` by default.",
};

static SSH_ID: MountKey = MountKey {
    names: &["id"],
    value: Some("name"),
    choices: &[],
    text: "The agent that the build is given (`--ssh NAME`); `default` by default.",
};

static SSH_TARGET: MountKey = MountKey {
    names: &["target", "dst", "destination"],
    value: Some("path"),
    choices: &[],
    text: "The path of the socket; `/run/buildkit/ssh_agent.N` by default. `SSH_AUTH_SOCK` points at the first.",
};

static SSH_REQUIRED: MountKey = MountKey {
    names: &["required"],
    value: None,
    choices: &[],
    text: "Fails where the build was given no such agent; else the mount is left out.",
};

static SSH_MODE: MountKey = MountKey {
    names: &["mode"],
    value: Some("octal"),
    choices: &[],
    text: "The permission bits of the socket; `0600` by default.",
};

const TYPES: &[MountType] = &[
    MountType {
        name: "bind",
        text: "Shows files of the context, a stage or an image, without copying them into the image.",
        example: "RUN --mount=type=bind,source=go.mod,target=go.mod go mod download",
        keys: &[&TARGET, &SOURCE, &FROM, &READWRITE, &READONLY],
    },
    MountType {
        name: "cache",
        text: "Keeps a directory from build to build: downloads and compiler caches. Nothing of it is in the image, and \
               a step must work when it is empty.",
        example: "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt",
        keys: &[&TARGET, &CACHE_ID, &SHARING, &READONLY, &CACHE_FROM, &SOURCE, &CACHE_MODE, &UID, &GID],
    },
    MountType {
        name: "secret",
        text: "Gives a secret to one command, as a file or a variable. It is in no layer, no history and no cache key.",
        example: "RUN --mount=type=secret,id=token,env=TOKEN ./fetch.sh",
        keys: &[&SECRET_ID, &SECRET_TARGET, &ENV, &SECRET_REQUIRED, &SECRET_MODE, &UID, &GID],
    },
    MountType {
        name: "ssh",
        text: "Gives the socket of an SSH agent to one command, for private git repositories.",
        example: "RUN --mount=type=ssh git clone git@example.com:team/project.git",
        keys: &[&SSH_ID, &SSH_TARGET, &SSH_REQUIRED, &SSH_MODE, &UID, &GID],
    },
    MountType {
        name: "tmpfs",
        text: "Mounts an empty directory in memory; what is written is gone after the step.",
        example: "RUN --mount=type=tmpfs,target=/tmp,size=256m make check",
        keys: &[&TARGET, &SIZE],
    },
];
