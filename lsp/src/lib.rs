//! Answers an editor about Dockerfiles: the Language Server Protocol over the parser that also builds.
//!
//! [`serve`] speaks the protocol on two streams. Each open file is an immutable [`Document`] behind an `Arc`; every
//! request takes the snapshot that is current when it arrives and asks one pure function of `features` about it. What
//! only the outside knows (files, images, earlier builds) comes through the [`ports`], all of them optional.

mod capabilities;
mod cursor;
mod documents;
mod features;
mod lenient;
mod model;
mod outlet;
pub mod ports;
mod positions;
pub mod reference;
mod server;
mod session;
mod settings;
mod shell;
mod symbol;
mod tokens;

pub use documents::{Change, Document, Documents, Findings};
pub use model::{Definition, DefinitionKind, Model, Reference, ReferenceKind, Scope, StageInfo, Use, UseSite, Visible};
pub use ports::Ports;
pub use positions::{Encoding, Lines};
pub use server::{End, serve};
pub use session::Session;
pub use settings::{Settings, Switch};
pub use tokens::Token;
pub use tower_lsp_server::ls_types;
