//! Archives that were made to do harm, or that two readers would understand differently.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests")]

mod support;

use std::fs;
use std::path::Path;

use containr_layer::Limits;
use support::{archive, checksum, folder, member, record, unpack, unpack_limited, write};

fn file(name: &str, content: &[u8]) -> Vec<u8> {
    member(name, b'0', "", content)
}

fn directory(name: &str) -> Vec<u8> {
    member(name, b'5', "", b"")
}

fn symlink(name: &str, target: &str) -> Vec<u8> {
    member(name, b'2', target, b"")
}

fn hard_link(name: &str, target: &str) -> Vec<u8> {
    member(name, b'1', target, b"")
}

fn extended(records: &[Vec<u8>]) -> Vec<u8> {
    member("pax", b'x', "", &records.concat())
}

/// Unpacks beside a witness that must stay as it is, and returns the paths that were made or the message.
fn outcome(members: &[Vec<u8>]) -> Result<Vec<String>, String> {
    let place = folder();
    let witness = place.path().join("witness");
    write(&witness.join("secret"), b"untouched");
    let root = place.path().join("root");
    fs::create_dir(&root).unwrap();
    let result = unpack(&archive(members), &root, None);
    let mut left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|item| item.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["root", "witness"], "nothing was made outside");
    assert_eq!(fs::read_dir(&witness).unwrap().count(), 1);
    assert_eq!(fs::read(witness.join("secret")).unwrap(), b"untouched");
    let unpacked = result.map_err(|error| error.to_string())?;
    Ok(unpacked.listing.entries().iter().map(|entry| entry.path.to_string()).collect())
}

fn paths(members: &[Vec<u8>]) -> Vec<String> {
    outcome(members).unwrap()
}

fn refusal(members: &[Vec<u8>]) -> String {
    outcome(members).unwrap_err()
}

#[test]
fn names_that_lead_out_stay_at_the_root() {
    assert_eq!(paths(&[file("../witness/secret", b"x")]), ["/witness", "/witness/secret"]);
    assert_eq!(paths(&[file("/etc/shadow", b"x")]), ["/etc", "/etc/shadow"]);
    assert_eq!(paths(&[file("a/../../../b", b"x")]), ["/b"]);
}

#[test]
fn links_that_lead_out_are_followed_inside() {
    let escape = [symlink("out", "../witness"), file("out/secret", b"x")];
    assert_eq!(paths(&escape), ["/out", "/witness", "/witness/secret"]);
    let absolute = [symlink("out", "/witness"), file("out/secret", b"x")];
    assert_eq!(paths(&absolute), ["/out", "/witness", "/witness/secret"]);
    let stacked = [symlink("a", "b"), symlink("b", "../../witness"), directory("a/made"), file("a/secret", b"x")];
    assert_eq!(paths(&stacked), ["/a", "/b", "/witness", "/witness/made", "/witness/secret"]);
}

#[test]
fn a_link_that_becomes_a_directory_is_replaced() {
    let members = [symlink("d", "../witness"), directory("d"), file("d/secret", b"x")];
    assert_eq!(paths(&members), ["/d", "/d/secret"]);
}

#[test]
fn a_directory_that_becomes_a_link_takes_its_content_along() {
    let members = [directory("d"), file("d/f", b"1"), symlink("d", "../witness"), file("d/secret", b"x")];
    assert_eq!(paths(&members), ["/d", "/witness", "/witness/secret"]);
}

#[test]
fn the_mode_of_a_directory_is_not_set_through_a_link() {
    let members = [symlink("d", "../witness"), member("d/.", b'5', "", b"")];
    assert_eq!(paths(&members), ["/d"], "the directory takes the place of the link");
}

#[test]
fn links_in_a_circle_are_refused() {
    assert!(refusal(&[symlink("a", "b"), symlink("b", "a"), file("a/f", b"")]).contains("too many links"));
}

