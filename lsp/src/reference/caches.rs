//! What package managers and compilers keep between builds, and where.

/// Is a program with directories that are worth a cache mount.
#[derive(Debug)]
pub struct Cache {
    /// The names of the program.
    pub programs: &'static [&'static str],
    /// The arguments of which one must stand; none for any use.
    pub actions: &'static [&'static str],
    /// The directories, as root has them.
    pub targets: &'static [&'static str],
    /// Whether two steps at a time may use them.
    pub locked: bool,
    /// The switches that turn the cache off, and hence go.
    pub switches: &'static [&'static str],
}

/// Returns every program.
pub fn caches() -> &'static [Cache] {
    CACHES
}

const fn cache(
    programs: &'static [&'static str],
    actions: &'static [&'static str],
    targets: &'static [&'static str],
) -> Cache {
    Cache { programs, actions, targets, locked: false, switches: &[] }
}

const CACHES: &[Cache] = &[
    Cache {
        locked: true,
        ..cache(&["apt-get", "apt"], &["install", "upgrade", "update"], &["/var/cache/apt", "/var/lib/apt"])
    },
    Cache { locked: true, ..cache(&["dnf", "microdnf"], &["install", "update", "upgrade"], &["/var/cache/dnf"]) },
    Cache { locked: true, ..cache(&["yum"], &["install", "update"], &["/var/cache/yum"]) },
    Cache { locked: true, ..cache(&["zypper"], &["install", "in", "update"], &["/var/cache/zypp"]) },
    Cache {
        switches: &["--no-cache-dir"],
        ..cache(&["pip", "pip3"], &["install", "wheel", "download"], &["/root/.cache/pip"])
    },
    Cache { switches: &["--no-cache"], ..cache(&["uv"], &["sync", "pip", "install"], &["/root/.cache/uv"]) },
    cache(&["poetry"], &["install"], &["/root/.cache/pypoetry"]),
    cache(&["npm"], &["install", "ci", "i"], &["/root/.npm"]),
    cache(&["yarn"], &["install", "add"], &["/usr/local/share/.cache/yarn"]),
    cache(&["pnpm"], &["install", "add", "i"], &["/root/.local/share/pnpm/store"]),
    cache(&["go"], &["build", "install", "test", "vet"], &["/go/pkg/mod", "/root/.cache/go-build"]),
    cache(&["go"], &["mod", "get"], &["/go/pkg/mod"]),
    cache(
        &["cargo"],
        &["build", "install", "test", "fetch", "check"],
        &["/usr/local/cargo/registry", "/usr/local/cargo/git/db"],
    ),
    cache(&["mvn"], &[], &["/root/.m2"]),
    cache(&["gradle"], &[], &["/root/.gradle/caches"]),
    cache(&["composer"], &["install", "update"], &["/root/.composer/cache"]),
    cache(&["bundle"], &["install"], &["/usr/local/bundle/cache"]),
    cache(&["dotnet"], &["restore", "build", "publish"], &["/root/.nuget/packages"]),
];
