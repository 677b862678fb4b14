//! A model of the outside in memory: random graphs, random failures, and the promises that hold for all of them.

mod false_hits;
mod world;

use containr_graph::{CachePolicy, Graph, StepId};

use world::{Numbers, World, edit, graph};

fn last(graph: &Graph) -> Vec<StepId> {
    graph.ids().last().into_iter().collect()
}

#[test]
fn cached_and_fresh_builds_agree() {
    for seed in 0..150 {
        let mut numbers = Numbers(seed);
        let world = World::default();
        let mut graph = graph(&mut numbers, 14);
        for _ in 0..4 {
            let targets = last(&graph);
            let cached = world.build(&graph, &targets).unwrap();
            let fresh = World::with_outcomes(&world).build(&graph, &targets).unwrap();
            assert_eq!(World::contents(&cached), World::contents(&fresh), "seed {seed}");
            graph = edit(&graph, &mut numbers);
        }
    }
}

#[test]
fn a_second_build_runs_nothing_and_starts_no_thread() {
    for seed in 0..100 {
        let world = World::default();
        let graph = graph(&mut Numbers(seed), 14);
        let first = world.build(&graph, &last(&graph)).unwrap();
        world.forget_runs();
        let second = world.build(&graph, &last(&graph)).unwrap();
        assert_eq!(first, second);
        assert_eq!((world.runs(), world.threads()), (0, 0), "seed {seed}");
    }
}

#[test]
fn no_key_is_worked_on_twice_at_a_time() {
    for seed in 0..100 {
        let world = World::default();
        // Few different commands, so that many steps are equal.
        let graph = graph(&mut Numbers(seed), 40);
        let targets: Vec<StepId> = graph.ids().collect();
        let builds = || world.build(&graph, &targets).unwrap();
        std::thread::scope(|scope| {
            let other = scope.spawn(builds);
            assert_eq!(World::contents(&builds()), World::contents(&other.join().unwrap()));
        });
        assert_eq!(world.most_at_once(), 1, "seed {seed}");
        assert_eq!(world.runs(), world.keys(), "each key ran once, seed {seed}");
    }
}

#[test]
fn a_failure_stops_the_rest_and_leaves_nothing_wrong() {
    for seed in 0..150 {
        let mut numbers = Numbers(seed);
        let world = World::default();
        let graph = graph(&mut numbers, 14);
        world.fail_at(numbers.below(6) + 1);
        let targets = last(&graph);
        match world.build(&graph, &targets) {
            Ok(_) => world.fail_at(0),
            Err(error) => {
                assert!(!error.cause.is_cancelled(), "the cause is told, not its consequence");
                world.fail_at(0);
            }
        }
        let repaired = world.build(&graph, &targets).unwrap();
        let fresh = World::with_outcomes(&world).build(&graph, &targets).unwrap();
        assert_eq!(World::contents(&repaired), World::contents(&fresh), "seed {seed}");
    }
}

/// A chain of stages, each of which takes the result of the one before.
fn stages(first: CachePolicy) -> (Graph, Vec<StepId>) {
    let mut graph = Graph::new();
    let mut ids = vec![world::push_run(&mut graph, None, "roll the dice", first)];
    for stage in 0..3 {
        let below = world::push_run(&mut graph, ids.last().copied(), &format!("stage {stage}"), CachePolicy::Use);
        ids.push(world::push_copy(&mut graph, None, below, &format!("/from{stage}")));
    }
    (graph, ids)
}

#[test]
fn a_stage_with_another_outcome_reaches_every_later_stage() {
    let world = World::default();
    let (graph, ids) = stages(CachePolicy::Use);
    let before = world.build(&graph, &ids).unwrap();
    world.reroll();
    world.forget_runs();
    let (graph, ids) = stages(CachePolicy::Ignore);
    let after = world.build(&graph, &ids).unwrap();
    assert_eq!(world.runs(), 7);
    for (old, new) in before.iter().zip(&after) {
        assert_ne!(old.id, new.id);
    }
}

#[test]
fn a_stage_with_the_same_outcome_invalidates_nothing() {
    let world = World::default();
    let (graph, ids) = stages(CachePolicy::Use);
    let before = world.build(&graph, &ids).unwrap();
    world.forget_runs();
    let (graph, ids) = stages(CachePolicy::Ignore);
    let after = world.build(&graph, &ids).unwrap();
    assert_eq!(world.runs(), 1, "only the step without the cache runs");
    assert_eq!(before, after, "the older tree stays");
    assert_eq!(world.discarded(), 1, "the newer one goes");
}

#[test]
fn a_linked_copy_serves_on_another_parent() {
    let linked = |command: &str| {
        let mut graph = Graph::new();
        let source = world::push_run(&mut graph, None, "source", CachePolicy::Use);
        let parent = world::push_run(&mut graph, None, command, CachePolicy::Use);
        let copy = world::push_linked(&mut graph, Some(parent), source);
        (graph, copy)
    };
    let world = World::default();
    let (graph, copy) = linked("one");
    let one = world.build(&graph, &[copy]).unwrap().remove(0);
    world.forget_runs();
    let (graph, copy) = linked("two");
    let two = world.build(&graph, &[copy]).unwrap().remove(0);
    assert_eq!(world.runs(), 1, "only the other parent runs");
    assert_eq!(one.layers.last().unwrap().delta, two.layers.last().unwrap().delta);
    assert_ne!(one.id, two.id, "the trees differ");
}

#[test]
fn a_miss_names_what_changed() {
    let world = World::default();
    let run = |env: &str| {
        let mut graph = Graph::new();
        let id = world::push_env(&mut graph, "make", env);
        (graph, id)
    };
    let (graph, id) = run("MODE=fast");
    world.build(&graph, &[id]).unwrap();
    assert_eq!(world.explained(), ["miss: nothing recorded yet"]);
    world.build(&graph, &[id]).unwrap();
    assert_eq!(world.explained(), ["hit"]);
    let (graph, id) = run("MODE=slow");
    world.build(&graph, &[id]).unwrap();
    assert_eq!(world.explained(), ["miss: env MODE changed"]);
}

#[test]
fn unreached_steps_are_not_touched() {
    let world = World::default();
    let mut graph = Graph::new();
    let wanted = world::push_run(&mut graph, None, "wanted", CachePolicy::Use);
    world::push_run(&mut graph, None, "not wanted", CachePolicy::Use);
    world.build(&graph, &[wanted]).unwrap();
    assert_eq!(world.runs(), 1);
}
