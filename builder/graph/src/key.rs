//! Step keys: the identity of a step is its content, by one look-up.
//!
//! `key = H(version of the op kind, keyed half of the op, platform, class of the id map, ids of the inputs)`. The parts are
//! kept apart until the end so that `--explain` can name the one that differs. Every part is framed by name and length, so no
//! two materials share bytes; every struct is taken apart without `..`, so that a new field cannot be forgotten.

use std::fmt;

use containr_oci::{Digest, Hasher, Platform};

use crate::{
    Bind, CacheMount, Copy, CopyKeyed, CopySource, Image, InlineFile, Limit, Local, Mount, MountKind, Op, Run,
    RunKeyed, Secret, SshMount, Step, Tree, Workdir,
};

/// Raised when the meaning of an op changes so that older results must not serve.
const VERSION: &str = "1";

/// The identity of a step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepKey(pub [u8; 32]);

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Digest::from_sha256(self.0), f)
    }
}

impl fmt::Debug for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the solver knows of a step's surroundings when it makes the key.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The result id of the parent; 32 zero bytes for scratch.
    pub parent: [u8; 32],
    /// The ids of the other inputs in the order of [`Step::inputs`]: result ids, or digests of the selected entries.
    pub others: &'a [[u8; 32]],
    /// What of the builder changes results: `full`, or for example `single-id`, `chroot`.
    pub fidelity: &'a str,
    /// The clamping epoch of `--reproducible`.
    pub epoch: Option<i64>,
}

/// One named part of a key and its value's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPart {
    /// For people: `command`, `env PATH`, `parent`.
    pub name: String,
    /// SHA-256 of the value.
    pub hash: [u8; 32],
}

/// All parts of one key, in canonical order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyMaterial {
    parts: Vec<KeyPart>,
}

impl KeyMaterial {
    /// Returns the material of a step.
    pub fn of(step: &Step, inputs: &Inputs<'_>) -> Self {
        let mut material = Self::default();
        let Platform { architecture, os, os_version, variant } = &step.platform;
        material.text("version", VERSION);
        material.list(
            "platform",
            &[os, architecture, variant.as_deref().unwrap_or(""), os_version.as_deref().unwrap_or("")],
        );
        material.text("isolation", inputs.fidelity);
        material.bytes("epoch", &inputs.epoch.map(i64::to_le_bytes).map(Vec::from).unwrap_or_default());
        // A linked COPY is the same whatever lies below it.
        if !matches!(&step.op, Op::Copy(copy) if copy.keyed.link) {
            material.bytes("parent", &inputs.parent);
        }
        for (index, id) in inputs.others.iter().enumerate() {
            material.bytes(&format!("input {}", index + 1), id);
        }
        material.op(&step.op);
        material
    }

    /// Returns the key.
    pub fn key(&self) -> StepKey {
        let mut hasher = Hasher::sha256();
        for KeyPart { name, hash } in &self.parts {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
            hasher.update(hash);
        }
        StepKey(hasher.finish().bytes().try_into().expect("SHA-256 has 32 bytes"))
    }

    /// Returns the parts in order.
    pub fn parts(&self) -> &[KeyPart] {
        &self.parts
    }

