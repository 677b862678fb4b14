//! COPY and ADD as tables: a context, a target, an instruction, the delta.

#[expect(dead_code, reason = "not every test needs all of it")]
mod case;

use case::{Case, NoArchives, copy, kept, run, tree};
use containr_copy::{CopyError, Verdict};
use containr_graph::{CopyKeyed, CopyKind, CopySource, InlineFile};
use containr_tree::TreePath;

/// Compares the result with lines that are indented in the source.
fn same(actual: &str, expected: &str) {
    let lines: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(actual, lines.join("\n"));
}

#[test]
fn a_directory_gives_its_contents_and_a_new_destination_is_0755() {
    same(
        &run("d src 700\nf src/a\nd src/sub 711\nl src/sub/l ../a", "", copy(&["src"], "/dst")),
        "
        /dst 755 0:0 d
        /dst/a 644 0:0 f src/a
        /dst/sub 711 0:0 d
        /dst/sub/l 777 0:0 l ../a",
    );
}

#[test]
fn a_file_goes_into_a_directory_that_is_there() {
    if !case::is_root() {
        return;
    }
    same(
        &run("f a", "d dst 700 7:8", copy(&["a"], "/dst")),
        "
        /dst 700 7:8 d
        /dst/a 644 0:0 f a",
    );
    same(&run("f a", "", copy(&["a"], "/dst")), "/dst 644 0:0 f a");
    same(
        &run("f a", "", copy(&["a"], "/x/dst/")),
        "
        /x 755 0:0 d
        /x/dst 755 0:0 d
        /x/dst/a 644 0:0 f a",
    );
    same(&run("f a", "", copy(&["a"], "/")), "/a 644 0:0 f a");
}

#[test]
fn several_sources_without_a_directory_leave_the_last() {
    same(&run("f a\nf b", "", copy(&["a", "b"], "/dst")), "/dst 644 0:0 f b");
}

#[test]
fn wrong_types_are_refused() {
    same(&run("f a", "d dst/a", copy(&["a"], "/dst/")), "error: cannot replace the directory /dst/a with a file");
    same(&run("f s/a", "f dst", copy(&["s"], "/dst")), "error: /dst is not a directory");
    same(&run("f s/x/a", "d r\nl dst/x ../r", copy(&["s"], "/dst")), "error: /dst/x is not a directory");
    same(&run("f a", "f dst", copy(&["a"], "/dst/x")), "error: /dst is not a directory");
}

#[test]
fn sources_cannot_leave_the_context() {
    same(&run("f a\nl up ../../../a", "", copy(&["../../a"], "/x")), "/x 644 0:0 f a");
    same(
        &run("f a\nl d/up ../../../a", "", copy(&["d/up"], "/x/")),
        "
        /x 755 0:0 d
        /x/up 644 0:0 f a",
    );
}

#[test]
fn links_named_as_sources_are_followed_and_links_inside_are_kept() {
    same(
        &run("f real/a\nl d real\nl f real/a\nl real/l a", "", copy(&["d", "f"], "/x/")),
        "
        /x 755 0:0 d
        /x/a 644 0:0 f real/a
        /x/f 644 0:0 f real/a
        /x/l 777 0:0 l a",
    );
}

#[test]
fn links_in_the_destination_are_followed_inside_the_root() {
    same(
        &run("f a", "d real\nl lnk /real", copy(&["a"], "/lnk/")),
        "
        /real 755 0:0 d
        /real/a 644 0:0 f a",
    );
    same(
        &run("f a", "l out ../../../etc", copy(&["a"], "/out/x")),
        "
        /etc 755 0:0 d
        /etc/x 644 0:0 f a",
    );
    same(
        &run("f a", "l dangling new/file", copy(&["a"], "/dangling")),
        "
        /new 755 0:0 d
        /new/file 644 0:0 f a",
    );
    same(
        &run("f a", "d real\nl lnk /real", CopyKeyed { link: true, ..copy(&["a"], "/lnk/") }),
        "
        /lnk 755 0:0 d
        /lnk/a 644 0:0 f a",
    );
}

#[test]
fn a_file_in_a_directory_replaces_a_link_itself() {
    same(
        &run("f a", "f other\nl d/a ../other", copy(&["a"], "/d/")),
        "
        /d 755 0:0 d
        /d/a 644 0:0 f a",
    );
}

