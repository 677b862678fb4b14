//! Runs filters on a small machine and compares them with the rules read one by one.

use super::*;

/// The fourteen capabilities of a step.
const STEP: u64 = 0xa804_25fb;

const ALLOW: u32 = 0x7fff_0000;
const ERRNO: u32 = 0x0005_0000;

/// What the kernel gives a filter to look at.
struct Call {
    number: u32,
    architecture: u32,
    argument: u64,
}

/// Interprets the few instructions that filters use.
fn simulate(code: &[Instruction], call: &Call) -> u32 {
    let (mut position, mut accumulator) = (0, 0_u32);
    loop {
        let Instruction { code: operation, jump_true, jump_false, operand } = code[position];
        position += 1;
        let holds = match operation {
            0x20 => {
                accumulator = match operand {
                    0 => call.number,
                    4 => call.architecture,
                    16 => call.argument as u32,
                    20 => (call.argument >> 32) as u32,
                    other => panic!("load from {other}"),
                };
                continue;
            }
            0x05 => {
                position += operand as usize;
                continue;
            }
            0x06 => return operand,
            0x15 => accumulator == operand,
            0x25 => accumulator > operand,
            0x35 => accumulator >= operand,
            0x45 => accumulator & operand != 0,
            other => panic!("instruction {other:#x}"),
        };
        position += usize::from(if holds { jump_true } else { jump_false });
    }
}

/// The rules for this machine with the numbers that their names have on one architecture.
struct Named(Vec<(Vec<u32>, profile::Rule)>);

impl Named {
    fn on(architecture: Architecture) -> Named {
        let rules = RULES.into_iter().filter(|rule| rule.machine == On::All || rule.machine == architecture.machine);
        let numbers = |rule: &profile::Rule| -> Vec<u32> {
            let names: Vec<&str> = rule.calls.split_whitespace().collect();
            let rows = CALLS.iter().filter(|(name, _)| names.contains(name));
            rows.map(|(_, numbers)| numbers[architecture.column])
                .filter(|number| *number != NONE)
                .map(u32::from)
                .collect()
        };
        Named(rules.map(|rule| (numbers(&rule), rule)).collect())
    }
}

/// Reads the rules as a person would: the first that fits decides.
fn by_the_rules(rules: &Named, call: &Call, capabilities: u64) -> u32 {
    let has = |capability: u8| capabilities >> capability & 1 == 1;
    if call.number > *rules.0.iter().flat_map(|(numbers, _)| numbers).max().unwrap() {
        return ERRNO | 38;
    }
    let low = call.argument as u32;
    let found = rules.0.iter().filter(|(numbers, _)| numbers.contains(&call.number)).find(|(_, rule)| {
        let subject = match rule.subject {
            For::Everyone => true,
            For::With(capability) => has(capability),
            For::Lacking(capability) => !has(capability),
        };
        let argument = match rule.condition {
            Condition::Always => true,
            Condition::Equals(wanted) => low == wanted,
            Condition::Below(limit) => low < limit,
            Condition::Above(limit) => low > limit,
            Condition::Without(bits) => low & bits == 0,
        };
        subject && argument
    });
    match found.map(|(_, rule)| rule.action) {
        Some(Action::Allow) => ALLOW,
        Some(Action::Errno(number)) => ERRNO | u32::from(number),
        None => ERRNO | 1,
    }
}

const ARGUMENTS: [u64; 14] =
    [0, 1, 8, 37, 38, 39, 40, 41, 0x2_0000, 0x2_0008, 0xffff_ffff, 0x0200_0000, 0x7e02_0000, 0x1_0000_0028];

#[test]
fn every_call_of_every_architecture_is_answered_by_the_rules() {
    for capabilities in [STEP, 0, u64::MAX, STEP | 1 << 21] {
        let all = [X86_64, I386, AARCH64];
        let filter = Filter::build_for(&all, capabilities, Owners::Real);
        for native in all {
            let rules = Named::on(native);
            for number in (0..512).chain([0x4000_0000, 0x4000_0001, u32::MAX]) {
                for argument in ARGUMENTS {
                    let call = Call { number, architecture: native.audit, argument };
                    let (got, wanted) =
                        (simulate(&filter.instructions, &call), by_the_rules(&rules, &call, capabilities));
                    assert_eq!(got, wanted, "call {number} ({argument:#x}) of {:#x}", native.audit);
                }
            }
        }
    }
}

fn answer_to(filter: &Filter, name: &str, argument: u64) -> Vec<u32> {
    let row = CALLS.iter().find(|(known, _)| *known == name).unwrap();
    let columns = NATIVE.iter().filter(|native| row.1[native.column] != NONE);
    columns
        .map(|native| Call { number: row.1[native.column].into(), architecture: native.audit, argument })
        .map(|call| simulate(&filter.instructions, &call))
        .collect()
}

#[test]
fn well_known_answers() {
    let filter = Filter::build(STEP, Owners::Real);
    for (name, argument, wanted) in [
        ("execve", 0, ALLOW),
        ("clone3", 0, ERRNO | 38),
        ("clone", 0x11, ALLOW),
        ("clone", 0x1000_0011, ERRNO | 1),
        ("unshare", 0, ERRNO | 1),
        ("mount", 0, ERRNO | 1),
        ("chroot", 0, ALLOW),
        ("socket", 2, ALLOW),
        ("socket", 40, ERRNO | 1),
        ("socket", 0x1_0000_0028, ERRNO | 1),
        ("chown", 0, ALLOW),
    ] {
        let answers = answer_to(&filter, name, argument);
        assert!(answers.iter().all(|answer| *answer == wanted), "{name}({argument:#x}): {answers:x?}");
    }
}

#[test]
fn pretended_owners_succeed_without_effect() {
    let filter = Filter::build(STEP, Owners::Pretended);
    for name in OWNERSHIP.split_whitespace() {
        assert!(answer_to(&filter, name, 0).iter().all(|answer| *answer == ERRNO), "{name}");
    }
}

#[test]
fn foreign_architectures_are_killed() {
    let filter = Filter::build(STEP, Owners::Real);
    let call = Call { number: 0, architecture: 0x8000_0016, argument: 0 };
    assert_eq!(simulate(&filter.instructions, &call), 0x8000_0000);
}

#[test]
fn the_filter_stays_short() {
    assert!(Filter::build(STEP, Owners::Real).instructions.len() < 500);
}

#[test]
fn the_table_is_sorted_and_holds_every_name() {
    assert!(CALLS.is_sorted_by(|left, right| left.0 < right.0));
    let names = RULES.iter().flat_map(|rule| rule.calls.split_whitespace()).chain(OWNERSHIP.split_whitespace());
    let lost: Vec<&str> = names.filter(|name| CALLS.binary_search_by_key(name, |(known, _)| known).is_err()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
