//! Platforms: operating system, architecture, variant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an image or a step is made for, in OCI's (that is Go's) names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Platform {
    /// CPU architecture, for example `amd64`.
    pub architecture: String,
    /// Operating system, for example `linux`.
    pub os: String,
    /// Version of the operating system; used by Windows images.
    #[serde(rename = "os.version", default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// Variant of the CPU, for example `v7`; absent where it is the architecture's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// Why a text is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform: expected OS/ARCH or OS/ARCH/VARIANT, for example linux/amd64")]
pub struct PlatformError(pub String);

impl Platform {
    /// Returns the platform that this binary runs on.
    pub fn native() -> Self {
        Self::normalized("linux", std::env::consts::ARCH, None)
    }

    /// Returns a platform with containerd's normal names: `x86_64` is amd64, `aarch64` is arm64 without `v8`, `armhf` is arm/v7.
    pub fn normalized(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        let lower = architecture.to_ascii_lowercase();
        let (architecture, variant) = match (lower.as_str(), variant.filter(|v| !v.is_empty())) {
            ("x86_64" | "x86-64" | "amd64", None | Some("v1")) => ("amd64", None),
            ("x86_64" | "x86-64" | "amd64", other) => ("amd64", other),
            ("aarch64" | "arm64", None | Some("8" | "v8")) => ("arm64", None),
            ("aarch64" | "arm64", other) => ("arm64", other),
            ("armhf", _) => ("arm", Some("v7")),
            ("armel", _) => ("arm", Some("v6")),
            ("arm", None | Some("7")) => ("arm", Some("v7")),
            ("arm", Some("5")) => ("arm", Some("v5")),
            ("arm", Some("6")) => ("arm", Some("v6")),
            ("arm", Some("8")) => ("arm", Some("v8")),
            ("i386" | "i486" | "i586" | "i686", _) => ("386", None),
            (other, variant) => (other, variant),
        };
        Self {
            os: match os.to_ascii_lowercase().as_str() {
                "macos" => "darwin".to_owned(),
                other => other.to_owned(),
            },
            architecture: architecture.to_owned(),
            os_version: None,
            variant: variant.map(str::to_owned),
        }
    }

    /// Returns whether an image for `offered` can serve a request for this platform: the same after normalisation, versions aside.
    pub fn accepts(&self, offered: &Self) -> bool {
        let norm = |p: &Self| Self::normalized(&p.os, &p.architecture, p.variant.as_deref());
        norm(self) == norm(offered)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let word =
            |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        match parts.as_slice() {
            parts if !parts.iter().all(word) => Err(PlatformError(text.to_owned())),
            ["linux" | "windows" | "darwin" | "freebsd"] => {
                Ok(Self::normalized(parts[0], std::env::consts::ARCH, None))
            }
            [architecture] => Ok(Self::normalized("linux", architecture, None)),
            [os, architecture] => Ok(Self::normalized(os, architecture, None)),
            [os, architecture, variant] => Ok(Self::normalized(os, architecture, Some(variant))),
            _ => Err(PlatformError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        for (text, expected) in [
            ("linux/x86_64", "linux/amd64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("arm64", "linux/arm64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
        ] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn empty_parts_are_refused() {
        assert!("linux//v7".parse::<Platform>().is_err());
        assert!("a/b/c/d".parse::<Platform>().is_err());
    }
}