#[test]
fn wildcards_match_names_and_may_match_nothing() {
    let context = "f a.txt\nf b.txt\nf d/c.txt\nf [x]\nl l.txt b.txt";
    same(
        &run(context, "", copy(&["*.txt"], "/x/")),
        "
        /x 755 0:0 d
        /x/a.txt 644 0:0 f a.txt
        /x/b.txt 644 0:0 f b.txt
        /x/l.txt 644 0:0 f b.txt",
    );
    same(
        &run(context, "", copy(&["none*", "d/c.txt", "[[]x]"], "/x/")),
        "
        /x 755 0:0 d
        /x/[x] 644 0:0 f [x]
        /x/c.txt 644 0:0 f d/c.txt",
    );
    same(&run(context, "", copy(&["none*"], "/x/")), "");
}

#[test]
fn owners_of_the_context_become_root_and_those_of_a_step_stay() {
    if !case::is_root() {
        return;
    }
    let context = "d s 755 5:6\nf s/a 4755 7:8";
    same(
        &run(context, "", copy(&["s"], "/x")),
        "
        /x 755 0:0 d
        /x/a 4755 0:0 f s/a",
    );
}

#[test]
fn chown_takes_names_from_the_target() {
    if !case::is_root() {
        return;
    }
    let accounts = "p etc/passwd root:x:0:0 bob:x:1000:2000\np etc/group audio:x:55: ";
    let owner = |chown: &str| {
        let op = CopyKeyed { chown: Some(chown.to_owned()), ..copy(&["a"], "/n/a") };
        let text = run("f a", accounts, op);
        let owners: Vec<String> = text.lines().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect();
        assert_eq!(owners[0], owners[1], "{text}");
        owners[0].clone()
    };
    for (chown, expected) in [
        ("bob", "1000:2000"),
        ("bob:audio", "1000:55"),
        ("bob:ghosts", "1000:2000"),
        ("bob:", "1000:0"),
        (":audio", "0:55"),
        ("ghost", "0:0"),
        ("1000", "1000:1000"),
        ("1000:7", "1000:7"),
    ] {
        assert_eq!(owner(chown), expected, "{chown}");
    }
}

#[test]
fn chown_by_name_needs_a_tree() {
    let op = CopyKeyed { chown: Some("bob".to_owned()), link: true, ..copy(&["a"], "/a") };
    same(
        &run("f a", "p etc/passwd bob:x:1:1", op),
        "
        error: cannot look up the owner `bob`: there is no tree below that could have a passwd file",
    );
}

#[test]
fn octal_chmod_reaches_new_directories_and_symbolic_does_not() {
    let with = |chmod: &str| CopyKeyed { chmod: Some(chmod.to_owned()), ..copy(&["s"], "/n/x") };
    same(
        &run("f s/a 4755", "", with("0640")),
        "
        /n 640 0:0 d
        /n/x 640 0:0 d
        /n/x/a 640 0:0 f s/a",
    );
    same(
        &run("f s/a 4755\nd s/d 700", "", with("u=rwX,go=rX")),
        "
        /n 755 0:0 d
        /n/x 755 0:0 d
        /n/x/a 755 0:0 f s/a
        /n/x/d 755 0:0 d",
    );
    same(&run("f s/a", "", with("u=q")), "error: `--chmod=u=q` is neither octal up to 07777 nor symbolic");
}

#[test]
fn a_merged_destination_keeps_mode_and_owner_and_inner_directories_do_not() {
    if !case::is_root() {
        return;
    }
    same(
        &run("d s 700\nd s/in 711\nf s/in/a", "d dst 750 3:4\nd dst/in 750 3:4", copy(&["s"], "/dst")),
        "
        /dst 750 3:4 d
        /dst/in 711 0:0 d
        /dst/in/a 644 0:0 f s/in/a",
    );
}

#[test]
fn an_empty_directory_onto_an_equal_one_changes_nothing() {
    if !case::is_root() {
        return;
    }
    same(&run("d s", "d dst 750 3:4", copy(&["s"], "/dst")), "");
}

#[test]
fn hard_links_stay_inside_one_source_directory() {
    let context = "f h/a\nh h/b h/a";
    same(
        &run(context, "", copy(&["h"], "/x")),
        "
        /x 755 0:0 d
        /x/a 644 0:0 f h/a
        /x/b 644 0:0 h /x/a",
    );
    same(
        &run(context, "", copy(&["h/a", "h/b"], "/x/")),
        "
        /x 755 0:0 d
        /x/a 644 0:0 f h/a
        /x/b 644 0:0 f h/a",
    );
}

