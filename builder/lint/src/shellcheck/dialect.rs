//! Which shell reads a text.

use containr_dockerfile::Spanned;

use crate::config::Dialect;

/// Is a language that shell texts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ShellDialect {
    /// What POSIX says, whatever `/bin/sh` is.
    Posix,
    /// Debian's shell.
    Dash,
    /// The shell of BusyBox, which is `/bin/sh` of Alpine.
    BusyBox,
    Bash,
    Ksh,
}

/// Says what is to be done with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// It is linted.
    Shell(ShellDialect),
    /// It is no shell's, or no shell's that could be linted: nothing is said of it.
    Foreign,
    /// ShellCheck says of it that it does not know this shell.
    Unsupported,
}

/// Is the shell that RUN hands its text to: the words of SHELL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shell {
    words: String,
    /// Whether nobody chose it, so that the base image may tell more.
    is_default: bool,
}

impl Default for Shell {
    fn default() -> Self {
        Self { words: "/bin/sh -c".to_owned(), is_default: true }
    }
}

impl Shell {
    /// Returns the shell of a SHELL instruction.
    pub(super) fn of(words: &[Spanned<String>]) -> Self {
        let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
        Self { words: words.join(" "), is_default: false }
    }

    /// Returns the shell that a comment names.
    pub(super) fn named(name: &str) -> Self {
        Self { words: name.to_owned(), is_default: false }
    }

    /// Returns the language of a text that this shell reads; `base` names the image at the root of the stage.
    pub(super) fn language(&self, base: &str, dialect: Dialect) -> Language {
        if ["pwsh", "powershell", "cmd"].iter().any(|name| self.words.contains(name)) {
            return Language::Foreign;
        }
        if dialect == Dialect::Hadolint {
            return self.language_by_hadolint();
        }
        if self.is_default {
            return match family(base) {
                Family::Windows => Language::Foreign,
                Family::BusyBox => Language::Shell(ShellDialect::BusyBox),
                Family::Unknown => Language::Shell(ShellDialect::Posix),
            };
        }
        known(interpreter(&self.words)).map_or(Language::Foreign, Language::Shell)
    }

    /// Returns the language by the first word alone, which becomes the `#!` of a script.
    fn language_by_hadolint(&self) -> Language {
        let first = self.words.split_whitespace().next().unwrap_or_default();
        match first.rsplit('/').next().unwrap_or(first) {
            "ash" => Language::Shell(ShellDialect::Dash),
            "busybox" => Language::Shell(ShellDialect::BusyBox),
            "" | "env" => Language::Shell(ShellDialect::Bash),
            name => known(name).map_or(Language::Unsupported, Language::Shell),
        }
    }

    /// Tells whether the first word is a path from the root, as the `#!` of a script must be.
    pub(super) fn is_absolute(&self) -> bool {
        self.words.starts_with('/')
    }
}

/// Tells whether hadolint looks at a script at all; one with a `#!` that it does not know is left alone.
pub(super) fn hadolint_reads(script: &str) -> bool {
    const KNOWN: [&str; 6] =
        ["#!/bin/sh", "#!/bin/bash", "#!/bin/ksh", "#!/usr/bin/env sh", "#!/usr/bin/env bash", "#!/usr/bin/env ksh"];
    !script.starts_with("#!") || KNOWN.iter().any(|known| script.starts_with(known))
}

/// Returns the language of a script with `#!` in its first line.
pub(super) fn of_shebang(line: &str) -> Language {
    let words = line.trim_start_matches("#!").trim_start();
    known(interpreter(words)).map_or(Language::Foreign, Language::Shell)
}

/// Returns the name of the program that runs a script.
fn interpreter(words: &str) -> &str {
    let mut words = words.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    match words.next().unwrap_or_default() {
        "env" => words.find(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or_default(),
        "busybox" => match words.next() {
            Some("sh" | "ash") => "ash",
            _ => "busybox",
        },
        name => name,
    }
}

fn known(name: &str) -> Option<ShellDialect> {
    Some(match name {
        "sh" => ShellDialect::Posix,
        "dash" => ShellDialect::Dash,
        "ash" => ShellDialect::BusyBox,
        "bash" => ShellDialect::Bash,
        "ksh" | "ksh88" | "ksh93" | "oksh" => ShellDialect::Ksh,
        _ => return None,
    })
}

/// Says what an image's `/bin/sh` is known to be.
enum Family {
    BusyBox,
    Windows,
    Unknown,
}

/// Tells whether the tools of an image are known to be BusyBox's.
pub(crate) fn is_busybox(base: &str) -> bool {
    matches!(family(base), Family::BusyBox)
}

fn family(base: &str) -> Family {
    let base = base.split('@').next().unwrap_or(base);
    let (path, tag) = match base.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag),
        _ => (base, ""),
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let windows = ["windows", "nanoserver", "servercore"];
    if windows.iter().any(|word| path.contains(word) || tag.contains(word)) {
        return Family::Windows;
    }
    let busybox = |part: &str| part == "alpine" || part.starts_with("alpine3") || part == "busybox";
    if busybox(name) || tag.split('-').any(busybox) { Family::BusyBox } else { Family::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(shell: &Shell, base: &str) -> Language {
        shell.language(base, Dialect::Containr)
    }

    #[test]
    fn the_base_tells_what_sh_is() {
        let shell = Shell::default();
        assert_eq!(own(&shell, "alpine:3.20"), Language::Shell(ShellDialect::BusyBox));
        assert_eq!(
            own(&shell, "docker.io/library/golang:1.24-alpine3.21@sha256:00"),
            Language::Shell(ShellDialect::BusyBox)
        );
        assert_eq!(own(&shell, "localhost:5000/debian"), Language::Shell(ShellDialect::Posix));
        assert_eq!(own(&shell, "mcr.microsoft.com/windows/servercore:ltsc2022"), Language::Foreign);
    }

    #[test]
    fn a_named_shell_outweighs_the_base() {
        assert_eq!(own(&Shell::named("/usr/bin/env -S bash"), "alpine"), Language::Shell(ShellDialect::Bash));
        assert_eq!(own(&Shell::named("/bin/busybox sh"), "debian"), Language::Shell(ShellDialect::BusyBox));
        assert_eq!(own(&Shell::named("/bin/zsh"), "debian"), Language::Foreign);
        assert_eq!(Shell::named("/bin/zsh").language("debian", Dialect::Hadolint), Language::Unsupported);
        assert_eq!(Shell::named("powershell").language("debian", Dialect::Hadolint), Language::Foreign);
    }

    #[test]
    fn a_shebang_names_its_program() {
        assert_eq!(of_shebang("#!/usr/bin/env bash"), Language::Shell(ShellDialect::Bash));
        assert_eq!(of_shebang("#! /bin/sh -eu"), Language::Shell(ShellDialect::Posix));
        assert_eq!(of_shebang("#!/usr/bin/python3"), Language::Foreign);
    }
}
