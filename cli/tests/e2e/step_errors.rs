//! Steps that fail: what failed, why, where it stands, and what to do.

use crate::place::{Place, says};

#[test]
fn a_missing_source_is_marked_and_the_nearest_name_told() {
    let Some(place) = Place::new() else { return };
    place.file("server.conf", "x");
    place.file("sub/data.json", "x");
    let shown = place.build("FROM base\nCOPY sub sevrer.conf /etc/\n", &[]).fails(1);
    says(&shown, &["/sevrer.conf not found: there is /server.conf", "Dockerfile:2:10", "^^^^^^^^^^^"]);
    let shown = place.build("FROM base\nCOPY sub/dta.json /etc/\n", &[]).fails(1);
    says(&shown, &["/sub/dta.json not found: there is /sub/data.json"]);
}

#[test]
fn a_missing_source_in_a_stage_is_told_likewise() {
    let Some(place) = Place::new() else { return };
    let shown = place.build("FROM base AS a\nRUN touch /program\nFROM base\nCOPY --from=a /progrm /\n", &[]).fails(1);
    says(&shown, &["/progrm not found: there is /program"]);
}

#[test]
fn a_source_that_is_ignored_is_said_to_be_there() {
    let Some(place) = Place::new() else { return };
    place.file("hidden.log", "x");
    place.file(".dockerignore", "*.log\n");
    let shown = place.build("FROM base\nCOPY hidden.log /\n", &[]).fails(1);
    says(&shown, &["/hidden.log not found: the ignore file leaves it out"]);
}

#[test]
fn a_missing_command_is_named() {
    let Some(place) = Place::new() else { return };
    let shown = place.build("FROM base\nRUN curl -fsSL x\n", &[]).fails(1);
    says(&shown, &["command exited with code 127", "Dockerfile:2:1"]);
    says(&shown, &["hint: `curl` is not in the image; install it in an earlier step"]);
    let shown = place.build("FROM base\nRUN [\"curl\"]\n", &[]).fails(1);
    says(&shown, &["hint: `curl`, or the interpreter that it names, is not in the image"]);
    let shown = place.build("FROM scratch\nRUN true\n", &[]).fails(1);
    says(&shown, &["hint: the image has no shell"]);
}

#[test]
fn a_file_that_is_no_program_has_a_hint() {
    let Some(place) = Place::new() else { return };
    let shown = place.build("FROM base\nRUN /etc/passwd\n", &[]).fails(1);
    says(&shown, &["command exited with code 126", "hint: the command is in the image but is not an executable file"]);
    place.file("elf", b"\x7fELF\x02\x01\x01garbage");
    let shown = place.build("FROM base\nCOPY --chmod=755 elf /\nRUN [\"/elf\"]\n", &[]).fails(1);
    says(&shown, &["hint: `/elf` is for another kind of processor"]);
}

#[test]
fn the_end_of_a_long_log_is_shown_again() {
    let Some(place) = Place::new() else { return };
    let dockerfile = "FROM base\nRUN seq 100; echo oops >&2; exit 5\n";
    let shown = place.build(dockerfile, &[]).fails(1);
    let (_, end) = shown.split_once("last output:").unwrap();
    says(end, &["    100\n    oops\n", "Dockerfile:2:1"]);
    let quiet = place.build(dockerfile, &["--quiet"]).fails(1);
    says(&quiet, &["last output:", "oops"]);
    let short = place.build("FROM base\nRUN echo once; exit 5\n", &[]).fails(1);
    assert_eq!(short.matches("once\n").count(), 1, "{short}");
}

#[test]
fn an_unknown_user_is_named() {
    let Some(place) = Place::new() else { return };
    let shown = place.build("FROM base\nUSER nobodyx\nRUN id\n", &[]).fails(1);
    says(&shown, &["no user is named `nobodyx`", "Dockerfile:3:1"]);
}

#[test]
fn a_registry_that_is_not_there_is_told_at_the_from() {
    let Some(place) = Place::bare() else { return };
    // A port that was free a moment ago: nobody listens there.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    drop(socket);
    let shown = place.build(&format!("FROM 127.0.0.1:{port}/x:1\nRUN true\n"), &[]).fails(1);
    says(
        &shown,
        &[&format!("cannot build `FROM 127.0.0.1:{port}/x:1`"), "Dockerfile:1:6", "hint: nothing listens there"],
    );
}

#[test]
fn a_failed_stage_ends_the_others() {
    let Some(place) = Place::new() else { return };
    let text = "FROM base AS a\nRUN sleep 1000\nFROM base AS b\nRUN exit 3\nFROM base\nCOPY --from=a / /a\nCOPY --from=b / /b\n";
    says(&place.build(text, &["--jobs", "2"]).fails(1), &["command exited with code 3", "CANCELED"]);
}
