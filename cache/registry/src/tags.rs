//! The tags of a repository, page by page.

use containr_http::{Method, Response, Url};
use containr_oci::Reference;
use serde::Deserialize;

use crate::context::Context;
use crate::error::RegistryError;
use crate::hosts::{Endpoint, Purpose};
use crate::registries::Registries;
use crate::session::{Access, Call, Session};

const LIST: &str = "list the tags of";

/// Longest page that is read.
const MOST_PAGE_BYTES: u64 = 4 << 20;

/// The number of pages that are read; a registry that has more is asked no further.
const MOST_PAGES: usize = 16;

#[derive(Deserialize)]
struct Page {
    /// A registry may send `null` for none.
    tags: Option<Vec<String>>,
}

impl Registries {
    /// Lists the tags of the repository of `reference`, sorted; of a repository with very many the first.
    ///
    /// # Errors
    /// Nobody could be asked, access is denied, or the answer is no list.
    pub fn tags(&self, reference: &Reference, context: &Context<'_>) -> Result<Vec<String>, RegistryError> {
        let mut tags = self.first_of(reference, Purpose::Resolve, context, |endpoint| {
            let session = Session::new(self, endpoint, Access::Read, context, reference.name());
            pages(&session, endpoint)
        })?;
        tags.sort();
        tags.dedup();
        Ok(tags)
    }
}

fn pages(session: &Session<'_>, endpoint: &Endpoint) -> Result<Vec<String>, RegistryError> {
    let mut url = endpoint.url("tags/list");
    let mut tags = Vec::new();
    for _ in 0..MOST_PAGES {
        let response = session.send(&Call::new(LIST, Method::GET, url.clone()))?;
        if !response.status().is_success() {
            return Err(session.refusal(LIST, response));
        }
        let next = next(&response, &url);
        let bytes = response.bytes(MOST_PAGE_BYTES, session.context.cancel);
        let bytes = bytes.map_err(|source| session.failure(LIST, source))?;
        let page: Page = serde_json::from_slice(&bytes).map_err(|_| session.protocol("the list of tags is no JSON"))?;
        tags.extend(page.tags.unwrap_or_default());
        match next {
            Some(next) => url = next,
            None => break,
        }
    }
    Ok(tags)
}

/// Returns the address of the next page, where there is one on the same server: credentials go nowhere else.
fn next(response: &Response, url: &Url) -> Option<Url> {
    target(response.header("link")?)
        .and_then(|target| url.join(target).ok())
        .filter(|next| next.origin() == url.origin() && next.path() == url.path())
}

/// Returns the address in a header `<address>; rel="next"` (RFC 8288).
fn target(link: &str) -> Option<&str> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = |parameter: &str| matches!(parameter.trim(), "rel=\"next\"" | "rel=next");
    parameters.split([';', ',']).any(is_next).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn the_next_page_is_in_a_link() {
        assert_eq!(target("</v2/a/tags/list?last=b&n=2>; rel=\"next\""), Some("/v2/a/tags/list?last=b&n=2"));
        assert_eq!(target("<x>;rel=next"), Some("x"));
        for link in ["", "<x>", "<x>; rel=\"prev\"", "x; rel=next", "<x; rel=next"] {
            assert_eq!(target(link), None, "{link}");
        }
    }
}
