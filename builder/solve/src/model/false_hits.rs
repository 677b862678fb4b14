//! Pairs of steps that other builders have confused: their keys must differ.

use containr_graph::{
    Access, Bind, CacheMount, CopyKeyed, CopySource, Graph, Image, InlineFile, Limit, Mount, MountKind, Network, Op,
    RunKeyed, RunUnkeyed, Sharing, Step, Tree, Workdir,
};
use containr_oci::{Digest, Platform};

use super::world::{command, copy_keyed, copy_step, distinct_keys, push_run, run_step};
use crate::identity;

/// All of these differ from each other.
fn all_differ(steps: &[Step]) {
    assert_eq!(distinct_keys(steps), steps.len());
}

fn runs(keyed: impl IntoIterator<Item = RunKeyed>) -> Vec<Step> {
    keyed.into_iter().map(run_step).collect()
}

fn args(words: &[&str]) -> RunKeyed {
    RunKeyed { args: words.iter().map(|w| (*w).to_owned()).collect(), ..command("") }
}

fn env(variables: &[&str]) -> RunKeyed {
    RunKeyed { env: variables.iter().map(|w| (*w).to_owned()).collect(), ..command("make") }
}

#[test]
fn words_do_not_run_into_each_other() {
    all_differ(&runs([args(&["ab", "c"]), args(&["a", "bc"]), args(&["abc"]), args(&["abc", ""]), args(&["a b c"])]));
}

#[test]
fn variables_do_not_run_into_each_other() {
    all_differ(&runs([
        env(&["A=1", "B=2"]),
        env(&["A=1B=2"]),
        env(&["A=1", "B2="]),
        env(&["A=", "1B=2"]),
        env(&["B=2", "A=1"]),
        env(&["A=1"]),
        env(&[]),
    ]));
}

#[test]
fn fields_do_not_stand_in_for_each_other() {
    let base = || command("make");
    all_differ(&runs([
        base(),
        RunKeyed { cwd: "/root".to_owned(), ..base() },
        RunKeyed { user: "/root".to_owned(), ..base() },
        RunKeyed { hostname: Some("/root".to_owned()), ..base() },
        RunKeyed { hostname: Some(String::new()), ..base() },
        RunKeyed { network: Network::None, ..base() },
        RunKeyed { network: Network::Host, ..base() },
        RunKeyed { shm_size: Some(0), ..base() },
        RunKeyed { limits: vec![Limit { name: "nofile".to_owned(), soft: 1, hard: 2 }], ..base() },
        RunKeyed { limits: vec![Limit { name: "nofile".to_owned(), soft: 2, hard: 1 }], ..base() },
    ]));
}

#[test]
fn mounts_are_told_apart() {
    let with = |target: &str, kind: MountKind| {
        let mounts = vec![Mount { target: target.to_owned(), kind }];
        RunKeyed { mounts, ..command("make") }
    };
    let bind = |source: &str, access| MountKind::Bind(Bind { from: Tree::Scratch, source: source.to_owned(), access });
    let cache = |id: &str, sharing| {
        let (from, source, access) = (Tree::Scratch, String::new(), Access::ReadWrite);
        MountKind::Cache(CacheMount { id: id.to_owned(), sharing, from, source, access, mode: 0o755, uid: 0, gid: 0 })
    };
    all_differ(&runs([
        command("make"),
        with("/a", bind("/", Access::ReadOnly)),
        with("/a", bind("/", Access::ReadWrite)),
        with("/a", bind("/b", Access::ReadOnly)),
        with("/a/b", bind("/", Access::ReadOnly)),
        with("/a", cache("/", Sharing::Shared)),
        with("/a", cache("/", Sharing::Locked)),
        with("/a", MountKind::Tmpfs { size: None }),
        with("/a", MountKind::Tmpfs { size: Some(0) }),
    ]));
}

#[test]
fn heredocs_are_part_of_the_command() {
    let with = |name: &str, content: &str, mode| {
        let files = vec![InlineFile { name: name.to_owned(), content: content.as_bytes().to_vec(), mode }];
        RunKeyed { files, ..command("/dev/pipes/EOF") }
    };
    all_differ(&runs([
        command("/dev/pipes/EOF"),
        with("EOF", "a", 0o755),
        with("EOF", "b", 0o755),
        with("EOFa", "", 0o755),
        with("EOF", "a", 0o644),
    ]));
}

