//! The mounts of RUN.

use containr_dockerfile::expand::ExpandError;
use containr_dockerfile::syntax::{self, MountKey, MountKind as Type, MountSettings};
use containr_dockerfile::{Span, Spanned, expand};
use containr_graph::{Access, Bind, CacheMount, Mount, MountKind, Secret, Sharing, SshMount, Tree};

use super::Builder;
use crate::onbuild::Todo;
use crate::{Code, Diagnostic, path, state};

/// All mounts of one RUN.
#[derive(Default)]
pub(super) struct Mounts {
    pub(super) mounts: Vec<Mount>,
    /// The variables that hold secrets.
    pub(super) secret_variables: Vec<String>,
    /// The target of the first agent.
    pub(super) agent: Option<String>,
}

impl Builder<'_, '_> {
    /// Gives the mounts their meaning.
    pub(super) fn mounts(&mut self, todo: &Todo<'_>, run: &syntax::Run) -> Result<Mounts, Diagnostic> {
        let mut mounts = Mounts::default();
        let mut agents = 0;
        for written in &run.mounts {
            let settings = written
                .resolve(|word| -> Result<String, ExpandError> {
                    Ok(expand::expand_word(word, self.site.scope.escape, &self.state.variables)?.text)
                })
                .map_err(|error| Diagnostic::error(error.span, Code::InvalidMount, error.message))?;
            let mount = match settings.kind {
                Type::Bind => self.bind(todo, written, &settings)?,
                Type::Cache => self.cache(todo, written, &settings)?,
                Type::Tmpfs => {
                    let target = self.target(&settings, written.span)?;
                    Mount { target, kind: MountKind::Tmpfs { size: settings.size } }
                }
                Type::Secret => secret(&settings),
                Type::Ssh => {
                    let mount = agent(&settings, agents, written.span)?;
                    agents += 1;
                    mounts.agent.get_or_insert_with(|| mount.target.clone());
                    mount
                }
            };
            if let MountKind::Secret(Secret { env: Some(name), .. }) = &mount.kind {
                mounts.secret_variables.push(name.clone());
            }
            mounts.mounts.push(mount);
        }
        Ok(mounts)
    }

    fn bind(
        &mut self,
        todo: &Todo<'_>,
        written: &syntax::Mount,
        settings: &MountSettings,
    ) -> Result<Mount, Diagnostic> {
        let from = match source_name(written) {
            Some(name) => self.mount_tree(todo, &name)?,
            None => state::local("context", self.site.scope, &mut self.output.graph),
        };
        let source = path::clean(settings.source.as_deref().unwrap_or("/"));
        let bind = Bind { from, source, access: access(settings) };
        Ok(Mount { target: self.target(settings, written.span)?, kind: MountKind::Bind(bind) })
    }

    fn cache(
        &mut self,
        todo: &Todo<'_>,
        written: &syntax::Mount,
        settings: &MountSettings,
    ) -> Result<Mount, Diagnostic> {
        let from = match source_name(written) {
            Some(name) => self.mount_tree(todo, &name)?,
            None => Tree::Scratch,
        };
        let target = self.target(settings, written.span)?;
        let written_target = settings.target.as_deref().unwrap_or_default();
        let id = settings.id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| cache_id(written_target));
        let namespace = self.site.scope.given.get("BUILDKIT_CACHE_MOUNT_NS").copied().unwrap_or_default();
        let cache = CacheMount {
            id: if namespace.is_empty() { id } else { format!("{namespace}/{id}") },
            sharing: match settings.sharing.unwrap_or_default() {
                syntax::Sharing::Shared => Sharing::Shared,
                syntax::Sharing::Private => Sharing::Private,
                syntax::Sharing::Locked => Sharing::Locked,
            },
            from,
            source: path::clean(settings.source.as_deref().unwrap_or("/")),
            access: access(settings),
            mode: settings.mode.unwrap_or(0o755),
            uid: settings.uid.unwrap_or(0),
            gid: settings.gid.unwrap_or(0),
        };
        Ok(Mount { target, kind: MountKind::Cache(cache) })
    }

    fn mount_tree(&mut self, todo: &Todo<'_>, name: &Spanned<String>) -> Result<Tree, Diagnostic> {
        let place = self.site.stages.mount_source(self.site.scope, self.site.index, todo, name)?;
        Ok(state::tree(&place, self.site.scope, &mut self.output.graph, self.site.states))
    }

    /// Returns the absolute target; the root cannot be covered.
    fn target(&self, settings: &MountSettings, span: Span) -> Result<String, Diagnostic> {
        let written = settings.target.as_deref().unwrap_or_default();
        let target = if written.starts_with('/') {
            path::clean(written)
        } else {
            path::clean(&format!("{}/{written}", self.state.workdir()))
        };
        if target == "/" {
            return Err(Diagnostic::error(span, Code::InvalidMount, format!("invalid mount target `{written}`")));
        }
        Ok(target)
    }
}

/// Returns the value of `from`, which is never expanded.
fn source_name(mount: &syntax::Mount) -> Option<Spanned<String>> {
    let option = mount.options.iter().rfind(|option| option.key == MountKey::From)?;
    Some(Spanned::new(option.value.clone().filter(|value| !value.is_empty())?, option.text.span))
}

/// Returns the default identity of a cache: its target as written, cleaned.
fn cache_id(target: &str) -> String {
    let cleaned = path::clean(target);
    if target.starts_with('/') { cleaned } else { cleaned.trim_start_matches('/').to_owned() }
}

fn access(settings: &MountSettings) -> Access {
    if settings.read_only { Access::ReadOnly } else { Access::ReadWrite }
}

fn secret(settings: &MountSettings) -> Mount {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let target = given(&settings.target);
    let id = given(&settings.source).or_else(|| given(&settings.id));
    let id = id.unwrap_or_else(|| path::base(target.as_deref().unwrap_or_default()).to_owned());
    let env = settings.env.clone().map(|name| if name.is_empty() { id.clone() } else { name });
    let target = match (target, &env) {
        (Some(target), _) => path::clean(&target),
        (None, Some(_)) => String::new(),
        (None, None) => format!("/run/secrets/{}", path::base(&id)),
    };
    let secret = Secret {
        id,
        env,
        required: settings.required,
        mode: settings.mode.unwrap_or(0o400),
        uid: settings.uid.unwrap_or(0),
        gid: settings.gid.unwrap_or(0),
    };
    Mount { target, kind: MountKind::Secret(secret) }
}

fn agent(settings: &MountSettings, index: usize, span: Span) -> Result<Mount, Diagnostic> {
    if settings.source.is_some() {
        return Err(Diagnostic::error(span, Code::InvalidMount, "a mount of type ssh has no source"));
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let target = given(&settings.target).map(|target| path::clean(&target));
    let agent = SshMount {
        id: given(&settings.id).unwrap_or_else(|| "default".to_owned()),
        required: settings.required,
        mode: settings.mode.unwrap_or(0o600),
        uid: settings.uid.unwrap_or(0),
        gid: settings.gid.unwrap_or(0),
    };
    Ok(Mount {
        target: target.unwrap_or_else(|| format!("/run/buildkit/ssh_agent.{index}")),
        kind: MountKind::Ssh(agent),
    })
}
