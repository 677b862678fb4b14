//! Compares two file trees in everything but times: type, mode, owner, links, extended attributes, content.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::failure::{Context as _, Outcome};

/// Where and in what two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// Relative to the root.
    pub(super) path: PathBuf,
    pub(super) what: String,
}

/// What is compared of an entry beside a file's content.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    kind: &'static str,
    mode: u32,
    owner: (u32, u32),
    /// Of regular files.
    size: u64,
    /// A symbolic link's target, or the first name of a file with several.
    link: Option<PathBuf>,
    device: u64,
    attributes: BTreeMap<Vec<u8>, Vec<u8>>,
}

type Tree = BTreeMap<PathBuf, Entry>;

/// Returns every difference between two trees, sorted by path.
///
/// # Errors
/// A tree cannot be read whole.
pub(super) fn compare(ours: &Path, theirs: &Path) -> Outcome<Vec<Difference>> {
    let (left, right) = (read(ours)?, read(theirs)?);
    let mut differences = Vec::new();
    for (path, entry) in &left {
        let what = match right.get(path) {
            None => Some("only in the first".to_owned()),
            Some(other) if entry != other => Some(told(entry, other)),
            Some(_) if entry.kind == "file" && !same_content(&ours.join(path), &theirs.join(path))? => {
                Some("content".to_owned())
            }
            Some(_) => None,
        };
        differences.extend(what.map(|what| Difference { path: path.clone(), what }));
    }
    let missing = right.keys().filter(|path| !left.contains_key(*path));
    differences.extend(missing.map(|path| Difference { path: path.clone(), what: "only in the second".to_owned() }));
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(differences)
}

fn told(a: &Entry, b: &Entry) -> String {
    let mut parts = Vec::new();
    if a.kind != b.kind {
        parts.push(format!("{} / {}", a.kind, b.kind));
    }
    if a.mode != b.mode {
        parts.push(format!("mode {:04o} / {:04o}", a.mode, b.mode));
    }
    if a.owner != b.owner {
        parts.push(format!("owner {:?} / {:?}", a.owner, b.owner));
    }
    if a.size != b.size {
        parts.push(format!("size {} / {}", a.size, b.size));
    }
    if a.link != b.link {
        parts.push(format!("link {:?} / {:?}", a.link, b.link));
    }
    if a.device != b.device {
        parts.push(format!("device {} / {}", a.device, b.device));
    }
    if a.attributes != b.attributes {
        parts.push("extended attributes".to_owned());
    }
    parts.join(", ")
}

fn read(root: &Path) -> Outcome<Tree> {
    let (mut tree, mut waiting) = (Tree::new(), vec![PathBuf::new()]);
    let mut first_names: BTreeMap<u64, PathBuf> = BTreeMap::new();
    let mut shared = Vec::new();
    while let Some(path) = waiting.pop() {
        let full = root.join(&path);
        let metadata = std::fs::symlink_metadata(&full).context(|| format!("cannot look at {}", full.display()))?;
        if metadata.is_dir() {
            let entries = std::fs::read_dir(&full).context(|| format!("cannot list {}", full.display()))?;
            for entry in entries {
                let entry = entry.context(|| format!("cannot list {}", full.display()))?;
                waiting.push(path.join(entry.file_name()));
            }
        } else if metadata.nlink() > 1 {
            let first = first_names.entry(metadata.ino()).or_insert_with(|| path.clone());
            if path < *first {
                first.clone_from(&path);
            }
            shared.push((path.clone(), metadata.ino()));
        }
        let entry = entry(&full, &metadata)?;
        tree.insert(path, entry);
    }
    for (path, inode) in shared {
        let first = first_names.get(&inode).cloned();
        if let Some(entry) = tree.get_mut(&path).filter(|entry| entry.link.is_none()) {
            entry.link = first.filter(|first| *first != path);
        }
    }
    Ok(tree)
}

