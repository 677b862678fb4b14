//! Binds a base image to the digest that its tag means now.

use containr_dockerfile::syntax::From;

use crate::context::Context;
use crate::diagnostic::{Edit, Fix};

/// Returns the fix that adds the digest, where it is known.
pub(super) fn bind(context: &Context<'_>, from: &From) -> Option<Fix> {
    let digest = context.stages().facts(&from.base.value)?.digest.as_ref()?;
    let plain = !from.base.value.contains(['$', '@', '"', '\'']);
    let edit = Edit::insert(from.base.span.end, format!("@{digest}"));
    plain.then(|| Fix::risky("bind it to the digest that the tag means now", vec![edit]))
}
