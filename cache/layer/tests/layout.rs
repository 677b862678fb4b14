//! Images leave as layouts and archives and come back as they were; other tools read them.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests")]

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::Command;

use containr_layer::layout::{
    ImageToWrite, Loaded, read_archive, read_directory, without_zstd, write_docker_archive, write_oci_archive,
    write_oci_directory,
};
use containr_layer::{Codec, Digests, SealRequest, seal};
use containr_oci::{Descriptor, ImageConfig, Manifest, Reference, RootFs, media};
use containr_store::{Store, StoreOptions};
use support::{archive, folder, member, scan, with_context, write};

fn store(path: &Path) -> Store {
    Store::open(path, &StoreOptions { boot_id: "boot".to_owned(), now: || 1 }).unwrap()
}

fn names() -> Vec<Reference> {
    vec!["example.org/app:one".parse().unwrap(), "app:two".parse().unwrap()]
}

/// Puts an image of one layer into the store.
fn image(store: &Store, codec: Codec) -> ImageToWrite {
    let tree = folder();
    write(&tree.path().join("bin/tool"), b"#!/bin/true");
    write(&tree.path().join("noise"), &[7; 100_000]);
    let mut listing = scan(tree.path());
    let root = File::open(tree.path()).unwrap();
    let request = SealRequest { compress: Some(codec), digests: Digests::Fill };
    let sealed = with_context(2, |context| seal(root.as_fd(), &mut listing, &request, store, context)).unwrap();
    let config = ImageConfig {
        architecture: "amd64".to_owned(),
        os: "linux".to_owned(),
        rootfs: RootFs { diff_ids: vec![sealed.diff_id], ..RootFs::default() },
        ..ImageConfig::default()
    };
    let config = containr_oci::canonical(&config);
    store.put_blob(&config).unwrap();
    let manifest = Manifest::oci(Descriptor::of(media::CONFIG, &config), vec![sealed.blob.unwrap()]);
    let manifest = containr_oci::canonical(&manifest);
    store.put_blob(&manifest).unwrap();
    ImageToWrite { target: Descriptor::of(media::MANIFEST, &manifest), names: names() }
}

fn loaded(image: &ImageToWrite) -> Vec<Loaded> {
    vec![Loaded { target: image.target.clone(), names: image.names.clone() }]
}

#[test]
fn an_oci_archive_comes_back() {
    let (here, there) = (folder(), folder());
    let (from, to) = (store(here.path()), store(there.path()));
    let image = image(&from, Codec::ZSTD);
    let mut out = Vec::new();
    with_context(1, |context| write_oci_archive(&from, std::slice::from_ref(&image), &mut out, context)).unwrap();
    let images = with_context(1, |context| read_archive(&mut &out[..], &to, context)).unwrap();
    assert_eq!(images, loaded(&image));
    let mut again = Vec::new();
    with_context(1, |context| write_oci_archive(&to, &[image], &mut again, context)).unwrap();
    assert!(again == out, "the same image gives the same archive");
}

#[test]
fn a_docker_archive_has_no_zstd_and_comes_back() {
    let (here, there) = (folder(), folder());
    let (from, to) = (store(here.path()), store(there.path()));
    let image = image(&from, Codec::ZSTD);
    let mut out = Vec::new();
    let refused =
        with_context(1, |context| write_docker_archive(&from, std::slice::from_ref(&image), &mut out, context));
    assert!(refused.unwrap_err().to_string().contains("zstd"));
    let replaced = with_context(2, |context| without_zstd(&from, &image, context)).unwrap();
    with_context(1, |context| write_docker_archive(&from, std::slice::from_ref(&replaced), &mut out, context)).unwrap();
    let images = with_context(1, |context| read_archive(&mut &out[..], &to, context)).unwrap();
    assert_eq!(images, loaded(&replaced));
}

#[test]
fn an_old_docker_archive_comes_back() {
    let place = folder();
    let store = store(place.path());
    let layer = archive(&[member("f", b'0', "", b"content")]);
    let diff_id = containr_oci::Digest::of(&layer);
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":["{diff_id}","{diff_id}"]}}}}"#
    );
    let manifest = br#"[{"Config":"c.json","RepoTags":["old:1"],"Layers":["a/layer.tar","b/layer.tar"]}]"#;
    let members = |layer: &[u8]| {
        archive(&[
            member("c.json", b'0', "", config.as_bytes()),
            member("a/layer.tar", b'0', "", layer),
            member("b/layer.tar", b'2', "../a/layer.tar", b""),
            member("manifest.json", b'0', "", manifest),
        ])
    };
    let images = with_context(1, |context| read_archive(&mut &members(&layer)[..], &store, context)).unwrap();
    assert_eq!(images[0].names, ["old:1".parse().unwrap()]);
    let other = archive(&[member("f", b'0', "", b"another")]);
    let wrong = with_context(1, |context| read_archive(&mut &members(&other)[..], &store, context));
    assert!(wrong.unwrap_err().to_string().contains("has the content of"));
}

