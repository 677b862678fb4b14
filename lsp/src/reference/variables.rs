//! Variables that exist without a declaration in the file.

/// Is a variable that a build has of itself.
#[derive(Debug)]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// Where it is visible.
    pub origin: Origin,
    /// An example of its value.
    pub example: &'static str,
    /// What it holds.
    pub text: &'static str,
}

/// Says where a variable of the build is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In FROM lines; in a stage after `ARG NAME`.
    Platform,
    /// In RUN without a declaration; not in the history and not in the cache key.
    Proxy,
    /// In a stage after `ARG NAME`; changes how the build works.
    Setting,
}

impl Variable {
    /// Returns the description, in Markdown.
    pub fn markdown(&self) -> String {
        let scope = match self.origin {
            Origin::Platform => "Visible in FROM lines; a stage has it after `ARG` with its name.",
            Origin::Proxy => "Visible to RUN without a declaration; part of neither the history nor the cache key.",
            Origin::Setting => "Given with `--build-arg`; a stage has it after `ARG` with its name.",
        };
        let example = if self.example.is_empty() { String::new() } else { format!(" For example `{}`.", self.example) };
        format!("**{}**: {}{example}\n\n{scope}", self.name, self.text)
    }
}

/// Returns every variable: first those of platforms.
pub fn variables() -> &'static [Variable] {
    VARIABLES
}

/// Returns the variable with a name.
pub fn variable(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|one| one.name == name)
}

const fn platform(name: &'static str, example: &'static str, text: &'static str) -> Variable {
    Variable { name, origin: Origin::Platform, example, text }
}

const fn proxy(name: &'static str, text: &'static str) -> Variable {
    Variable { name, origin: Origin::Proxy, example: "", text }
}

const fn setting(name: &'static str, example: &'static str, text: &'static str) -> Variable {
    Variable { name, origin: Origin::Setting, example, text }
}

const VARIABLES: &[Variable] = &[
    platform("TARGETPLATFORM", "linux/arm64", "The platform that is built for."),
    platform("TARGETOS", "linux", "The operating system that is built for."),
    platform("TARGETARCH", "arm64", "The architecture that is built for."),
    platform("TARGETVARIANT", "v7", "The variant of the architecture that is built for; mostly empty."),
    platform("TARGETSTAGE", "release", "The stage that is built, in every stage."),
    platform("BUILDPLATFORM", "linux/amd64", "The platform of the machine that builds."),
    platform("BUILDOS", "linux", "The operating system of the machine that builds."),
    platform("BUILDARCH", "amd64", "The architecture of the machine that builds."),
    platform("BUILDVARIANT", "", "The variant of the architecture of the machine that builds; mostly empty."),
    proxy("HTTP_PROXY", "The proxy for http URLs."),
    proxy("http_proxy", "The proxy for http URLs."),
    proxy("HTTPS_PROXY", "The proxy for https URLs."),
    proxy("https_proxy", "The proxy for https URLs."),
    proxy("FTP_PROXY", "The proxy for ftp URLs."),
    proxy("ftp_proxy", "The proxy for ftp URLs."),
    proxy("NO_PROXY", "The hosts that are reached without a proxy."),
    proxy("no_proxy", "The hosts that are reached without a proxy."),
    proxy("ALL_PROXY", "The proxy for everything else."),
    proxy("all_proxy", "The proxy for everything else."),
    setting("SOURCE_DATE_EPOCH", "1735689600", "The time that the image says it was made at, in seconds since 1970."),
    setting("BUILDKIT_SYNTAX", "docker/dockerfile:1", "The front end, instead of the `syntax` directive."),
    setting("BUILDKIT_CACHE_MOUNT_NS", "team-a", "Keeps cache mounts apart by name."),
    setting("BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1", "Keeps `.git` of a git context."),
    setting("BUILDKIT_INLINE_CACHE", "1", "Writes cache records into the image."),
    setting("BUILDKIT_MULTI_PLATFORM", "1", "Makes an index even for one platform."),
    setting("BUILDKIT_SANDBOX_HOSTNAME", "builder", "The host name that RUN sees."),
    setting("BUILDKIT_BUILD_NAME", "nightly", "The name of the build in messages."),
    setting(
        "BUILDKIT_DOCKERFILE_CHECK",
        "skip=all",
        "The settings of the build checks, instead of the `check` directive.",
    ),
    setting("BUILDKIT_SBOM_SCAN_CONTEXT", "true", "Whether the SBOM covers the context too."),
    setting("BUILDKIT_SBOM_SCAN_STAGE", "true", "Whether the SBOM covers stages that are not the target."),
];
