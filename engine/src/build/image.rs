//! Puts the image together: config with layers and history, as canonical bytes.

use std::collections::BTreeMap;

use containr_graph::StepId;
use containr_oci::{Digest, History, ImageConfig, rfc3339};
use containr_plan::TargetImage;

/// What is known of the layer that a step gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StepLayer {
    /// Digest of the uncompressed tar.
    pub(super) diff_id: Digest,
    /// Seconds since 1970 at which the step first gave it.
    pub(super) created: i64,
}

/// Returns the complete config of a target.
///
/// All times come from the records of the steps, or from `epoch`: a build that finds everything gives the same bytes again.
pub(super) fn config(target: &TargetImage, layers: &BTreeMap<StepId, StepLayer>, epoch: Option<i64>) -> ImageConfig {
    let mut config = target.config.clone();
    let base = target.base.as_ref().map(|base| &base.config);
    config.rootfs.diff_ids = base.map(|base| base.rootfs.diff_ids.clone()).unwrap_or_default();
    config.history = base.map(|base| base.history.clone()).unwrap_or_default();
    config.rootfs.diff_ids.extend(target.layers.iter().map(|step| layers[step].diff_id));
    let mut now = epoch.map(|epoch| rfc3339(epoch, 0)).or_else(|| base.and_then(|base| base.created.clone()));
    for line in &target.history {
        if let (Some(step), None) = (line.step, epoch) {
            now = later(now, layers[&step].created);
        }
        config.history.push(History {
            created: now.clone(),
            created_by: Some(line.created_by.clone()),
            author: None,
            comment: line.comment.clone(),
            empty_layer: line.step.is_none(),
        });
    }
    config.created = now;
    config
}

/// Returns the later of two times: a step that was recorded before its base was made does not turn time back.
fn later(now: Option<String>, created: i64) -> Option<String> {
    let before = now.as_deref().and_then(containr_oci::parse_rfc3339);
    if before.is_some_and(|before| before >= created) { now } else { Some(rfc3339(created, 0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use containr_graph::Tree;
    use containr_oci::Platform;
    use containr_plan::{HistoryLine, ResolvedBase};

    fn target() -> TargetImage {
        let base = ImageConfig { created: Some("1970-01-01T00:00:50Z".to_owned()), ..ImageConfig::default() };
        let line = |text: &str| HistoryLine { created_by: text.to_owned(), comment: None, step: None };
        TargetImage {
            tree: Tree::Scratch,
            platform: Platform::native(),
            config: ImageConfig::default(),
            history: vec![line("ENV a=b")],
            base: Some(ResolvedBase {
                reference: "b".to_owned(),
                manifest: None,
                config_digest: Digest::of(b""),
                config: base,
            }),
            layers: Vec::new(),
        }
    }

    #[test]
    fn metadata_alone_keeps_the_time_of_the_base() {
        let config = config(&target(), &BTreeMap::new(), None);
        assert_eq!(config.created.as_deref(), Some("1970-01-01T00:00:50Z"));
        assert!(config.history[0].empty_layer);
    }

    #[test]
    fn an_epoch_wins_everywhere() {
        let config = config(&target(), &BTreeMap::new(), Some(7));
        assert_eq!(config.created.as_deref(), Some("1970-01-01T00:00:07Z"));
        assert_eq!(config.history[0].created, config.created);
    }

    #[test]
    fn time_does_not_turn_back() {
        assert_eq!(later(Some("1970-01-01T00:01:00Z".to_owned()), 5).as_deref(), Some("1970-01-01T00:01:00Z"));
        assert_eq!(later(None, 5).as_deref(), Some("1970-01-01T00:00:05Z"));
    }
}
