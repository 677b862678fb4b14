//! What a plan consists of.

use containr_dockerfile::Span;
use containr_graph::{Graph, StepId, Tree};
use containr_oci::{ImageConfig, Platform};

use crate::{BaseKey, Diagnostic, ResolvedBase};

/// The outcome of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Planned {
    /// These configs are missing; sorted, each once.
    Needs(Vec<Need>),
    /// The plan.
    Ready(Plan),
}

/// An image that must be resolved before the plan can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The image.
    pub key: BaseKey,
    /// The name as written, after expansion.
    pub name: String,
    /// Where it is written first.
    pub span: Span,
    /// The stage that was likely meant, should there be no such image.
    pub similar: Option<String>,
}

/// What is to be done for all targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub graph: Graph,
    /// One image for each target and platform, targets first.
    pub targets: Vec<TargetImage>,
    /// Remarks that stop nothing.
    pub warnings: Vec<Diagnostic>,
    /// `SOURCE_DATE_EPOCH` in seconds, where an argument sets it.
    pub epoch: Option<i64>,
}

/// An image that comes out of the build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetImage {
    /// The file tree.
    pub tree: Tree,
    /// The platform.
    pub platform: Platform,
    /// The config; `rootfs`, `created` and `history` are empty.
    pub config: ImageConfig,
    /// The lines above the base's own history.
    pub history: Vec<HistoryLine>,
    /// The image whose layers and history come first.
    pub base: Option<ResolvedBase>,
    /// The steps whose deltas are the layers above the base, lowest first.
    pub layers: Vec<StepId>,
}

/// One line of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// The instruction as BuildKit writes it.
    pub created_by: String,
    /// Which builder's form it has.
    pub comment: Option<String>,
    /// The step whose layer the line describes; nothing for an empty layer.
    pub step: Option<StepId>,
}
