//! No Dockerfile that parses makes the planner panic, and the same input always gives the same plan.

#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::collections::BTreeMap;

use containr_dockerfile::parse;
use containr_oci::{Digest, ImageConfig, Platform};
use containr_plan::{BaseKey, NoCache, PlanInput, Planned, ResolvedBase, RunDefaults, plan};
use proptest::prelude::*;

/// Every image exists and has this trigger.
fn base(key: &BaseKey, trigger: &str) -> ResolvedBase {
    let mut config = ImageConfig::default();
    config.config.on_build = vec![trigger.to_owned()];
    config.rootfs.diff_ids = vec![Digest::of(key.reference.as_bytes())];
    ResolvedBase { reference: key.reference.clone(), manifest: None, config_digest: Digest::of(b""), config }
}

/// Plans until nothing is needed any more; returns how often it had to be asked, or the codes why it was refused.
fn rounds(text: &str, trigger: &str) -> Result<usize, Vec<&'static str>> {
    let parsed = parse(text.as_bytes());
    if parsed.has_errors() {
        return Err(vec!["syntax"]);
    }
    let platform: Platform = "linux/amd64".parse().unwrap();
    let mut bases = BTreeMap::new();
    for round in 1.. {
        let input = PlanInput {
            dockerfile: parsed.syntax(),
            targets: &[None],
            platforms: std::slice::from_ref(&platform),
            build_platform: &platform,
            build_args: &[("A".to_owned(), Some("s1".to_owned()))],
            bases: &bases,
            contexts: &BTreeMap::new(),
            defaults: &RunDefaults::default(),
            no_cache: &NoCache::No,
            labels: &BTreeMap::new(),
        };
        let outcome = plan(&input);
        assert_eq!(outcome, plan(&input));
        match outcome {
            Ok(Planned::Needs(needs)) => {
                assert!(!needs.is_empty());
                for need in needs {
                    let known = bases.insert(need.key.clone(), base(&need.key, trigger));
                    assert!(known.is_none(), "{} is asked for twice", need.key.reference);
                }
            }
            Ok(Planned::Ready(_)) => return Ok(round),
            Err(errors) => {
                assert!(!errors.is_empty());
                return Err(errors.into_iter().map(|error| error.code.name()).collect());
            }
        }
    }
    unreachable!("the loop has no end of its own")
}

fn instruction() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "s0", "s1", "s2", "x", "$A", "${A:-y}", "0", "1", "/a/", ".", "a*", "\"q\"", "scratch",
    ]);
    let shape = prop::sample::select(vec![
        "FROM @ AS @",
        "FROM @",
        "COPY --from=@ @ @",
        "COPY @ @",
        "ADD @ @",
        "RUN --mount=from=@,target=@ @",
        "RUN --mount=type=cache,target=@,id=@ @",
        "RUN @ @",
        "ARG A=@",
        "ARG A B",
        "ENV A=@ C=@",
        "LABEL @=@",
        "WORKDIR @",
        "USER @",
        "EXPOSE @",
        "VOLUME @",
        "CMD @",
        "ENTRYPOINT [\"@\"]",
        "ONBUILD COPY --from=@ @ @",
        "ONBUILD RUN @",
        "COPY <<E @\n$A @\nE",
    ]);
    (shape, prop::collection::vec(word, 4)).prop_map(|(shape, words)| {
        let mut words = words.into_iter();
        shape.split('@').enumerate().fold(String::new(), |text, (index, piece)| match index {
            0 => piece.to_owned(),
            _ => text + words.next().unwrap_or("x") + piece,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn plans_end_and_are_the_same_twice(lines in prop::collection::vec(instruction(), 1..12), trigger in instruction()) {
        let text = format!("FROM base AS s0\n{}\n", lines.join("\n"));
        let _ = rounds(&text, &trigger);
    }
}

#[test]
fn triggers_of_a_base_can_need_another_base() {
    assert_eq!(rounds("FROM one\n", "COPY --from=two / /"), Ok(3));
}

#[test]
fn long_chains_of_stages_are_planned() {
    let stages = (1..2_000).map(|index| format!("FROM s{} AS s{index}\n", index - 1)).collect::<String>();
    assert_eq!(rounds(&format!("FROM base AS s0\n{stages}"), "RUN x"), Ok(2));
}