fn entry(full: &Path, metadata: &Metadata) -> Outcome<Entry> {
    let (kind, file_type) = (kind(metadata), metadata.file_type());
    let link = match file_type.is_symlink() {
        true => Some(std::fs::read_link(full).context(|| format!("cannot read {}", full.display()))?),
        false => None,
    };
    let is_device = file_type.is_block_device() || file_type.is_char_device();
    Ok(Entry {
        kind,
        mode: metadata.mode() & 0o7777,
        owner: (metadata.uid(), metadata.gid()),
        size: if metadata.is_file() { metadata.len() } else { 0 },
        link,
        device: if is_device { metadata.rdev() } else { 0 },
        attributes: attributes(full)?,
    })
}

fn kind(metadata: &Metadata) -> &'static str {
    let file_type = metadata.file_type();
    match () {
        () if file_type.is_file() => "file",
        () if file_type.is_dir() => "directory",
        () if file_type.is_symlink() => "link",
        () if file_type.is_fifo() => "pipe",
        () if file_type.is_socket() => "socket",
        () if file_type.is_block_device() => "block device",
        () => "character device",
    }
}

/// umoci keeps its own note of whiteouts in no attribute, so every one counts.
fn attributes(full: &Path) -> Outcome<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut names = vec![0; 64 * 1024];
    let length = rustix::fs::llistxattr(full, &mut names[..])
        .context(|| format!("cannot list attributes of {}", full.display()))?;
    let mut found = BTreeMap::new();
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; 64 * 1024];
        let length = rustix::fs::lgetxattr(full, name, &mut value[..])
            .context(|| format!("cannot read attributes of {}", full.display()))?;
        value.truncate(length);
        found.insert(name.to_vec(), value);
    }
    Ok(found)
}

fn same_content(a: &Path, b: &Path) -> Outcome<bool> {
    let open = |path: &Path| File::open(path).context(|| format!("cannot read {}", path.display()));
    let (mut left, mut right) = (open(a)?, open(b)?);
    let (mut first, mut second) = (vec![0; 256 * 1024], vec![0; 256 * 1024]);
    loop {
        let length = left.read(&mut first).context(|| format!("cannot read {}", a.display()))?;
        if length == 0 {
            return Ok(right.read(&mut second).context(|| format!("cannot read {}", b.display()))? == 0);
        }
        if right.read_exact(&mut second[..length]).is_err() || first[..length] != second[..length] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Scratch;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn pair(change: impl Fn(&Path)) -> Vec<String> {
        let scratch = Scratch::new("trees").unwrap();
        for side in ["a", "b"] {
            let root = scratch.join(side);
            std::fs::create_dir_all(root.join("etc")).unwrap();
            std::fs::write(root.join("etc/hosts"), "local").unwrap();
            std::fs::hard_link(root.join("etc/hosts"), root.join("etc/other")).unwrap();
            symlink("hosts", root.join("etc/link")).unwrap();
        }
        change(&scratch.join("b"));
        let found = compare(&scratch.join("a"), &scratch.join("b")).unwrap();
        found.into_iter().map(|difference| format!("{}: {}", difference.path.display(), difference.what)).collect()
    }

    #[test]
    fn equal_trees() {
        assert!(pair(|_| {}).is_empty());
    }

    #[test]
    fn content_of_the_same_length() {
        assert_eq!(
            pair(|root| std::fs::write(root.join("etc/hosts"), "other").unwrap()),
            ["etc/hosts: content", "etc/other: content"]
        );
    }

    #[test]
    fn a_mode() {
        let change =
            |root: &Path| std::fs::set_permissions(root.join("etc"), PermissionsExt::from_mode(0o700)).unwrap();
        assert_eq!(pair(change), ["etc: mode 0755 / 0700"]);
    }

    #[test]
    fn a_hard_link_that_became_a_copy() {
        let found = pair(|root| {
            std::fs::remove_file(root.join("etc/other")).unwrap();
            std::fs::write(root.join("etc/other"), "local").unwrap();
        });
        assert_eq!(found, [r#"etc/other: link Some("etc/hosts") / None"#]);
    }

    #[test]
    fn a_link_elsewhere_and_a_missing_file() {
        let found = pair(|root| {
            std::fs::remove_file(root.join("etc/link")).unwrap();
            symlink("other", root.join("etc/link")).unwrap();
            std::fs::write(root.join("new"), "").unwrap();
        });
        assert_eq!(found, [r#"etc/link: link Some("hosts") / Some("other")"#, "new: only in the second"]);
    }
}
