//! Talks to the kernel; the only room with unsafe code.
#![expect(unsafe_code, reason = "system calls and mappings that no safe crate offers are wrapped here, and only here")]

pub mod beneath;
pub mod identity;
pub mod lease;
pub mod map;
pub mod mount;
pub mod names;
pub mod owner;
mod process;
pub mod seccomp;
pub mod sparse;
pub mod step;