#[test]
fn hard_links_out_of_the_root_are_refused() {
    assert!(refusal(&[hard_link("h", "../witness/secret")]).contains("is linked to and is not there"));
    assert!(refusal(&[hard_link("h", "/etc/passwd")]).contains("is linked to and is not there"));
    let through = [symlink("out", "../witness"), hard_link("h", "out/secret"), file("h", b"x")];
    assert!(refusal(&through).contains("is linked to and is not there"));
}

#[test]
fn writing_after_a_hard_link_replaces_one_name() {
    let place = folder();
    let members = [file("a", b"old"), hard_link("b", "a"), file("b", b"new")];
    unpack(&archive(&members), place.path(), None).unwrap();
    assert_eq!(fs::read(place.path().join("a")).unwrap(), b"old");
    assert_eq!(fs::read(place.path().join("b")).unwrap(), b"new");
}

#[test]
fn writing_after_a_symbolic_link_replaces_the_link() {
    assert_eq!(paths(&[symlink("f", "../witness/secret"), file("f", b"x")]), ["/f"]);
}

#[test]
fn odd_hard_links() {
    assert!(refusal(&[file("a", b""), hard_link("a", "a")]).contains("link to itself"));
    assert!(refusal(&[directory("d"), hard_link("h", "d")]).contains("link to a directory"));
    assert!(refusal(&[directory("d"), file("d/f", b""), hard_link("d", "d/f")]).contains("not there"));
    assert_eq!(paths(&[symlink("s", "t"), hard_link("h", "s")]), ["/h", "/s"]);
}

#[test]
fn the_root_is_a_directory() {
    for bad in [symlink("./", "/"), file(".", b"x"), hard_link("..", "a")] {
        assert!(outcome(&[file("a", b""), bad]).is_err());
    }
}

#[test]
fn whiteouts_that_name_nothing_or_everything() {
    for name in [".wh.", ".wh..", ".wh...", "d/.wh."] {
        assert!(refusal(&[file(name, b"")]).contains("whiteout without a name"), "{name}");
    }
    assert!(refusal(&[file(".wh.d/f", b"")]).contains("below a whiteout"));
    assert_eq!(paths(&[file(".wh..wh.plnk", b"")]), Vec::<String>::new());
}

#[test]
fn a_whiteout_does_not_remove_what_its_own_layer_has() {
    assert_eq!(paths(&[file("f", b"1"), file(".wh.f", b"")]), ["/f"]);
    assert_eq!(paths(&[file(".wh.d", b""), file("d/f", b"1")]), ["/d", "/d/f"]);
}

#[test]
fn contradictions_are_refused() {
    let body = |records: &[Vec<u8>]| [extended(records), file("f", b"12345")];
    let size = refusal(&body(&[record("size", "3")]));
    assert!(size.contains("contradicts itself about the size"), "{size}");
    for key in ["path", "linkpath", "size", "uid"] {
        let twice = refusal(&body(&[record(key, "5"), record(key, "5")]));
        assert!(twice.contains("contradicts itself"), "{twice}");
    }
    let two = refusal(&[extended(&[record("uid", "1")]), extended(&[record("gid", "1")]), file("f", b"")]);
    assert!(two.contains("extended header"), "{two}");
    let names = [member("L", b'L', "", b"one\0"), extended(&[record("path", "two")]), file("f", b"")];
    assert!(refusal(&names).contains("about the path"));
    assert!(refusal(&[member("d", b'5', "", b"content")]).contains("about the size"));
}

#[test]
fn global_headers_may_only_comment() {
    let global = |key| [member("g", b'g', "", &record(key, "x")), file("f", b"")];
    assert_eq!(paths(&global("comment")), ["/f"]);
    for key in ["path", "size", "linkpath", "SCHILY.xattr.user.a"] {
        assert!(refusal(&global(key)).contains("not supported"), "{key}");
    }
}

