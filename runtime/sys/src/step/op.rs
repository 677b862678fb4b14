//! The operations of a step as plain data: what a child process does between its birth and its one exec.

/// A NUL-terminated string in a program's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(pub(super) u32);

/// Consecutive NUL-terminated strings in a program's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    pub(super) first: u32,
    pub(super) count: u32,
}

/// A descriptor that travels with a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried(pub(super) u32);

/// A place of the child in which one operation leaves a directory or mount for later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub u8);

/// A field of an operation, as the word it is on the wire.
trait Word: Sized {
    fn to_word(self) -> u64;
    fn from_word(word: u64) -> Option<Self>;
}

macro_rules! words_of_integers {
    ($($type:ty),*) => {$(
        impl Word for $type {
            fn to_word(self) -> u64 {
                u64::from(self)
            }
            fn from_word(word: u64) -> Option<Self> {
                word.try_into().ok()
            }
        }
    )*};
}

macro_rules! words_of_wrappers {
    ($($type:ident),*) => {$(
        impl Word for $type {
            fn to_word(self) -> u64 {
                u64::from(self.0)
            }
            fn from_word(word: u64) -> Option<Self> {
                word.try_into().ok().map($type)
            }
        }
    )*};
}

words_of_integers!(u32, u64);
words_of_wrappers!(Text, Carried, Slot);

impl Word for Texts {
    fn to_word(self) -> u64 {
        u64::from(self.first) << 32 | u64::from(self.count)
    }
    fn from_word(word: u64) -> Option<Self> {
        Some(Texts { first: u32::try_from(word >> 32).ok()?, count: u32::try_from(word & 0xffff_ffff).ok()? })
    }
}

/// How many words an operation takes on the wire: its code and up to seven fields.
pub(super) const OP_WORDS: usize = 8;

macro_rules! operations {
    ($($(#[$doc:meta])* $code:literal $name:ident { $($field:ident: $type:ty),* })*) => {
        /// One operation of a step. Paths inside the root file system are resolved in it, never outside.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each operation's sentence names its fields")]
        pub enum Op {
            $($(#[$doc])* $name { $($field: $type),* },)*
        }

        impl Op {
            /// Writes the operation as words: its code, its fields in order, zeros.
            pub(super) fn encode(self) -> [u64; OP_WORDS] {
                let mut words = [0; OP_WORDS];
                match self {
                    $(Op::$name { $($field),* } => {
                        let fields: &[u64] = &[$code, $($field.to_word()),*];
                        words[..fields.len()].copy_from_slice(fields);
                    })*
                }
                words
            }

            /// Reads an operation back; nothing for an unknown code or a field out of range.
            pub(super) fn decode(words: &[u64; OP_WORDS]) -> Option<Op> {
                let mut fields = words[1..].iter().copied();
                match words[0] {
                    $($code => Some(Op::$name { $($field: <$type as Word>::from_word(fields.next()?)?),* }),)*
                    _ => None,
                }
            }
        }
    };
}

operations! {
    /// Starts a session of its own.
    1 StartSession {}
    /// Makes three descriptors the standard streams.
    2 Stdio { input: Carried, output: Carried, error: Carried }
    /// Sets the host name of the own UTS namespace.
    3 Hostname { name: Text }
    /// Joins a new session keyring; a kernel that refuses is no failure.
    4 JoinKeyring {}
    /// Attaches the root file system and leaves its root in `into`.
    5 AttachRoot { mount: Carried, into: Slot }
    /// Makes the directory `name` in `at` where nothing of that name is.
    6 MakeDirectory { at: Slot, name: Text, mode: u32 }
    /// Mounts a new `filesystem` with `options` (key and value in turn, an empty value for a flag) on the real directory `name` in `at`.
    7 MountNew { filesystem: Text, options: Texts, attributes: u32, at: Slot, name: Text, into: Slot }
    /// Clones the launcher's mount at `from`, recursively, onto the real directory `name` in `at`.
    8 MountClone { from: Text, attributes: u32, at: Slot, name: Text, into: Slot }
    /// Makes the device node `name` in `at`.
    9 MakeNode { at: Slot, name: Text, mode: u32, device: u64 }
    /// Makes the file `name` in `at` and mounts the launcher's node `from` on it.
    10 CloneNode { from: Text, at: Slot, name: Text }
    /// Makes the symbolic link `name` in `at`.
    11 MakeLink { at: Slot, name: Text, target: Text }
    /// Puts a carried mount on `path` below `root`; links are followed inside the root, kernel file systems refused.
    12 Attach { mount: Carried, root: Slot, path: Text }
    /// Hides `path` below `at`, if there is one, behind an empty directory or the node `null` of `devices`.
    13 Mask { at: Slot, path: Text, devices: Slot }
    /// Makes `path` below `at`, if there is one, a read-only mount.
    14 Freeze { at: Slot, path: Text }
    /// Makes `root` the root of the mount namespace and gives up the old one.
    15 PivotRoot { root: Slot }
    /// Makes `path` the working directory, making missing directories; it lies inside the root.
    16 EnterDirectory { path: Text }
    /// Loads the launcher's seccomp filter number `index`.
    17 LoadFilter { index: u32 }
    /// Sets a resource limit (`RLIMIT_*` number).
    18 SetLimit { resource: u32, soft: u64, hard: u64 }
    /// Sets the supplementary groups, given as decimal texts.
    19 SetGroups { groups: Texts }
    /// Sets the real, effective and saved ids.
    20 SetIds { uid: u32, gid: u32 }
    /// Keeps of the permitted and effective capabilities those of a bit set, of the inheritable and ambient ones none.
    21 SetCapabilities { keep: u64 }
    /// Sets the file mode creation mask.
    22 SetMask { mask: u32 }
    /// Gives up gaining privileges by exec.
    23 NoNewPrivileges {}
    /// Brings the loopback interface of the own network namespace up.
    24 RaiseLoopback {}
    /// Makes a carried directory the root by chroot(2).
    25 ChangeRoot { root: Carried }
    /// Runs the first of `candidates` that exists.
    26 Execute { candidates: Texts, arguments: Texts, environment: Texts }
    /// Makes `name` in the real directory `parent` below `at` where nothing of that name is; the type bits of `mode` say what.
    27 MakeEntry { at: Slot, parent: Text, name: Text, mode: u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_survive_the_wire() {
        let texts = Texts { first: 9, count: u32::MAX };
        let op = Op::MountNew {
            filesystem: Text(1),
            options: texts,
            attributes: 3,
            at: Slot(4),
            name: Text(5),
            into: Slot(6),
        };
        assert_eq!(Op::decode(&op.encode()), Some(op));
        let op = Op::SetLimit { resource: 7, soft: u64::MAX, hard: 1 << 40 };
        assert_eq!(Op::decode(&op.encode()), Some(op));
    }

    #[test]
    fn fields_out_of_range_are_refused() {
        assert_eq!(Op::decode(&[6, 256, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(Op::decode(&[99, 0, 0, 0, 0, 0, 0, 0]), None);
    }
}
