//! Keys of LABEL that the image specification defines.

/// Is a standard key.
#[derive(Debug)]
pub struct Label {
    /// The key.
    pub key: &'static str,
    /// What its value says.
    pub text: &'static str,
}

/// Returns the standard keys, the usual ones first.
pub fn labels() -> &'static [Label] {
    LABELS
}

const LABELS: &[Label] = &[
    Label { key: "org.opencontainers.image.title", text: "the name for people" },
    Label { key: "org.opencontainers.image.description", text: "what is in the image" },
    Label { key: "org.opencontainers.image.version", text: "the version of the packaged software" },
    Label { key: "org.opencontainers.image.source", text: "the URL of the source code" },
    Label { key: "org.opencontainers.image.revision", text: "the commit of the source code" },
    Label { key: "org.opencontainers.image.licenses", text: "the licences, as an SPDX expression" },
    Label { key: "org.opencontainers.image.url", text: "the URL of the project" },
    Label { key: "org.opencontainers.image.documentation", text: "the URL of the documentation" },
    Label { key: "org.opencontainers.image.authors", text: "who is responsible, as people or teams" },
    Label { key: "org.opencontainers.image.vendor", text: "the organisation that distributes it" },
    Label { key: "org.opencontainers.image.created", text: "when it was made, by RFC 3339" },
    Label { key: "org.opencontainers.image.ref.name", text: "the name of the reference" },
    Label { key: "org.opencontainers.image.base.name", text: "the reference of the base image" },
    Label { key: "org.opencontainers.image.base.digest", text: "the digest of the base image" },
];
