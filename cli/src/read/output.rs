//! Reads `-o`: where the result of a build goes.

use std::path::PathBuf;

use containr_engine::{ArchiveForm, CompressionChoice, Destination, Output};

use super::{BadFlag, bad, csv};

/// All outputs of one build with what belongs to the image rather than to one output.
#[derive(Debug, Default)]
pub(crate) struct OutputRequest {
    /// Where the result goes.
    pub(crate) outputs: Vec<Output>,
    /// Names from `type=image,name=...`.
    pub(crate) names: Vec<String>,
    /// Whether `type=image,push=true` or `type=registry` was among them.
    pub(crate) push: bool,
    /// Compression of pushed layers.
    pub(crate) push_compression: CompressionChoice,
    /// Annotations of the manifest.
    pub(crate) annotations: Vec<(String, String)>,
}

/// The fields of one spec.
#[derive(Default)]
struct Fields {
    kind: String,
    dest: Option<String>,
    names: Vec<String>,
    push: bool,
    directory: bool,
    compression: Option<String>,
    level: Option<i32>,
    annotations: Vec<(String, String)>,
}

/// Reads all `-o` flags.
///
/// # Errors
/// An unknown type or key, or a missing destination.
pub(crate) fn outputs(specs: &[String]) -> Result<OutputRequest, BadFlag> {
    let mut request = OutputRequest::default();
    for spec in specs {
        one(spec, &mut request)?;
    }
    let to_stdout = |output: &&Output| matches!(&output.destination, Destination::Stdout);
    if request.outputs.iter().filter(to_stdout).count() > 1 {
        return bad("output", "-", "at most one output on stdout");
    }
    Ok(request)
}

fn one(spec: &str, request: &mut OutputRequest) -> Result<(), BadFlag> {
    if !spec.contains('=') {
        let output = match spec {
            "-" => Output {
                form: ArchiveForm::Tar,
                destination: Destination::Stdout,
                compression: CompressionChoice::default(),
            },
            directory => directory_output(ArchiveForm::Directory, directory),
        };
        request.outputs.push(output);
        return Ok(());
    }
    let fields = fields(spec)?;
    let compression = compression(spec, &fields)?;
    request.names.extend(fields.names.iter().cloned());
    request.annotations.extend(fields.annotations.iter().cloned());
    let form = match fields.kind.as_str() {
        "image" | "registry" => {
            request.push |= fields.push || fields.kind == "registry";
            request.push_compression = compression;
            return Ok(());
        }
        "cacheonly" => return Ok(()),
        "oci" if fields.directory => ArchiveForm::OciDirectory,
        "oci" => ArchiveForm::OciArchive,
        "docker" => ArchiveForm::DockerArchive,
        "tar" => ArchiveForm::Tar,
        "local" => ArchiveForm::Directory,
        _ => return bad("output", spec, "type=image, registry, oci, docker, local, tar or cacheonly"),
    };
    let output = match (fields.dest.as_deref(), form) {
        // docker's exporter without a destination loads into the daemon; the local store has the image anyway.
        (None, ArchiveForm::DockerArchive) => return Ok(()),
        (None, _) => return bad("output", spec, "a destination, dest=PATH"),
        (Some("-"), ArchiveForm::Directory | ArchiveForm::OciDirectory) => {
            return bad("output", spec, "a directory, which stdout is not");
        }
        (Some("-"), form) => Output { form, destination: Destination::Stdout, compression },
        (Some(path), form) => Output { form, destination: Destination::Path(PathBuf::from(path)), compression },
    };
    request.outputs.push(output);
    Ok(())
}

fn directory_output(form: ArchiveForm, path: &str) -> Output {
    Output { form, destination: Destination::Path(PathBuf::from(path)), compression: CompressionChoice::default() }
}

fn fields(spec: &str) -> Result<Fields, BadFlag> {
    let mut fields = Fields::default();
    for field in csv(spec) {
        let Some((key, value)) = field.split_once('=') else { return bad("output", spec, "KEY=VALUE,...") };
        let value = value.to_owned();
        match key.trim().to_ascii_lowercase().as_str() {
            "type" => fields.kind = value,
            "dest" => fields.dest = Some(value),
            "name" => fields.names.extend(value.split(',').map(str::to_owned)),
            "push" => fields.push = value != "false",
            "tar" => fields.directory = value == "false",
            "compression" => fields.compression = Some(value),
            "compression-level" => fields.level = value.parse().ok(),
            // All manifests are OCI's, all of them are stored, and layers are compressed as asked whatever they were.
            "oci-mediatypes" | "force-compression" | "store" | "unpack" | "name-canonical" | "attestation-inline" => {}
            other => match other.strip_prefix("annotation.").or_else(|| other.strip_prefix("annotation-manifest.")) {
                Some(name) => fields.annotations.push((name.to_owned(), value)),
                None => return Err(BadFlag(format!("--output {spec}: key `{other}` is not supported yet"))),
            },
        }
    }
    Ok(fields)
}

fn compression(spec: &str, fields: &Fields) -> Result<CompressionChoice, BadFlag> {
    match (fields.compression.as_deref(), fields.level) {
        (None | Some("gzip"), level @ (None | Some(0..=12))) => Ok(CompressionChoice::Gzip(level)),
        (Some("zstd"), level @ (None | Some(0..=22))) => Ok(CompressionChoice::Zstd(level)),
        (Some("uncompressed" | "none"), _) => Ok(CompressionChoice::Plain),
        _ => bad("output", spec, "compression=gzip (level 0 to 12), zstd (0 to 22) or uncompressed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(specs: &[&str]) -> Result<OutputRequest, BadFlag> {
        outputs(&specs.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_bare_path_is_a_directory_and_a_dash_a_tar() {
        let request = read(&["out", "-"]).unwrap();
        assert_eq!(request.outputs[0].form, ArchiveForm::Directory);
        assert_eq!(request.outputs[1].destination, Destination::Stdout);
    }

    #[test]
    fn an_image_output_names_and_pushes() {
        let request = read(&["type=image,\"name=a,b\",push=true,compression=zstd,annotation.x=y"]).unwrap();
        assert_eq!(request.names, ["a", "b"]);
        assert!(request.push);
        assert_eq!(request.push_compression, CompressionChoice::Zstd(None));
        assert_eq!(request.annotations, [("x".to_owned(), "y".to_owned())]);
    }

    #[test]
    fn unknown_types_keys_and_missing_destinations_are_refused() {
        for spec in [
            "type=moon,dest=x",
            "type=oci",
            "type=oci,dest=x,rainbow=1",
            "type=local,dest=-",
            "type=oci,dest=x,compression=lzma",
        ] {
            assert!(read(&[spec]).is_err(), "{spec}");
        }
    }
}
