//! The 18 instructions.

use super::flags::{self, Flag};

/// Is an instruction of the language.
#[derive(Debug)]
pub struct Instruction {
    /// The name in upper case.
    pub name: &'static str,
    /// The forms, the usual one first.
    pub forms: &'static [&'static str],
    /// What it does, in Markdown.
    pub text: &'static str,
    /// One or several examples.
    pub example: &'static str,
    /// The flags.
    pub flags: &'static [Flag],
    /// What is worth writing at once.
    pub snippets: &'static [Snippet],
}

/// Is a text with places to fill in, in the syntax of the protocol.
#[derive(Debug)]
pub struct Snippet {
    /// What it is called in a menu; begins with the instruction's name.
    pub label: &'static str,
    /// What follows the name.
    pub body: &'static str,
    /// What it does.
    pub text: &'static str,
}

impl Instruction {
    /// Returns the flag with a name.
    pub fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// Returns the description, in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("```dockerfile\n{}\n```\n\n{}", self.forms.join("\n"), self.text);
        text.push_str(&format!("\n\n```dockerfile\n{}\n```", self.example));
        if !self.flags.is_empty() {
            let flags: Vec<String> = self.flags.iter().map(|flag| format!("`--{}`", flag.name)).collect();
            text.push_str(&format!("\n\nFlags: {}", flags.join(", ")));
        }
        text
    }
}

/// Returns every instruction in the order of the alphabet.
pub fn instructions() -> &'static [Instruction] {
    INSTRUCTIONS
}

/// Returns the instruction with a name, in any case.
pub fn instruction(name: &str) -> Option<&'static Instruction> {
    INSTRUCTIONS.iter().find(|one| one.name.eq_ignore_ascii_case(name))
}