#[test]
fn a_link_whose_first_name_is_replaced_becomes_the_file() {
    same(
        &run("f h/a\nh h/b h/a\nh h/c h/a\nf o/a", "", copy(&["h", "o"], "/x/")),
        "
        /x 755 0:0 d
        /x/a 644 0:0 f o/a
        /x/b 644 0:0 f h/a
        /x/c 644 0:0 h /x/b",
    );
}

#[test]
fn excludes_are_relative_to_the_matched_directory() {
    let op = |sources: &[&str], excludes: &[&str]| CopyKeyed {
        excludes: excludes.iter().map(|s| (*s).to_owned()).collect(),
        ..copy(sources, "/x/")
    };
    same(
        &run("f b.txt\nf a.txt", "", op(&["*.txt"], &["b.txt"])),
        "
        /x 755 0:0 d
        /x/a.txt 644 0:0 f a.txt
        /x/b.txt 644 0:0 f b.txt",
    );
    same(
        &run("f s/a.o\nf s/d/b.o\nf s/d/c.c\nf s/keep/k.o", "", op(&["s"], &["**/*.o", "!keep/*.o"])),
        "
        /x 755 0:0 d
        /x/d 755 0:0 d
        /x/d/c.c 644 0:0 f s/d/c.c
        /x/keep 755 0:0 d
        /x/keep/k.o 644 0:0 f s/keep/k.o",
    );
}

#[test]
fn parents_keep_the_path_behind_the_pivot() {
    let op = |source: &str| CopyKeyed { parents: true, ..copy(&[source], "/x") };
    let context = "d a 711\nd a/b 700\nf a/b/c.txt\nf a/d/e.txt\nl a/l b";
    same(
        &run(context, "", op("a/b/c.txt")),
        "
        /x 755 0:0 d
        /x/a 711 0:0 d
        /x/a/b 700 0:0 d
        /x/a/b/c.txt 644 0:0 f a/b/c.txt",
    );
    same(
        &run(context, "", op("a/./**/*.txt")),
        "
        /x 755 0:0 d
        /x/b 700 0:0 d
        /x/b/c.txt 644 0:0 f a/b/c.txt
        /x/d 755 0:0 d
        /x/d/e.txt 644 0:0 f a/d/e.txt",
    );
    same(&run(context, "", op("a/l/c.txt")), "error: /a/l/c.txt not found");
    same(&run(context, "", op("./")), "error: `./` names no file below its pivot: `--parents` needs one");
    same(&run(context, "", op("a/./")), "error: `a/./` names no file below its pivot: `--parents` needs one");
}

#[test]
fn heredocs_become_files() {
    let file = InlineFile { name: "EOF".to_owned(), content: b"text\r\n".to_vec(), mode: 0o644 };
    let op =
        |destination: &str| CopyKeyed { sources: vec![CopySource::Inline(file.clone())], ..copy(&[], destination) };
    assert_eq!(run("", "", op("/x/")), "/x 755 0:0 d\n/x/EOF 644 0:0 f text\r\n");
    assert_eq!(run("", "", op("/x")), "/x 644 0:0 f text\r\n");
}

#[test]
fn whiteout_names_are_refused() {
    same(
        &run("f s/.wh.a", "", copy(&["s"], "/x")),
        "
        error: cannot copy /s/.wh.a: names that begin with `.wh.` mark deletions in a layer",
    );
}

#[test]
fn a_missing_source_says_what_is_near() {
    same(
        &run("f src/package.json", "", copy(&["src/pacakge.json"], "/x")),
        "
        error: /src/pacakge.json not found: there is /src/package.json",
    );
    same(&run("f README", "", copy(&["zzzzzz"], "/x")), "error: /zzzzzz not found");
}

fn hidden(path: &TreePath) -> Verdict {
    match path.bytes() {
        b"secret" => Verdict::Hidden,
        b"open" => Verdict::HiddenButOpen,
        bytes if bytes.starts_with(b"open/") && bytes != b"open/kept" => Verdict::Hidden,
        _ => Verdict::Kept,
    }
}

