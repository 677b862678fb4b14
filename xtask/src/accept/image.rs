//! Reads an image that `skopeo copy ... dir:` wrote.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{command, output};
use crate::failure::{Context as _, Outcome};

/// A folder with a manifest, a config and layers, each named by its digest.
pub(super) struct Image(PathBuf);

impl Image {
    /// Takes a folder that skopeo wrote; it checked every digest then.
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Returns the folder.
    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Returns the manifest.
    pub(super) fn manifest(&self) -> Outcome<Value> {
        self.json("manifest.json")
    }

    /// Returns the config's digest, as `ALGORITHM:HEX`.
    pub(super) fn config_digest(&self) -> Outcome<String> {
        let digest = self.manifest()?["config"]["digest"].as_str().map(str::to_owned);
        digest.context(|| "the manifest names no config".to_owned())
    }

    /// Returns the config.
    pub(super) fn config(&self) -> Outcome<Value> {
        let digest = self.config_digest()?;
        self.json(digest.strip_prefix("sha256:").unwrap_or(&digest))
    }

    /// Returns the words of the config's entry point.
    pub(super) fn entry_point(&self) -> Outcome<Vec<String>> {
        let config = self.config()?;
        let words = config["config"]["Entrypoint"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(words.map(str::to_owned).collect())
    }

    /// Returns the compressed size of the layers in bytes, and their number.
    pub(super) fn size(&self) -> Outcome<(u64, usize)> {
        let manifest = self.manifest()?;
        let layers = manifest["layers"].as_array().context(|| "the manifest lists no layers".to_owned())?;
        Ok((layers.iter().filter_map(|layer| layer["size"].as_u64()).sum(), layers.len()))
    }

    /// Unpacks the layers with umoci into a bundle for a runtime and returns its folder; the files lie in `rootfs` there.
    pub(super) fn unpack(&self, into: &Path) -> Outcome<PathBuf> {
        let layout = into.join("layout");
        let (from, to) = (format!("dir:{}", self.0.display()), format!("oci:{}:image", layout.display()));
        std::fs::create_dir_all(into).context(|| format!("cannot make {}", into.display()))?;
        output(&mut command("skopeo", ["copy", "--quiet", &from, &to]))?;
        let bundle = into.join("bundle");
        let image = format!("{}:image", layout.display());
        output(command("umoci", ["unpack", "--image", &image]).arg(&bundle))?;
        std::fs::remove_dir_all(&layout).context(|| format!("cannot remove {}", layout.display()))?;
        Ok(bundle)
    }

    fn json(&self, name: &str) -> Outcome<Value> {
        let file = self.0.join(name);
        let text = std::fs::read_to_string(&file).context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_str(&text).context(|| format!("cannot read {}", file.display()))
    }
}
