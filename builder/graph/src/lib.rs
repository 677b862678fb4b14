//! Steps, ops, selectors and keys: what is to be done, said once for every front end.
//!
//! A [`Graph`] is plain data in topological order. Each op has a keyed half, which decides the result and is hashed into the
//! step's key, and where needed an unkeyed half, which must not.

mod key;
mod op;
mod step;

pub use key::{Inputs, KeyMaterial, KeyPart, StepKey};
pub use op::{
    Access, Bind, CacheMount, Copy, CopyKeyed, CopyKind, CopySource, Image, InlineFile, Limit, Local, Mount, MountKind,
    Network, Op, Run, RunKeyed, RunUnkeyed, Secret, Security, Sharing, SshMount, Unpack, Workdir,
};
pub use step::{CachePolicy, Graph, Origin, Step, StepId, Tree};