#[test]
fn copies_are_told_apart() {
    let mut graph = Graph::new();
    let from = push_run(&mut graph, None, "source", containr_graph::CachePolicy::Use);
    let path = |path: &str| CopySource::Path(path.to_owned());
    let inline = |name: &str, content: &[u8]| {
        CopySource::Inline(InlineFile { name: name.to_owned(), content: content.to_vec(), mode: 0o644 })
    };
    let base = || copy_keyed("/x");
    let steps = [
        base(),
        CopyKeyed { destination: "/x/".to_owned(), ..base() },
        CopyKeyed { chown: Some("1".to_owned()), ..base() },
        CopyKeyed { chmod: Some("1".to_owned()), ..base() },
        CopyKeyed { chown: Some(String::new()), ..base() },
        CopyKeyed { parents: true, ..base() },
        CopyKeyed { link: true, ..base() },
        CopyKeyed { excludes: vec!["a".to_owned(), "b".to_owned()], ..base() },
        CopyKeyed { excludes: vec!["ab".to_owned()], ..base() },
        CopyKeyed { sources: vec![path("/a"), path("/b")], ..base() },
        CopyKeyed { sources: vec![path("/b"), path("/a")], ..base() },
        CopyKeyed { sources: vec![inline("a", b"b")], ..base() },
        CopyKeyed { sources: vec![inline("ab", b"")], ..base() },
    ];
    all_differ(&steps.map(|keyed| copy_step(None, from, keyed)));
}

#[test]
fn an_image_is_its_layers_and_their_order() {
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    let ids = [identity::image(&[a, b]), identity::image(&[b, a]), identity::image(&[a]), identity::image(&[])];
    for (index, id) in ids.iter().enumerate() {
        assert!(!ids[..index].contains(id));
    }
}

/// A local image that only claims to come from the same commands (its history says so) must not serve: moby's classic
/// builder took any image whose config agreed as the result of a step.
#[test]
fn history_and_names_of_an_image_do_not_count() {
    let image = |reference: &str, layers: &[&[u8]]| {
        let diff_ids = layers.iter().map(|l| Digest::of(l)).collect();
        let op =
            Op::Image(Image { reference: reference.to_owned(), manifest: None, config: Digest::of(b"c"), diff_ids });
        Step { op, ..run_step(command("")) }
    };
    assert_eq!(distinct_keys(&[image("a", &[b"1"]), image("b", &[b"1"])]), 1);
    all_differ(&[image("a", &[b"1"]), image("a", &[b"2"])]);
}

/// The same classic builder let HEALTHCHECK and ONBUILD of a base image slip past the key. Here a config is no input of any
/// step: whatever of it reaches a command does so through the command's own fields.
#[test]
fn what_a_config_gives_a_command_counts() {
    let platform = Platform { architecture: "arm64".to_owned(), ..Platform::native() };
    let amd = Platform { architecture: "amd64".to_owned(), ..Platform::native() };
    let on = |platform: Platform| Step { platform, ..run_step(command("make")) };
    all_differ(&[on(platform), on(amd)]);
}

#[test]
fn ops_of_different_kinds_never_meet() {
    let workdir = |path: &str, user: &str| {
        let op = Op::Workdir(Workdir { path: path.to_owned(), user: user.to_owned() });
        Step { op, ..run_step(command("")) }
    };
    all_differ(&[workdir("/a", ""), workdir("", "/a"), workdir("/", "a"), run_step(command("/a"))]);
}

#[test]
fn proxies_and_hosts_do_not_count() {
    let mut step = run_step(command("make"));
    let plain = step.clone();
    if let Op::Run(run) = &mut step.op {
        let add_hosts = vec![("h".to_owned(), "10.0.0.1".to_owned())];
        run.unkeyed = RunUnkeyed { proxy_env: vec!["HTTP_PROXY=p".to_owned()], add_hosts };
    }
    assert_eq!(distinct_keys(&[plain, step]), 1);
}
