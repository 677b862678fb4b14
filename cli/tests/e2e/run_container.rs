//! `containr run`: exit codes, streams, and what a container sees.

use std::fs;

use crate::place::{Place, says};

#[test]
fn exit_codes_are_passed_on() {
    let Some(place) = Place::new() else { return };
    let code = |command: &str| place.containr(&["run", "base", "sh", "-c", command]).code;
    assert_eq!([code("exit 0"), code("exit 7"), code("exit 255")], [Some(0), Some(7), Some(255)]);
    assert_eq!(code("sh -c 'kill -9 $$'; exit $?"), Some(137));
}

#[test]
fn what_cannot_be_started_has_dockers_codes() {
    let Some(place) = Place::new() else { return };
    let shown = place.containr(&["run", "base", "nope"]).fails(127);
    says(&shown, &["cannot start a container from base", "hint: `nope`"]);
    says(&place.containr(&["run", "base", "/etc/passwd"]).fails(126), &["Permission denied", "chmod +x"]);
    says(&place.containr(&["run", "--pull", "never", "nope"]).fails(125), &["nope"]);
    says(&place.containr(&["run", "-u", "ghost", "base", "id"]).fails(125), &["no user is named `ghost`"]);
    says(&place.containr(&["run", "-v", "data:/m", "base", "id"]).fails(2), &["named volumes are not supported yet"]);
}

#[test]
fn a_changed_root_alone_runs_a_command_as_well() {
    let Some(place) = Place::new() else { return };
    let run = |arguments: &[&str]| place.containr(&[&["run", "--isolation=chroot"], arguments].concat());
    let told =
        run(&["-e", "A=1", "base", "sh", "-c", "echo $A $(id -u); cat /etc/hosts > /tmp/x && touch /new; exit 3"]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), "1 0\n"), "{}", told.stderr);
    assert_eq!(place.sh("base", "ls /new 2>/dev/null | wc -l"), "0\n", "the image is as it was");
    assert_eq!(run(&["base", "nope"]).code, Some(127));
    for flags in [&["-v", "/tmp:/tmp"][..], &["--network=none"]] {
        let shown = run(&[flags, &["base", "true"]].concat()).fails(2);
        says(&shown, &["needs namespaces, which --isolation=chroot does without"]);
    }
}

#[test]
fn flags_and_streams_reach_the_container() {
    let Some(place) = Place::new() else { return };
    fs::create_dir(place.path("host")).unwrap();
    let volume = format!("{}:/m", place.arg("host"));
    let command = "id -u; echo $A; pwd; cat; echo x > /m/written; hostname";
    let flags = ["run", "-i", "-u", "0:5", "-e", "A=5", "-w", "/new/dir", "-v", &volume, "--hostname", "h", "base"];
    let told = place.containr_with(&[&flags[..], &["sh", "-c", command]].concat(), b"input\n").ok();
    assert_eq!(told.stdout, "0\n5\n/new/dir\ninput\nh\n");
    assert_eq!(fs::read_to_string(place.path("host/written")).unwrap(), "x\n");
    let volume = format!("{volume}:ro");
    let told = place.containr(&["run", "-v", &volume, "base", "touch", "/m/y"]);
    says(&told.fails(1), &["Read-only file system"]);
}

#[test]
fn what_a_container_writes_is_thrown_away() {
    let Some(place) = Place::new() else { return };
    place.sh("base", "echo x > /gone; rm /bin/ls");
    assert_eq!(place.sh("base", "ls /gone 2>/dev/null; ls /bin/ls"), "/bin/ls\n");
    assert_eq!(fs::read_dir(place.path("state/work-1")).unwrap().count(), 0);
}
