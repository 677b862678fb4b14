//! The cases; each child is this program again, told by its environment what to be.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use containr_oci::Digest;
use containr_progress::Cancel;
use containr_store::{
    DeltaId, ImageScope, LayerRow, PrunePolicy, ResultId, ResultRow, StepKey, Store, StoreError, StoreOptions, WhenBusy,
};

const ROOT: &str = "CONTAINR_TEST_ROOT";
const ROLE: &str = "CONTAINR_TEST_ROLE";

const EVERYTHING: PrunePolicy =
    PrunePolicy { unused_for: None, keep_bytes: None, images: ImageScope::All, busy: WhenBusy::Refuse };

fn open(root: &Path) -> Store {
    Store::open(root, &StoreOptions { boot_id: "boot".to_owned(), now: || 1_000_000 }).unwrap()
}

/// Starts this program again as `role`; its lines come through the pipe.
fn child(root: &Path, role: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "suite::be_a_child", "--ignored", "--nocapture"]).env(ROOT, root).env(ROLE, role);
    let mut child = command.stdout(Stdio::piped()).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

fn wait_for(lines: &mut impl std::io::BufRead, wanted: &str) {
    let found = lines.lines().any(|line| line.unwrap().ends_with(wanted));
    assert!(found, "the child ended before it said `{wanted}`");
}

fn row(key: [u8; 32], id: [u8; 32], delta: Option<DeltaId>) -> ResultRow {
    ResultRow {
        key: StepKey(key),
        id: ResultId(id),
        parent: ResultId([0; 32]),
        delta,
        diff_id: None,
        log: None,
        label: "label".to_owned(),
        key_parts: Vec::new(),
        isolation: "root".to_owned(),
        duration_ms: 1,
        bytes: 1,
        created: 1,
    }
}

fn number(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes
}

/// Makes a delta the way the snapshot room does: beside, then renamed.
fn delta(store: &Store) -> DeltaId {
    let id = DeltaId::random().unwrap();
    let work = store.work_dir().join(id.as_str());
    std::fs::create_dir(&work).unwrap();
    std::fs::write(work.join("whole"), "1").unwrap();
    std::fs::rename(&work, store.deltas_dir().join(id.as_str())).unwrap();
    id
}

/// Does all that a build does to a store, without end.
fn churn(store: &Store) {
    let _lease = store.lease().unwrap();
    for step in 0.. {
        let text = format!("blob {step} {}", "x".repeat(5000));
        let mut ingest = store.ingest().unwrap();
        for part in text.as_bytes().chunks(1000) {
            ingest.write_all(part).unwrap();
        }
        let (log, _) = ingest.commit(None).unwrap();
        let key = store.lock_key(&StepKey(number(step)), &Cancel::new(), &mut || {}).unwrap();
        let recorded =
            store.record(&ResultRow { log: Some(log), ..row(number(step), number(step), Some(delta(store))) });
        let diff_id = Digest::of(text.as_bytes());
        store.add_layer(&LayerRow { diff_id, delta: recorded.unwrap().delta, size: 1 }).unwrap();
        drop(key);
        if step % 7 == 0 {
            store.sync_after_output().unwrap();
        }
        println!("step");
    }
}

/// Records the same hundred results as others do at the same time.
fn compete(store: &Store) {
    let _lease = store.lease().unwrap();
    for step in 0..100 {
        let own = delta(store);
        let _key = store.lock_key(&StepKey(number(step)), &Cancel::new(), &mut || {}).unwrap();
        let kept = match store.result(&StepKey(number(step))).unwrap() {
            Some(row) => row,
            None => store.record(&row(number(step), number(step), Some(own))).unwrap(),
        };
        println!("got {step} {}", kept.delta.unwrap());
    }
}

#[test]
#[ignore = "started by the other tests as a process of its own"]
fn be_a_child() {
    let Some(root) = std::env::var_os(ROOT) else { return };
    let store = open(Path::new(&root));
    match std::env::var(ROLE).unwrap().as_str() {
        "churn" => churn(&store),
        "compete" => compete(&store),
        "lease" => {
            let _lease = store.lease().unwrap();
            println!("held");
            // Until the parent kills this process or is gone itself.
            let _ = std::io::stdin().read_line(&mut String::new());
        }
        other => panic!("unknown role {other}"),
    }
}

/// What a visible thing must be, whatever died before.
fn check(store: &Store) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(store.root().join("blobs/sha256")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let digest: Digest = format!("sha256:{name}").parse().unwrap();
        assert!(store.read_blob(&digest).unwrap().is_some(), "{digest} has other content");
    }
    while let Some(row) = store.result(&StepKey(number(found))).unwrap() {
        let delta = store.deltas_dir().join(row.delta.unwrap().as_str());
        assert_eq!(std::fs::read_to_string(delta.join("whole")).unwrap(), "1");
        assert!(store.has_blob(&row.log.unwrap()).unwrap().is_some());
        found += 1;
    }
    usize::try_from(found).unwrap()
}

#[test]
fn a_store_is_whole_after_every_kill() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let (mut child, mut lines) = child(dir.path(), "churn");
        // Each round dies at another place: after so many steps, wherever the next one is by then.
        for _ in 0..=round {
            wait_for(&mut lines, "step");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open(dir.path());
        assert!(check(&store) > round, "what was said is there");
        let again = store.lock_key(&StepKey(number(0)), &Cancel::new(), &mut || panic!("the dead hold no key"));
        drop(again.unwrap());
    }
    let store = open(dir.path());
    store.prune(&EVERYTHING, &Cancel::new(), &mut || {}).unwrap();
    for place in ["blobs/sha256", "deltas-1", "work-1", "ingest", "leases", "keys", "trash"] {
        assert_eq!(std::fs::read_dir(dir.path().join(place)).unwrap().count(), 0, "{place} is not empty");
    }
}

#[test]
fn competing_processes_agree_on_every_result() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..3).map(|_| child(dir.path(), "compete")).collect();
    let mut answers: Vec<Vec<String>> = Vec::new();
    for (mut child, lines) in children {
        let got = lines.lines().map(Result::unwrap).filter_map(|line| Some(line.split_once("got ")?.1.to_owned()));
        answers.push(got.collect());
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(answers[0].len(), 100);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "each result has one delta");
}

#[test]
fn the_lease_of_a_killed_process_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let kept = delta(&store);
    let (mut child, mut lines) = child(dir.path(), "lease");
    wait_for(&mut lines, "held");
    assert!(matches!(store.prune(&EVERYTHING, &Cancel::new(), &mut || {}), Err(StoreError::InUse(1))));
    assert!(store.deltas_dir().join(kept.as_str()).exists());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(store.prune(&EVERYTHING, &Cancel::new(), &mut || {}).unwrap().deltas, 1);
}