const INSTRUCTIONS: &[Instruction] = &[
    Instruction {
        name: "ADD",
        forms: &["ADD [flags] <source>... <destination>", "ADD [flags] [\"<source>\", ..., \"<destination>\"]"],
        text: "Copies files of the context, downloads over HTTP and git, and unpacks local tar archives into the image. \
               For plain files COPY says the same with fewer surprises.",
        example: "ADD --checksum=sha256:24454f830c0e6b5bd47ef2b1e0a3f3c1e2d3a3b0 https://example.com/tool.tar.gz /tmp/\n\
                  ADD https://example.com/project.git#v1.2 /src",
        flags: flags::ADD,
        snippets: &[
            Snippet { label: "ADD source destination", body: "${1:source} ${2:destination}", text: "Adds files." },
            Snippet {
                label: "ADD --checksum url",
                body: "--checksum=${1:sha256:digest} ${2:https://example.com/file} ${3:destination}",
                text: "Adds a download whose digest is checked.",
            },
        ],
    },
    Instruction {
        name: "ARG",
        forms: &["ARG <name>[=<default>]..."],
        text: "Declares variables that the build may be given with `--build-arg`. Before the first FROM they are visible \
               to FROM lines only; a stage takes one over by declaring it again without a default. A build argument \
               is visible in the history of the image: it is no place for secrets.",
        example: "ARG VERSION=1.0",
        flags: &[],
        snippets: &[Snippet {
            label: "ARG name=default",
            body: "${1:NAME}=${2:default}",
            text: "Declares a variable.",
        }],
    },
    Instruction {
        name: "CMD",
        forms: &["CMD [\"<program>\", \"<argument>\", ...]", "CMD <shell command>"],
        text: "Sets what a container runs by default, or the arguments of ENTRYPOINT. The last one counts. The JSON form \
               starts the program itself, which then gets the signals; the other form starts a shell.",
        example: "CMD [\"nginx\", \"-g\", \"daemon off;\"]",
        flags: &[],
        snippets: &[Snippet {
            label: "CMD [\"program\"]",
            body: "[\"${1:program}\"$2]",
            text: "Sets the command in the JSON form.",
        }],
    },
    Instruction {
        name: "COPY",
        forms: &["COPY [flags] <source>... <destination>", "COPY [flags] [\"<source>\", ..., \"<destination>\"]"],
        text: "Copies files of the context, a stage, a named context or an image. A source directory gives its content. \
               Several sources want a destination that ends in `/`. Paths with blanks want the JSON form; `<<NAME` \
               as a source is a file written in place.",
        example: "COPY --chown=app:app package.json ./\nCOPY --from=build /out/server /usr/local/bin/",
        flags: flags::COPY,
        snippets: &[
            Snippet { label: "COPY source destination", body: "${1:source} ${2:destination}", text: "Copies files." },
            Snippet {
                label: "COPY --from=stage",
                body: "--from=${1:stage} ${2:source} ${3:destination}",
                text: "Copies files out of a stage or image.",
            },
            Snippet {
                label: "COPY <<EOF file",
                body: "<<EOF ${1:destination}\n$0\nEOF",
                text: "Writes a file in place.",
            },
        ],
    },
    Instruction {
        name: "ENTRYPOINT",
        forms: &["ENTRYPOINT [\"<program>\", \"<argument>\", ...]", "ENTRYPOINT <shell command>"],
        text: "Sets the program that a container always runs; CMD and the arguments of `run` are given to it. The last one \
               counts. The shell form takes no arguments and hides signals from the program.",
        example: "ENTRYPOINT [\"/usr/local/bin/server\"]\nCMD [\"--port\", \"8080\"]",
        flags: &[],
        snippets: &[Snippet {
            label: "ENTRYPOINT [\"program\"]",
            body: "[\"${1:program}\"$2]",
            text: "Sets the entry point in the JSON form.",
        }],
    },
    Instruction {
        name: "ENV",
        forms: &["ENV <name>=<value>...", "ENV <name> <value>"],
        text: "Sets variables for the following instructions and for containers. Values may hold variables; one \
               instruction sees the values from before it. The form without `=` is legacy.",
        example: "ENV PATH=/opt/app/bin:$PATH LANG=C.UTF-8",
        flags: &[],
        snippets: &[Snippet { label: "ENV name=value", body: "${1:NAME}=${2:value}", text: "Sets a variable." }],
    },
    Instruction {
        name: "EXPOSE",
        forms: &["EXPOSE <port>[-<port>][/tcp|/udp|/sctp]..."],
        text: "Says which ports a container listens on. It publishes nothing: that is up to whoever runs the container. \
               Without a protocol it is TCP.",
        example: "EXPOSE 80 443 53/udp",
        flags: &[],
        snippets: &[Snippet { label: "EXPOSE port", body: "${1:80}", text: "Names a port." }],
    },
    Instruction {
        name: "FROM",
        forms: &["FROM [--platform=<platform>] <image>[:<tag>][@<digest>] [AS <name>]", "FROM <stage> [AS <name>]"],
        text: "Begins a stage on an image, an earlier stage or nothing (`scratch`). The stage's name can be used by later \
               FROM lines, by `--from` and as a build target. Only ARG may stand before the first FROM.",
        example: "FROM --platform=$BUILDPLATFORM golang:1.24 AS build",
        flags: flags::FROM,
        snippets: &[
            Snippet { label: "FROM image", body: "${1:image}", text: "Begins a stage." },
            Snippet {
                label: "FROM image AS name",
                body: "${1:image} AS ${2:name}",
                text: "Begins a stage with a name.",
            },
            Snippet { label: "FROM scratch", body: "scratch", text: "Begins a stage on nothing." },
        ],
    },
    Instruction {
        name: "HEALTHCHECK",
        forms: &["HEALTHCHECK [flags] CMD <command>", "HEALTHCHECK NONE"],
        text: "Sets the command that tells whether a container works: exit code 0 is healthy, 1 unhealthy. `NONE` removes \
               an inherited check. The last one counts.",
        example: "HEALTHCHECK --interval=30s --timeout=5s CMD curl -f http://localhost/ || exit 1",
        flags: flags::HEALTHCHECK,
        snippets: &[
            Snippet {
                label: "HEALTHCHECK CMD",
                body: "--interval=${1:30s} --timeout=${2:5s} --retries=${3:3} CMD ${4:command}",
                text: "Sets a check.",
            },
            Snippet { label: "HEALTHCHECK NONE", body: "NONE", text: "Removes an inherited check." },
        ],
    },
    Instruction {
        name: "LABEL",
        forms: &["LABEL <key>=<value>..."],
        text: "Adds key-value pairs to the image's configuration. The keys `org.opencontainers.image.*` are standard: \
               title, version, source, licenses and others.",
        example: "LABEL org.opencontainers.image.source=\"https://example.com/project\"",
        flags: &[],
        snippets: &[Snippet { label: "LABEL key=value", body: "${1:key}=\"${2:value}\"", text: "Sets a label." }],
    },
    Instruction {
        name: "MAINTAINER",
        forms: &["MAINTAINER <name>"],
        text: "Names the author. Deprecated: use `LABEL org.opencontainers.image.authors=...`.",
        example: "LABEL org.opencontainers.image.authors=\"team@example.com\"",
        flags: &[],
        snippets: &[],
    },
    Instruction {
        name: "ONBUILD",
        forms: &["ONBUILD <instruction>"],
        text: "Keeps an instruction for the images that are built on this one: it runs right after their FROM. FROM, \
               ONBUILD and MAINTAINER cannot be kept.",
        example: "ONBUILD COPY . /app",
        flags: &[],
        snippets: &[],
    },
    Instruction {
        name: "RUN",
        forms: &[
            "RUN [flags] <shell command>",
            "RUN [flags] [\"<program>\", \"<argument>\", ...]",
            "RUN [flags] <<EOF",
        ],
        text: "Runs a command and keeps what it changed as a layer. The first form runs in the stage's SHELL; variables in \
               it are the shell's business. Heredocs hold several lines.",
        example: "RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/server .\n\
                  RUN <<EOF\nset -e\nadduser app\ninstall -d -o app /data\nEOF",
        flags: flags::RUN,
        snippets: &[
            Snippet { label: "RUN command", body: "${1:command}", text: "Runs a command." },
            Snippet { label: "RUN <<EOF", body: "<<EOF\nset -e\n$0\nEOF", text: "Runs several lines." },
            Snippet {
                label: "RUN --mount=type=cache",
                body: "--mount=type=cache,target=${1:/root/.cache} ${2:command}",
                text: "Runs a command with a directory that outlives the build.",
            },
            Snippet {
                label: "RUN --mount=type=secret",
                body: "--mount=type=secret,id=${1:name},env=${2:NAME} ${3:command}",
                text: "Runs a command with a secret in a variable.",
            },
            Snippet {
                label: "RUN apt-get install",
                body: "apt-get update && apt-get install -y --no-install-recommends \\\\\n    ${1:package} \\\\\n    && rm -rf /var/lib/apt/lists/*",
                text: "Installs Debian packages and leaves no index behind.",
            },
        ],
    },
    Instruction {
        name: "SHELL",
        forms: &["SHELL [\"<program>\", \"<argument>\", ...]"],
        text: "Sets the shell of the shell forms of RUN, CMD, ENTRYPOINT and HEALTHCHECK that follow. `/bin/sh -c` by \
               default, on Windows `cmd /S /C`.",
        example: "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
        flags: &[],
        snippets: &[Snippet {
            label: "SHELL bash with pipefail",
            body: "[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
            text: "Makes a pipe fail when any part of it fails.",
        }],
    },
    Instruction {
        name: "STOPSIGNAL",
        forms: &["STOPSIGNAL <signal>"],
        text: "Sets the signal that asks a container to stop: a name such as `SIGINT`, or a number. `SIGTERM` by default.",
        example: "STOPSIGNAL SIGQUIT",
        flags: &[],
        snippets: &[Snippet { label: "STOPSIGNAL signal", body: "${1:SIGTERM}", text: "Sets the signal." }],
    },
    Instruction {
        name: "USER",
        forms: &["USER <user>[:<group>]"],
        text: "Sets the user of the following RUN instructions and of containers, by name or number. With a group given, \
               supplementary groups are dropped. Numbers let orchestrators see that it is not root.",
        example: "USER 10001:10001",
        flags: &[],
        snippets: &[Snippet { label: "USER user:group", body: "${1:10001}:${2:10001}", text: "Sets user and group." }],
    },
    Instruction {
        name: "VOLUME",
        forms: &["VOLUME <path>...", "VOLUME [\"<path>\", ...]"],
        text: "Says which paths of a container hold data that outlives it. A container gets an anonymous volume for each \
               unless it is given another.",
        example: "VOLUME /var/lib/data",
        flags: &[],
        snippets: &[Snippet { label: "VOLUME path", body: "${1:/data}", text: "Names a volume." }],
    },
    Instruction {
        name: "WORKDIR",
        forms: &["WORKDIR <path>"],
        text: "Sets the working directory of the following instructions and of containers, and makes it where it is \
               missing. A relative path begins at the one before.",
        example: "WORKDIR /app",
        flags: &[],
        snippets: &[Snippet { label: "WORKDIR path", body: "${1:/app}", text: "Sets the working directory." }],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_is_described() {
        assert_eq!(instructions().len(), 18);
        assert!(instructions().is_sorted_by_key(|one| one.name));
        for one in instructions() {
            assert!(one.forms.iter().all(|form| form.starts_with(one.name)), "{}", one.name);
            assert!(one.markdown().contains(one.text));
            assert!(one.snippets.iter().all(|snippet| snippet.label.starts_with(one.name)), "{}", one.name);
        }
    }

    #[test]
    fn examples_and_flags_are_what_the_parser_knows() {
        for one in instructions() {
            let prefix = if one.name == "FROM" { "" } else { "FROM scratch\n" };
            let parsed = containr_dockerfile::parse(format!("{prefix}{}\n", one.example).as_bytes());
            assert!(!parsed.has_errors(), "{}: {:?}", one.name, parsed.diagnostics());
        }
    }
}
