//! The requests that help with writing. Each takes its snapshot first, then asks the ports.

use std::sync::Arc;

use serde_json::{Value, from_value, json, to_value};
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types::*;

use super::Server;
use crate::documents::Document;
use crate::features::actions::{self, Wanted, action, actions};
use crate::features::completion::{self, Style};
use crate::features::hover::{hover, image_text, plain};
use crate::features::{inlay, lens, signature};
use crate::ports::{Reach, StepFact};
use crate::session::{Session, path};

impl Server {
    /// Returns what may be written at a position.
    pub(super) async fn completions(&self, place: TextDocumentPositionParams) -> Option<CompletionResponse> {
        let document = self.state.documents.get(&place.text_document.uri)?;
        let found = completion::complete(&document, document.offset(place.position));
        let file = path(document.uri());
        let fetched = completion::fetch(&self.state.ports, file.as_deref(), found.wants, self.reach()).await;
        let style = style(&self.state.session());
        let candidates = found.candidates.into_iter().chain(fetched.candidates);
        let items = candidates.map(|candidate| candidate.item(&document, style)).collect();
        Some(CompletionResponse::List(CompletionList { is_incomplete: fetched.is_cut, items }))
    }

    /// Returns what stands at a position, in words.
    pub(super) async fn hovered(&self, place: TextDocumentPositionParams) -> Option<Hover> {
        let document = self.state.documents.get(&place.text_document.uri)?;
        let findings = self.findings(&document);
        let mut found = hover(&document, document.offset(place.position), &findings)?;
        if let (Some((name, platform)), Some(images)) = (&found.image, &self.state.ports.images)
            && let Some(image) = images.image(name, platform.as_deref()).await
        {
            found.text.push_str(&format!("\n\n{}", image_text(&image)));
        }
        let markdown = self.state.session().has_markdown();
        let contents = match markdown {
            true => MarkupContent { kind: MarkupKind::Markdown, value: found.text },
            false => MarkupContent { kind: MarkupKind::PlainText, value: plain(&found.text) },
        };
        let range = Some(document.range(found.span));
        Some(Hover { contents: HoverContents::Markup(contents), range })
    }

    /// Returns the form of what is written at a position.
    pub(super) fn signature(&self, place: &TextDocumentPositionParams) -> Option<SignatureHelp> {
        let document = self.state.documents.get(&place.text_document.uri)?;
        signature::signature_help(&document, document.offset(place.position))
    }

    /// Returns the hints between the text of a range.
    pub(super) async fn hints(&self, params: InlayHintParams) -> Option<Vec<InlayHint>> {
        let document = self.state.documents.get(&params.text_document.uri)?;
        if !self.state.settings().hints.is_on() {
            return None;
        }
        let span = document.span(params.range);
        let mut digests = Vec::new();
        if let Some(images) = &self.state.ports.images {
            for base in inlay::bases(&document, span) {
                let known = images.image(&base.reference, base.platform.as_deref()).await;
                digests.extend(known.and_then(|image| image.digest).map(|digest| (base, digest)));
            }
        }
        let steps = self.steps(&document).await;
        Some(inlay::hints(&document, span, &digests, &steps))
    }

    /// Returns the lenses above the text.
    pub(super) async fn lenses(&self, params: CodeLensParams) -> Option<Vec<CodeLens>> {
        let document = self.state.documents.get(&params.text_document.uri)?;
        if !self.state.settings().lenses.is_on() {
            return None;
        }
        let steps = self.steps(&document).await;
        Some(lens::lenses(&document, &steps))
    }

    /// Returns what can be done with a selection.
    pub(super) async fn offered(&self, params: CodeActionParams) -> Option<CodeActionResponse> {
        let document = self.state.documents.get(&params.text_document.uri)?;
        let session = self.state.session();
        let findings = self.findings(&document);
        let wanted = Wanted {
            span: document.span(params.range),
            only: params.context.only.as_deref(),
            resolves: resolves_edits(&session),
        };
        let config = self.state.config(document.uri());
        let mut found = actions(&document, &findings, &config, &wanted);
        found.extend(self.pin(&document, &wanted).await);
        let literal = has_literals(&session);
        let form = |action: CodeAction| if literal { Some(action.into()) } else { command(action).map(Into::into) };
        Some(found.into_iter().filter_map(form).collect())
    }

