//! What RUN steps see: mounts, heredocs, limits, network, users.

use crate::place::{Place, says};

#[test]
fn all_forms_of_heredocs_work() {
    let Some(place) = Place::new() else { return };
    place
        .build(
            "FROM base\n\
         RUN <<EOF\necho a > /one\necho b >> /one\nEOF\n\
         RUN <<EOF cat > /two\nhome $HOME\nEOF\n\
         RUN <<'EOF' cat >> /two\nliteral $HOME\nEOF\n\
         RUN <<EOF\n#!/bin/cat\nscript\nEOF\n\
         COPY <<EOF /three\n$PATH_UNSET-x\nEOF\n\
         COPY <<A <<B /dir/\na\nA\nb\nB\n",
            &[],
        )
        .ok();
    let told = place.sh("t", "cat /one /two /three /dir/A /dir/B");
    assert_eq!(told, "a\nb\nhome /root\nliteral $HOME\n-x\na\nb\n");
}

#[test]
fn mounts_are_seen_and_leave_nothing() {
    let Some(place) = Place::new() else { return };
    place.file("data", "from the context\n");
    place
        .build(
            "FROM base AS other\nRUN echo from a stage > /file\n\
             FROM base\n\
             RUN --mount=type=bind,target=/ctx cat /ctx/data > /out; touch /ctx/x || echo read-only >> /out\n\
             RUN --mount=type=bind,from=other,source=/file,target=/in cat /in >> /out\n\
             RUN --mount=type=bind,target=/ctx,rw echo changed > /ctx/data && cat /ctx/data >> /out\n\
             RUN --mount=type=tmpfs,target=/t,size=1m echo x > /t/x && df -k /t | grep -c 1024 >> /out\n\
             RUN --mount=type=cache,target=/c echo x > /c/kept\n\
             RUN --mount=type=cache,target=/c cat /c/kept >> /out\n",
            &[],
        )
        .ok();
    let told = place.sh("t", "cat /out; ls /ctx /t /c /in 2>/dev/null; true");
    assert_eq!(told, "from the context\nread-only\nfrom a stage\nchanged\n1\nx\n");
    assert_eq!(std::fs::read_to_string(place.path("ctx/data")).unwrap(), "from the context\n");
}

#[test]
fn a_cache_outlives_builds_until_everything_is_pruned() {
    let Some(place) = Place::new() else { return };
    let step = "FROM base\nRUN --mount=type=cache,target=/c echo x >> /c/n; wc -l < /c/n\n";
    says(&place.build(step, &["--no-cache"]).ok().stderr, &[" 1\n"]);
    says(&place.build(step, &["--no-cache"]).ok().stderr, &[" 2\n"]);
    place.containr(&["prune", "--all"]).ok();
    assert!(std::fs::read_dir(place.path("state/caches-1")).unwrap().next().is_none());
}

#[test]
fn flags_reach_the_step() {
    let Some(place) = Place::new() else { return };
    let flags = [
        "--add-host",
        "db:10.1.2.3",
        "--shm-size",
        "3m",
        "--ulimit",
        "nofile=77:88",
        "--network",
        "none",
        "--jobs",
        "1",
    ];
    let text =
        "FROM base\nRUN cat /etc/hosts; df -k /dev/shm | grep -c 3072; ulimit -n; ulimit -Hn; ip -o link | wc -l\n";
    let shown = place.build(text, &flags).ok().stderr;
    says(&shown, &["10.1.2.3\tdb", " 1\n", " 77\n", " 88\n"]);
}

#[test]
fn users_and_directories_are_those_of_the_dockerfile() {
    let Some(place) = Place::new() else { return };
    let text =
        "FROM base\nWORKDIR /srv/a\nUSER app\nRUN id -u; id -g; id -G; pwd; echo $HOME\nUSER 7:8\nRUN id -u; id -g\n";
    let shown = place.build(text, &[]).ok().stderr;
    says(&shown, &[" 1000\n", " 1001\n", " 1001 1002\n", " /srv/a\n", " /home/app\n", " 7\n", " 8\n"]);
}

#[test]
fn a_filtered_stage_runs_again_and_reaches_later_ones() {
    let Some(place) = Place::new() else { return };
    let text = "FROM base AS a\nRUN head -c 16 /dev/urandom > /r\nFROM base\nCOPY --from=a /r /r\nRUN cp /r /copy\n";
    place.build(text, &[]).ok();
    let first = place.containr(&["run", "t", "cat", "/copy"]).ok().stdout;
    place.build(text, &[]).ok();
    assert_eq!(place.containr(&["run", "t", "cat", "/copy"]).ok().stdout, first, "all is cached");
    place.build(text, &["--no-cache-filter", "a"]).ok();
    let (r, copy) = (place.containr(&["run", "t", "cat", "/r"]), place.containr(&["run", "t", "cat", "/copy"]));
    let (r, copy) = (r.ok().stdout, copy.ok().stdout);
    assert_ne!(copy, first);
    assert_eq!(r, copy);
}
