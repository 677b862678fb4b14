//! What BuildKit says of each of its checks, whatever the file.

/// Is a check of BuildKit.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
}

impl Known {
    /// Returns the page of BuildKit's documentation: the name in kebab case.
    pub(super) fn url(&self) -> String {
        format!("https://docs.docker.com/go/dockerfile/rule/{}/", kebab(self.name))
    }
}

/// Lists the checks in the order in which BuildKit runs them: first those of the whole file, then those of instructions.
const ALL: [Known; 22] = [
    known("NoEmptyContinuation", "Empty continuation lines will become errors in a future release"),
    known(
        "MaintainerDeprecated",
        "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    ),
    known("StageNameCasing", "Stage names should be lowercase"),
    known("FromAsCasing", "The 'as' keyword should match the case of the 'from' keyword"),
    known(
        "InvalidDefinitionDescription",
        "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is \
         not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
    ),
    known("ReservedStageName", "Reserved words should not be used as stage names"),
    known("DuplicateStageName", "Stage names should be unique"),
    known(
        "ConsistentInstructionCasing",
        "All commands within the Dockerfile should use the same casing (either upper or lower)",
    ),
    known("InvalidDefaultArgInFrom", "Default value for global ARG results in an empty or invalid base image name"),
    known("UndefinedArgInFrom", "FROM command must use declared ARGs"),
    known(
        "RedundantTargetPlatform",
        "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    ),
    known("FromPlatformFlagConstDisallowed", "FROM --platform flag should not use a constant value"),
    known("InvalidBaseImagePlatform", "Base image platform does not match expected target platform"),
    known("UndefinedVar", "Variables should be defined before their use"),
    known(
        "MultipleInstructionsDisallowed",
        "Multiple instructions of the same type should not be used in the same stage",
    ),
    known("LegacyKeyValueFormat", "Legacy key/value format with whitespace separator should not be used"),
    known("SecretsUsedInArgOrEnv", "Sensitive data should not be used in the ARG or ENV commands"),
    known(
        "JSONArgsRecommended",
        "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    ),
    known(
        "WorkdirRelativePath",
        "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base \
         image changes",
    ),
    known("ExposeProtoCasing", "Protocol in EXPOSE instruction should be lowercase"),
    known(
        "ExposeInvalidFormat",
        "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future \
         release",
    ),
    known("CopyIgnoredFile", "Attempting to Copy file that is excluded by .dockerignore"),
];

const fn known(name: &'static str, description: &'static str) -> Known {
    Known { name, description }
}

/// Returns the check of a name.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    ALL.iter().find(|one| one.name == name)
}

/// Returns in which of BuildKit's walks over the file a check runs, and its rank there.
///
/// Checks of one walk are told instruction by instruction.
pub(super) fn walk(name: &str) -> (usize, usize) {
    /// The ranks at which walks begin.
    const BEGINS: [usize; 7] = [0, 1, 5, 7, 8, 9, 13];
    let rank = ALL.iter().position(|one| one.name == name).unwrap_or(ALL.len());
    (BEGINS.partition_point(|begin| *begin <= rank), rank)
}

/// Tells whether a check looks at stages that the target does not need, too.
pub(super) fn is_of_every_stage(name: &str) -> bool {
    walk(name) < walk("UndefinedVar")
}

/// Turns `JSONArgsRecommended` into `json-args-recommended`.
fn kebab(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = String::with_capacity(name.len() + 4);
    for (index, byte) in bytes.iter().enumerate() {
        let after_lower = index > 0 && bytes[index - 1].is_ascii_lowercase();
        let before_lower = index > 0 && bytes.get(index + 1).is_some_and(u8::is_ascii_lowercase);
        if byte.is_ascii_uppercase() && (after_lower || before_lower) {
            out.push('-');
        }
        out.push(byte.to_ascii_lowercase().into());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_kebab_case() {
        for (name, wanted) in [
            ("JSONArgsRecommended", "json-args-recommended"),
            ("FromAsCasing", "from-as-casing"),
            ("SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env"),
            ("UndefinedVar", "undefined-var"),
        ] {
            assert_eq!(kebab(name), wanted);
        }
    }

    #[test]
    fn every_check_that_a_rule_stands_for_is_known() {
        let names = crate::all().filter_map(|rule| rule.alias(crate::Peer::BuildKit)).map(|alias| alias.id);
        for name in names {
            assert!(find(name).is_some(), "{name}");
        }
    }
}
