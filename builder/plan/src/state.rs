//! What a stage has come to so far: its tree, its variables, its config.

use std::collections::BTreeMap;

use containr_graph::{CachePolicy, Graph, Image, Local, Op, Origin, Step, StepId, Tree};
use containr_oci::{ImageConfig, Platform, RootFs};

use crate::scope::{Place, Scope};
use crate::variables::{self, Variables};
use crate::{BaseKey, HistoryLine, ResolvedBase, history};

/// The search path of images that set none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The stages that are planned, by position.
pub(crate) type States = BTreeMap<usize, State>;

/// A stage between two instructions.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) tree: Tree,
    pub(crate) platform: Platform,
    /// ENV and ARG together, for expansion and for RUN.
    pub(crate) variables: Variables,
    pub(crate) config: ImageConfig,
    /// The declared arguments in order, those of the stages below last.
    pub(crate) arguments: Vec<(String, Option<String>)>,
    pub(crate) history: Vec<HistoryLine>,
    pub(crate) layers: Vec<StepId>,
    pub(crate) base: Option<ResolvedBase>,
}

impl State {
    /// Returns what a stage begins with.
    pub(crate) fn on(place: &Place, scope: &Scope<'_>, graph: &mut Graph, states: &States, name: &str) -> Self {
        let mut state = match place {
            Place::Stage(index) => Self::on_stage(&states[index]),
            Place::Image(key) => Self::on_image(key, scope, graph, name),
            Place::Scratch | Place::Directory(_) => Self::empty(tree(place, scope, graph, states), scope.platform),
        };
        if !state.config.config.env.iter().any(|line| variables::split(line).0 == "PATH") {
            state.config.config.env.push(format!("PATH={DEFAULT_PATH}"));
        }
        for line in &state.config.config.env {
            let (name, value) = variables::split(line);
            state.variables.set(name, value);
        }
        state
    }

    fn empty(tree: Tree, platform: &Platform) -> Self {
        let mut config = ImageConfig {
            architecture: platform.architecture.clone(),
            os: platform.os.clone(),
            os_version: platform.os_version.clone(),
            variant: platform.variant.clone(),
            ..ImageConfig::default()
        };
        config.config.working_dir = "/".to_owned();
        Self {
            tree,
            platform: platform.clone(),
            variables: Variables::default(),
            config,
            arguments: Vec::new(),
            history: Vec::new(),
            layers: Vec::new(),
            base: None,
        }
    }

    fn on_stage(base: &Self) -> Self {
        let mut state = base.clone();
        state.config.config.on_build.clear();
        state
    }

    fn on_image(key: &BaseKey, scope: &Scope<'_>, graph: &mut Graph, name: &str) -> Self {
        let base = &scope.input.bases[key];
        let mut state = Self::empty(image(key, scope, graph, name), &key.platform);
        state.config =
            ImageConfig { created: None, rootfs: RootFs::default(), history: Vec::new(), ..base.config.clone() };
        state.config.config.on_build.clear();
        state.base = Some(base.clone());
        state
    }

    /// Returns the working directory.
    pub(crate) fn workdir(&self) -> &str {
        match self.config.config.working_dir.as_str() {
            "" => "/",
            path => path,
        }
    }

    /// Adds a line of history; with a step it describes that step's layer.
    pub(crate) fn log(&mut self, created_by: String, step: Option<StepId>) {
        self.history.push(HistoryLine { created_by, comment: Some(history::COMMENT.to_owned()), step });
    }

    /// Puts a step on top.
    pub(crate) fn stack(&mut self, step: StepId) {
        self.tree = Tree::Step(step);
        self.layers.push(step);
    }
}

/// Returns the tree of a place, adding its step to the graph where it has none yet.
pub(crate) fn tree(place: &Place, scope: &Scope<'_>, graph: &mut Graph, states: &States) -> Tree {
    match place {
        Place::Scratch => Tree::Scratch,
        Place::Directory(name) => local(name, scope, graph),
        Place::Image(key) => image(key, scope, graph, &format!("FROM {}", key.reference)),
        Place::Stage(index) => states[index].tree,
    }
}

/// Returns the tree of a directory; it is the same for all platforms.
pub(crate) fn local(name: &str, scope: &Scope<'_>, graph: &mut Graph) -> Tree {
    let shown = if name == "context" { "load build context".to_owned() } else { format!("load context {name}") };
    Tree::Step(graph.push(Step {
        op: Op::Local(Local { name: name.to_owned() }),
        parent: Tree::Scratch,
        platform: scope.input.build_platform.clone(),
        name: format!("[internal] {shown}"),
        origin: Origin::Synthetic,
        cache: CachePolicy::Use,
    }))
}

/// Returns the tree of an image; one without layers is the empty tree.
fn image(key: &BaseKey, scope: &Scope<'_>, graph: &mut Graph, name: &str) -> Tree {
    let base = &scope.input.bases[key];
    let diff_ids = base.config.rootfs.diff_ids.clone();
    if diff_ids.is_empty() {
        return Tree::Scratch;
    }
    Tree::Step(graph.push(Step {
        op: Op::Image(Image {
            reference: base.reference.clone(),
            manifest: base.manifest,
            config: base.config_digest,
            diff_ids,
        }),
        parent: Tree::Scratch,
        platform: key.platform.clone(),
        name: name.to_owned(),
        origin: Origin::Synthetic,
        cache: CachePolicy::Use,
    }))
}