#[test]
fn a_directory_takes_further_images_and_comes_back() {
    let (here, there, place) = (folder(), folder(), folder());
    let (from, to) = (store(here.path()), store(there.path()));
    let mut first = image(&from, Codec::GZIP);
    let mut second = image(&from, Codec::Plain);
    first.names.truncate(1);
    second.names.remove(0);
    let layout = place.path().join("layout");
    for image in [&first, &second, &first] {
        with_context(1, |c| write_oci_directory(&from, std::slice::from_ref(image), &layout, c)).unwrap();
    }
    let mut images = with_context(1, |context| read_directory(&layout, &to, context)).unwrap();
    images.sort_by_key(|image| image.names.clone());
    assert_eq!(images, [loaded(&second), loaded(&first)].concat());
    let left: BTreeMap<_, _> = fs::read_dir(&layout).unwrap().map(|i| (i.unwrap().file_name(), ())).collect();
    assert_eq!(left.len(), 3, "blobs, index and layout, and nothing temporary: {left:?}");
}

#[test]
fn a_blob_that_lies_is_refused() {
    let (here, there) = (folder(), folder());
    let (from, to) = (store(here.path()), store(there.path()));
    let image = image(&from, Codec::Plain);
    let mut out = Vec::new();
    with_context(1, |context| write_oci_archive(&from, &[image], &mut out, context)).unwrap();
    let at = out.windows(11).position(|w| w == b"#!/bin/true").unwrap();
    out[at] ^= 1;
    let refused = with_context(1, |context| read_archive(&mut &out[..], &to, context)).unwrap_err();
    assert!(refused.to_string().contains("has the content of"), "{refused}");
}

#[test]
fn an_archive_without_an_image_is_refused() {
    let place = folder();
    let store = store(place.path());
    for (members, problem) in [
        (vec![member("f", b'0', "", b"")], "neither index.json nor manifest.json"),
        (vec![member("index.json", b'0', "", b"{")], "unusable index.json"),
        (vec![member("manifest.json", b'0', "", br#"[{"Config":"../../etc/passwd"}]"#)], "lacks `../../etc/passwd`"),
        (vec![member("index.json", b'0', "", b"{}"), member("./index.json", b'0', "", b"{}")], "index.json twice"),
    ] {
        let refused = with_context(1, |c| read_archive(&mut &archive(&members)[..], &store, c)).unwrap_err();
        assert!(refused.to_string().contains(problem), "{refused}");
    }
}

/// Runs a tool when the machine has it; CI must have it.
fn run(command: &mut Command) -> Option<String> {
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{command:?}: {error}");
            eprintln!("skipped: {command:?} is not installed");
            None
        }
    }
}

#[test]
fn skopeo_and_umoci_read_what_is_written() {
    let (here, place) = (folder(), folder());
    let from = store(here.path());
    let mut image = image(&from, Codec::GZIP);
    image.names.truncate(1);
    let path = |name: &str| place.path().join(name);
    let images = std::slice::from_ref(&image);
    with_context(1, |c| write_oci_archive(&from, images, &mut File::create(path("oci.tar")).unwrap(), c)).unwrap();
    with_context(1, |c| write_docker_archive(&from, images, &mut File::create(path("docker.tar")).unwrap(), c))
        .unwrap();
    with_context(1, |c| write_oci_directory(&from, images, &path("layout"), c)).unwrap();
    let sources = [
        format!("oci-archive:{}:one", path("oci.tar").display()),
        format!("docker-archive:{}", path("docker.tar").display()),
        format!("oci:{}:one", path("layout").display()),
    ];
    for (number, source) in sources.iter().enumerate() {
        let target = format!("dir:{}", path(&format!("copy{number}")).display());
        run(Command::new("skopeo").args(["--insecure-policy", "copy", "-q", source, &target]));
    }
    let bundle = path("bundle");
    let layout = format!("{}:one", path("layout").display());
    if run(Command::new("umoci").args(["unpack", "--rootless", "--image", &layout]).arg(&bundle)).is_some() {
        assert_eq!(fs::read(bundle.join("rootfs/bin/tool")).unwrap(), b"#!/bin/true");
    }
}