#[test]
fn ignored_files_are_not_there() {
    let (context, target) = (tree("f secret\nf a\nf open/kept\nf open/other"), tree(""));
    let case = |source: &str| Case {
        context: context.path(),
        target: Some(target.path()),
        op: copy(&[source], "/x/"),
        ignore: &hidden,
        extractor: &NoArchives,
    };
    same(
        &case(".").run().unwrap().text(),
        "
        /x 755 0:0 d
        /x/a 644 0:0 f a
        /x/open 755 0:0 d
        /x/open/kept 644 0:0 f open/kept",
    );
    same(
        &case("ope*").run().unwrap().text(),
        "
        /x 755 0:0 d
        /x/kept 644 0:0 f open/kept",
    );
    let error = case("secret").run().err().unwrap().to_string();
    same(&error, "/secret not found: the ignore file leaves it out");
}

#[test]
fn a_file_that_changes_between_key_and_copy_is_named() {
    let (context, target) = (tree("f a\nf b"), tree(""));
    let case = Case {
        context: context.path(),
        target: Some(target.path()),
        op: copy(&["."], "/x/"),
        ignore: &kept,
        extractor: &NoArchives,
    };
    let selection = case.select().unwrap();
    case::grow(&context.path().join("b"));
    let error = case.apply(&selection, None).err().unwrap();
    assert!(matches!(&error, CopyError::Changed(path) if path.bytes() == b"b"), "{error}");
}

#[test]
fn unchanged_files_are_linked_from_the_older_delta() {
    use std::os::unix::fs::MetadataExt as _;
    let (context, target) = (tree("f s/a\nf s/b"), tree(""));
    let case = Case {
        context: context.path(),
        target: Some(target.path()),
        op: copy(&["s"], "/x"),
        ignore: &kept,
        extractor: &NoArchives,
    };
    let older = case.run().unwrap();
    case::grow(&context.path().join("s/b"));
    let newer = case.apply(&case.select().unwrap(), Some(&older)).unwrap();
    let inode =
        |outcome: &case::Outcome, name: &str| std::fs::metadata(outcome.directory.path().join(name)).unwrap().ino();
    assert_eq!(inode(&older, "x/a"), inode(&newer, "x/a"));
    assert_ne!(inode(&older, "x/b"), inode(&newer, "x/b"));
    assert_eq!(std::fs::read(newer.directory.path().join("x/b")).unwrap(), b"s/b!");
}

#[test]
fn the_selection_digest_sees_content_names_modes_and_order_but_no_times() {
    let digest = |text: &str, sources: &[&str], touch: Option<&str>| {
        let context = tree(text);
        if let Some(name) = touch {
            let file = std::fs::File::options().write(true).open(context.path().join(name)).unwrap();
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
        }
        let op = copy(sources, "/x/");
        let case = Case { context: context.path(), target: None, op, ignore: &kept, extractor: &NoArchives };
        case.select().unwrap().digest()
    };
    let base = digest("f a\nf b", &["a", "b"], None);
    assert_eq!(digest("f a\nf b", &["a", "b"], Some("a")), base);
    assert_eq!(digest("f a\nf b\nf unrelated", &["a", "b"], None), base);
    assert_ne!(digest("f a\nf b", &["b", "a"], None), base);
    assert_ne!(digest("f a 600\nf b", &["a", "b"], None), base);
    assert_ne!(digest("p a other\nf b", &["a", "b"], None), base);
    assert_ne!(digest("f s/a\nf t/b", &["s", "t"], None), digest("f s/a\nf s/b\nd t", &["s", "t"], None));
}

#[test]
fn devices_in_a_context_are_named() {
    if !case::is_root() {
        return;
    }
    let context = tree("f s/a");
    let device = context.path().join("s/null");
    let made = rustix::fs::mknodat(
        rustix::fs::CWD,
        &device,
        rustix::fs::FileType::CharacterDevice,
        rustix::fs::Mode::RUSR,
        rustix::fs::makedev(1, 3),
    );
    made.unwrap();
    let case =
        Case { context: context.path(), target: None, op: copy(&["s"], "/x"), ignore: &kept, extractor: &NoArchives };
    assert!(matches!(case.select(), Err(CopyError::Device(path)) if path.bytes() == b"s/null"));
}

#[test]
fn add_without_an_archive_copies() {
    same(
        &run("f a", "", CopyKeyed { kind: CopyKind::Add, ..copy(&["a"], "/x/") }),
        "
        /x 755 0:0 d
        /x/a 644 0:0 f a",
    );
}
