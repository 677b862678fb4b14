//! Manifests and indexes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Descriptor, Platform, media};

/// One image: a config and its layers, base first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// OCI's or docker's manifest media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Type of an artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The image config.
    pub config: Descriptor,
    /// The layers, lowest first.
    #[serde(default)]
    pub layers: Vec<Descriptor>,
    /// The manifest that this one says something about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// Free key-value pairs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Several manifests under one digest, by platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Always 2.
    pub schema_version: u32,
    /// OCI's index or docker's list media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The manifests.
    pub manifests: Vec<Descriptor>,
    /// Free key-value pairs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What a reference can lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one exists at a time, and all readers take it apart at once")]
pub enum Target {
    /// A single manifest.
    Manifest(Manifest),
    /// An index or manifest list.
    Index(Index),
}

/// Why bytes are no usable manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The bytes are no JSON of the expected shape.
    #[error("manifest is not valid JSON of its type")]
    Json(#[from] serde_json::Error),
    /// Docker's signed schema 1, which no current registry serves by default.
    #[error("manifest has docker schema 1, which is not supported; push the image again with a current tool")]
    Schema1,
    /// The media type is none of the four that are known.
    #[error("manifest has the unknown media type `{0}`")]
    UnknownType(String),
}

impl Target {
    /// Parses bytes whose type `media_type` came from a descriptor or header; without one the shape decides.
    ///
    /// # Errors
    /// See [`ManifestError`].
    pub fn parse(bytes: &[u8], media_type: Option<&str>) -> Result<Self, ManifestError> {
        let value: Value = serde_json::from_slice(bytes)?;
        if value.get("schemaVersion").and_then(Value::as_u64) == Some(1) {
            return Err(ManifestError::Schema1);
        }
        let declared = value
            .get("mediaType")
            .and_then(Value::as_str)
            .or(media_type)
            .map(|t| t.split(';').next().unwrap_or(t).trim());
        let index = match declared {
            Some(media::INDEX | media::DOCKER_LIST) => true,
            Some(media::MANIFEST | media::DOCKER_MANIFEST) => false,
            Some(other) if other.starts_with("application/vnd.") => {
                return Err(ManifestError::UnknownType(other.to_owned()));
            }
            _ => value.get("manifests").is_some(),
        };
        // Parsed from the bytes again: a Value has lost the order and duplicate keys that serde refuses.
        if index {
            Ok(Self::Index(serde_json::from_slice(bytes)?))
        } else {
            Ok(Self::Manifest(serde_json::from_slice(bytes)?))
        }
    }
}

impl Manifest {
    /// Returns an OCI manifest of one image without annotations.
    pub fn oci(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: Some(media::MANIFEST.to_owned()),
            artifact_type: None,
            config,
            layers,
            subject: None,
            annotations: BTreeMap::new(),
        }
    }
}

impl Index {
    /// Returns an OCI index over the given manifests.
    pub fn oci(manifests: Vec<Descriptor>) -> Self {
        Self { schema_version: 2, media_type: Some(media::INDEX.to_owned()), manifests, annotations: BTreeMap::new() }
    }

    /// Returns the first manifest for `platform`; one without a platform counts when it is the only image.
    ///
    /// Attestation manifests (platform `unknown/unknown`) never match.
    pub fn select(&self, platform: &Platform) -> Option<&Descriptor> {
        let exact = self.manifests.iter().find(|d| d.platform.as_ref().is_some_and(|p| platform.accepts(p)));
        let only = || match self.manifests.as_slice() {
            [one] if one.platform.is_none() => Some(one),
            _ => None,
        };
        exact.or_else(only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;

    #[test]
    fn the_shape_decides_without_a_media_type() {
        let bytes = br#"{"schemaVersion":2,"manifests":[]}"#;
        assert!(matches!(Target::parse(bytes, None).unwrap(), Target::Index(_)));
    }

    #[test]
    fn schema_1_is_refused_by_name() {
        assert!(matches!(Target::parse(br#"{"schemaVersion":1,"name":"x"}"#, None), Err(ManifestError::Schema1)));
    }

    #[test]
    fn attestations_are_never_selected() {
        let mut attestation = Descriptor::new(media::MANIFEST, Digest::of(b"a"), 1);
        attestation.platform = Some(Platform::normalized("unknown", "unknown", None));
        let index = Index::oci(vec![attestation]);
        assert_eq!(index.select(&Platform::native()), None);
    }
}