#[test]
fn long_names_of_both_kinds() {
    let long = "n".repeat(150);
    assert_eq!(paths(&[member("L", b'L', "", format!("{long}\0").as_bytes()), file("f", b"")]), [format!("/{long}")]);
    assert_eq!(paths(&[extended(&[record("path", &long)]), file("f", b"")]), [format!("/{long}")]);
    assert!(refusal(&[extended(&[record("path", &"n".repeat(256))]), file("f", b"")]).contains("255 bytes"));
}

#[test]
fn a_file_cannot_be_a_parent() {
    assert!(refusal(&[file("f", b""), file("f/x", b"")]).contains("no directory"));
}

#[test]
fn nul_bytes_in_records_are_refused() {
    assert!(refusal(&[extended(&[record("path", "a\0b")]), file("f", b"")]).contains("PAX path"));
    assert!(refusal(&[extended(&[record("linkpath", "a\0b")]), symlink("f", "t")]).contains("PAX link"));
}

#[test]
fn unknown_kinds_are_refused() {
    for flag in *b"SMVDZ89" {
        assert!(refusal(&[member("m", flag, "", b"")]).contains("not supported"), "{}", char::from(flag));
    }
}

#[test]
fn a_flipped_header_bit_is_noticed() {
    let mut bytes = file("f", b"");
    bytes[0] ^= 1;
    assert!(refusal(&[bytes]).contains("checksum"));
    let mut negative = file("f", b"");
    negative[124..136].copy_from_slice(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    checksum(&mut negative);
    assert!(refusal(&[negative]).contains("bad size"));
}

fn cut(length: usize) -> Result<usize, String> {
    let whole = archive(&[file("f", &[7; 600]), directory("d")]);
    let place = folder();
    unpack(&whole[..length], place.path(), None).map(|u| u.listing.entries().len()).map_err(|e| e.to_string())
}

#[test]
fn an_archive_that_is_cut_is_refused() {
    for length in [1, 511, 513, 1000, 1535, 1600, 2100] {
        assert!(cut(length).unwrap_err().contains("ends early"), "{length}");
    }
    // Many writers leave out the end; a cut between members cannot be told from that.
    assert_eq!(cut(1536), Ok(1));
    assert_eq!(cut(2048), Ok(2));
    assert_eq!(cut(2560), Ok(2));
    let place = folder();
    let lone = [file("f", b""), vec![0; 512], file("g", b"")].concat();
    assert!(unpack(&lone, place.path(), None).unwrap_err().to_string().contains("lone zero block"));
}

fn limited(members: &[Vec<u8>], limits: Limits) -> String {
    let place = folder();
    unpack_limited(&archive(members), place.path(), None, limits).unwrap_err().to_string()
}

#[test]
fn limits_hold() {
    let limits = Limits { members: 2, path_bytes: 20, extended_bytes: 64, total_bytes: 8192 };
    assert!(limited(&[file("a", b""), file("b", b""), file("c", b"")], limits).contains("2 members"));
    assert!(limited(&[file("a/long/name/of/a/file", b"")], limits).contains("20 bytes in a path"));
    assert!(limited(&[symlink("a", "a/long/name/of/a/file")], limits).contains("20 bytes in a path"));
    assert!(limited(&[extended(&[record("comment", &"c".repeat(64))])], limits).contains("extended header"));
    assert!(limited(&[file("a", &[0; 9000])], limits).contains("8192 bytes"));
    let mut huge = file("a", b"");
    huge[124..136].copy_from_slice(b"77777777777\0");
    checksum(&mut huge);
    assert!(limited(&[huge], Limits { total_bytes: 1 << 30, ..limits }).contains("1073741824 bytes"));
}

fn below(base: &[Vec<u8>], layer: &[Vec<u8>], check: impl FnOnce(&Path, Result<Vec<String>, String>)) {
    let (lower, upper) = (folder(), folder());
    unpack(&archive(base), lower.path(), None).unwrap();
    let result = unpack(&archive(layer), upper.path(), Some(lower.path()));
    let paths = result.map_err(|e| e.to_string());
    check(upper.path(), paths.map(|u| u.listing.entries().iter().map(|e| e.path.to_string()).collect()));
}

#[test]
fn links_of_earlier_layers_are_followed_inside() {
    below(&[directory("usr/lib"), symlink("lib", "usr/lib")], &[file("lib/x", b"")], |_, paths| {
        assert_eq!(paths.unwrap(), ["/usr", "/usr/lib", "/usr/lib/x"]);
    });
    below(&[symlink("out", "../../witness")], &[file("out/x", b"")], |_, paths| {
        assert_eq!(paths.unwrap(), ["/witness", "/witness/x"]);
    });
    below(&[symlink("lib", "usr/lib")], &[file(".wh.lib", b""), file("lib/x", b"")], |_, paths| {
        assert_eq!(paths.unwrap(), ["/lib", "/lib/x"]);
    });
}

#[test]
fn parents_of_earlier_layers_keep_their_looks() {
    let mut private = directory("d");
    private[100..107].copy_from_slice(b"0000700");
    checksum(&mut private);
    below(&[private], &[file("d/f", b"")], |upper, paths| {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(paths.unwrap(), ["/d", "/d/f"]);
        assert_eq!(fs::metadata(upper.join("d")).unwrap().permissions().mode() & 0o7777, 0o700);
    });
}

#[test]
fn a_link_to_a_file_of_an_earlier_layer_copies_it() {
    below(&[file("d/f", b"lower")], &[hard_link("h", "d/f")], |upper, paths| {
        assert_eq!(paths.unwrap(), ["/d", "/d/f", "/h"]);
        assert_eq!(fs::read(upper.join("h")).unwrap(), b"lower");
    });
    below(&[file("f", b"")], &[file(".wh.f", b""), hard_link("h", "f")], |_, paths| {
        assert!(paths.unwrap_err().contains("not there"));
    });
}

#[test]
fn no_damage_makes_the_unpacker_panic_or_leave_the_root() {
    let whole = archive(&[
        directory("d"),
        file("d/f", b"content"),
        symlink("l", "d"),
        hard_link("h", "d/f"),
        extended(&[record("path", "d/long"), record("SCHILY.xattr.user.a", "1")]),
        file("x", b"12345"),
        file(".wh.gone", b""),
    ]);
    let place = folder();
    let mut refused = 0;
    let mut state = 1_u32;
    for round in 0..600 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 8) as usize % bytes.len();
            bytes[at] = (state >> 3) as u8;
            // A right checksum lets the damage through to where it matters.
            let header = at / 512 * 512;
            if header + 512 <= bytes.len() {
                checksum(&mut bytes[header..header + 512]);
            }
        }
        let root = place.path().join(round.to_string());
        fs::create_dir(&root).unwrap();
        refused += usize::from(unpack(&bytes, &root, None).is_err());
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 600, "nothing was made beside the roots");
    assert!((1..600).contains(&refused), "some damage is refused and some is harmless: {refused}");
}

#[test]
fn many_copies_of_one_name_leave_one() {
    let members: Vec<Vec<u8>> = (0..500).map(|_| file("same", b"x")).collect();
    assert_eq!(paths(&members), ["/same"]);
}

#[test]
fn damaged_and_cut_compression_is_refused() {
    use std::num::NonZeroUsize;
    for codec in [containr_layer::Codec::GZIP, containr_layer::Codec::ZSTD] {
        let mut bytes = Vec::new();
        let plain = archive(&[file("f", b"some content that is compressed")]);
        codec
            .compress(NonZeroUsize::MIN, &mut bytes, |sink| {
                sink.write_all(&plain).map_err(containr_layer::LayerError::Output)
            })
            .unwrap();
        let place = folder();
        let cut = unpack(&bytes[..bytes.len() - 3], place.path(), None);
        assert!(matches!(cut, Err(containr_layer::LayerError::Input(_))), "{codec:?}: {cut:?}");
    }
}