    /// Offers to pin a base; the digest is fetched when the action is chosen, where the client can wait for it.
    async fn pin(&self, document: &Document, wanted: &Wanted<'_>) -> Option<CodeAction> {
        let images = self.state.ports.images.as_ref()?;
        let pin = wanted.pin(document)?;
        let title = format!("Pin {} to its digest", pin.reference);
        if wanted.resolves {
            let data = json!({
                "resolve": "pin",
                "uri": document.uri(),
                "version": document.version(),
                "at": pin.at.saturating_sub(1),
            });
            return Some(CodeAction { title, kind: Some(actions::PIN), data: Some(data), ..CodeAction::default() });
        }
        let digest = images.digest(&pin.reference, self.reach()).await?;
        Some(action(document, title, actions::PIN, &[pin.edit(&digest)]))
    }

    /// Works out the edit of an action; one whose document has changed since stays without.
    pub(super) async fn worked_out(&self, mut chosen: CodeAction) -> CodeAction {
        let Some(data) = chosen.data.clone() else { return chosen };
        let Some(document) = self.current(&data) else { return chosen };
        let edits = match data["resolve"].as_str() {
            Some("fixAll") => {
                let config = self.state.config(document.uri());
                let own = Arc::clone(&document);
                // Many rounds of the lint must not hold up other requests; the task ends early only with the runtime.
                let task = tokio::task::spawn_blocking(move || actions::fix_all(&own, &config));
                task.await.unwrap_or_default()
            }
            Some("pin") => self.pinned(&document, &data).await.into_iter().collect(),
            _ => return chosen,
        };
        chosen.edit = Some(actions::edit(&document, &edits));
        chosen
    }

    async fn pinned(&self, document: &Document, data: &Value) -> Option<containr_lint::Edit> {
        let at = u32::try_from(data["at"].as_u64()?).ok()?;
        let pin = actions::pin(document, containr_dockerfile::Span::new(at, at))?;
        let digest = self.state.ports.images.as_ref()?.digest(&pin.reference, self.reach()).await?;
        Some(pin.edit(&digest))
    }

    /// Returns the document that an action was offered for, while it is still the same.
    fn current(&self, data: &Value) -> Option<Arc<Document>> {
        let uri: Uri = data["uri"].as_str()?.parse().ok()?;
        let document = self.state.documents.get(&uri)?;
        (data["version"].as_i64() == Some(document.version().into())).then_some(document)
    }

    /// Executes a command that an action stands for.
    pub(super) async fn execute(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        if params.command != actions::APPLY {
            return Err(Error::invalid_params(format!("no command is named `{}`", params.command)));
        }
        let edit = params.arguments.into_iter().next().and_then(|value| from_value::<WorkspaceEdit>(value).ok());
        let Some(edit) = edit else { return Err(Error::invalid_params("the argument is no edit")) };
        let applied = self.client.apply_edit(edit).await?;
        Ok(to_value(applied).ok())
    }

    async fn steps(&self, document: &Document) -> Vec<StepFact> {
        let (Some(builds), Some(file)) = (&self.state.ports.builds, path(document.uri())) else { return Vec::new() };
        builds.steps(&file, document.text()).await
    }

    fn findings(&self, document: &Document) -> crate::documents::Findings {
        if !self.state.settings().lint.is_on() {
            return crate::documents::Findings::default();
        }
        document.findings(&self.state.config(document.uri()))
    }

    fn reach(&self) -> Reach {
        if self.state.settings().online.is_on() { Reach::Registry } else { Reach::Local }
    }
}

/// Returns what the client can do with candidates of completion.
fn style(session: &Session) -> Style {
    let completion = session.capabilities.text_document.as_ref().and_then(|all| all.completion.as_ref());
    let item = completion.and_then(|one| one.completion_item.as_ref());
    Style {
        snippets: session.has_snippets(),
        insert_replace: item.and_then(|item| item.insert_replace_support).unwrap_or(false),
        suggests: ["Visual Studio Code", "VSCodium", "Cursor"].iter().any(|name| session.client.starts_with(name)),
    }
}

fn code_action(session: &Session) -> Option<&CodeActionClientCapabilities> {
    session.capabilities.text_document.as_ref()?.code_action.as_ref()
}

/// Tells whether the client asks for the edit of an action when it is chosen.
fn resolves_edits(session: &Session) -> bool {
    let support = code_action(session).and_then(|one| one.resolve_support.as_ref());
    let data = code_action(session).and_then(|one| one.data_support).unwrap_or(false);
    data && support.is_some_and(|support| support.properties.iter().any(|name| name == "edit"))
}

/// Tells whether the client knows actions besides commands; one that says nothing of actions is taken to.
fn has_literals(session: &Session) -> bool {
    code_action(session).is_none_or(|one| one.code_action_literal_support.is_some())
}

/// Returns an action as a command that applies its edit.
fn command(action: CodeAction) -> Option<Command> {
    let edit = to_value(action.edit?).ok()?;
    Some(Command { title: action.title, command: actions::APPLY.to_owned(), arguments: Some(vec![edit]) })
}