    /// Returns the parts as bytes for a record: a line `NAME\0` and 32 bytes of hash each.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for KeyPart { name, hash } in &self.parts {
            out.extend_from_slice(name.as_bytes());
            out.push(0);
            out.extend_from_slice(hash);
        }
        out
    }

    /// Reads what [`KeyMaterial::encode`] wrote; nothing when the bytes are damaged.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut parts = Vec::new();
        while !bytes.is_empty() {
            let end = bytes.iter().position(|b| *b == 0)?;
            let name = String::from_utf8(bytes[..end].to_vec()).ok()?;
            let hash = bytes.get(end + 1..end + 33)?.try_into().ok()?;
            parts.push(KeyPart { name, hash });
            bytes = &bytes[end + 33..];
        }
        Some(Self { parts })
    }

    /// Returns the names of the parts in which this material differs from an `older` one: changed, new or gone.
    pub fn differences(&self, older: &Self) -> Vec<String> {
        let changed = self.parts.iter().filter(|part| !older.parts.contains(part)).map(|part| part.name.clone());
        let gone = older
            .parts
            .iter()
            .filter(|old| !self.parts.iter().any(|part| part.name == old.name))
            .map(|old| old.name.clone());
        changed.chain(gone).collect()
    }

    fn bytes(&mut self, name: &str, value: &[u8]) {
        let hash = Digest::of(value).bytes().try_into().expect("SHA-256 has 32 bytes");
        self.parts.push(KeyPart { name: name.to_owned(), hash });
    }

    fn text(&mut self, name: &str, value: &str) {
        self.bytes(name, value.as_bytes());
    }

    fn list<T: AsRef<[u8]>>(&mut self, name: &str, values: &[T]) {
        let mut framed = Vec::new();
        for value in values {
            framed.extend_from_slice(&(value.as_ref().len() as u64).to_le_bytes());
            framed.extend_from_slice(value.as_ref());
        }
        self.bytes(name, &framed);
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Image(image) => self.image(image),
            Op::Local(Local { name }) => self.text("local", name),
            Op::Run(Run { keyed, unkeyed: _ }) => self.run(keyed),
            Op::Copy(Copy { from: _, keyed }) => self.copy(keyed),
            Op::Workdir(Workdir { path, user }) => self.list("workdir", &[path, user]),
        }
    }

    fn image(&mut self, image: &Image) {
        // The name, the manifest and the config do not change what a step below sees.
        let Image { reference: _, manifest: _, config: _, diff_ids } = image;
        self.list("layers", &diff_ids.iter().map(Digest::to_string).collect::<Vec<_>>());
    }

    fn run(&mut self, run: &RunKeyed) {
        let RunKeyed { args, env, cwd, user, network, security, hostname, mounts, files, shm_size, limits } = run;
        self.list("command", args);
        for variable in env {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            self.text(&format!("env {name}"), value);
        }
        self.text("working directory", cwd);
        self.text("user", user);
        self.text("network", &format!("{network:?}"));
        self.text("security", &format!("{security:?}"));
        self.list("host name", hostname.as_slice());
        for (index, mount) in mounts.iter().enumerate() {
            self.mount(index, mount);
        }
        self.files(files);
        self.text("shm size", &shm_size.map(|size| size.to_string()).unwrap_or_default());
        for Limit { name, soft, hard } in limits {
            self.text(&format!("ulimit {name}"), &format!("{soft}:{hard}"));
        }
    }

    fn mount(&mut self, index: usize, mount: &Mount) {
        let Mount { target, kind } = mount;
        let name = format!("mount {} {target}", index + 1);
        match kind {
            MountKind::Bind(Bind { from, source, access }) => {
                self.list(&name, &["bind", present(*from), source, &format!("{access:?}")]);
            }
            MountKind::Cache(CacheMount { id, sharing, from, source, access, mode, uid, gid }) => {
                let numbers = format!("{sharing:?} {access:?} {mode:o} {uid} {gid}");
                self.list(&name, &["cache", id, present(*from), source, &numbers]);
            }
            MountKind::Tmpfs { size } => self.list(&name, &["tmpfs", &size.map(|s| s.to_string()).unwrap_or_default()]),
            MountKind::Secret(Secret { id, env, required, mode, uid, gid }) => {
                let numbers = format!("{required} {mode:o} {uid} {gid}");
                self.list(&name, &["secret", id, env.as_deref().unwrap_or(""), &numbers]);
            }
            MountKind::Ssh(SshMount { id, required, mode, uid, gid }) => {
                self.list(&name, &["ssh", id, &format!("{required} {mode:o} {uid} {gid}")]);
            }
        }
    }

    fn files(&mut self, files: &[InlineFile]) {
        for InlineFile { name, content, mode } in files {
            self.list(&format!("file {name}"), &[content.as_slice(), format!("{mode:o}").as_bytes()]);
        }
    }

    fn copy(&mut self, copy: &CopyKeyed) {
        let CopyKeyed { kind, sources, destination, chown, chmod, link, parents, excludes, unpack } = copy;
        self.text("copy", &format!("{kind:?} link={link} parents={parents} unpack={unpack:?}"));
        for (index, source) in sources.iter().enumerate() {
            match source {
                // The files themselves are an input; of the words only their number and order matter beside it.
                CopySource::Path(path) => self.text(&format!("source {}", index + 1), path),
                CopySource::Inline(file) => self.files(std::slice::from_ref(file)),
            }
        }
        self.text("destination", destination);
        self.list("chown", chown.as_slice());
        self.list("chmod", chmod.as_slice());
        self.list("exclude", excludes);
    }
}

fn present(tree: Tree) -> &'static str {
    match tree {
        Tree::Scratch => "scratch",
        Tree::Step(_) => "tree",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CachePolicy, Origin};

    fn workdir(path: &str, user: &str) -> Step {
        Step {
            op: Op::Workdir(Workdir { path: path.to_owned(), user: user.to_owned() }),
            parent: Tree::Scratch,
            platform: Platform::native(),
            name: String::new(),
            origin: Origin::Synthetic,
            cache: CachePolicy::Use,
        }
    }

    fn key(step: &Step, parent: u8) -> StepKey {
        KeyMaterial::of(step, &Inputs { parent: [parent; 32], others: &[], fidelity: "full", epoch: None }).key()
    }

    #[test]
    fn bytes_cannot_move_between_fields() {
        assert_ne!(key(&workdir("/ab", "c"), 0), key(&workdir("/a", "bc"), 0));
    }

    #[test]
    fn the_parent_counts_and_the_name_does_not() {
        let mut named = workdir("/a", "");
        named.name = "shown".to_owned();
        assert_eq!(key(&named, 0), key(&workdir("/a", ""), 0));
        assert_ne!(key(&named, 0), key(&named, 1));
    }

    #[test]
    fn differences_name_the_part() {
        let inputs = Inputs { parent: [0; 32], others: &[], fidelity: "full", epoch: None };
        let (old, new) = (KeyMaterial::of(&workdir("/a", ""), &inputs), KeyMaterial::of(&workdir("/b", ""), &inputs));
        let old = KeyMaterial::decode(&old.encode()).unwrap();
        assert_eq!(new.differences(&old), ["workdir"]);
    }
}
