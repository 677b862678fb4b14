//! Seccomp filters: moby's default profile as a search tree that costs little to load and little to run.
//!
//! Loading a filter costs every step time in proportion to its length, and running one costs every system call. So the
//! calls of an architecture are grouped to intervals with the same answer, and a binary tree finds the interval.

mod calls;
mod profile;
mod tree;

use calls::{CALLS, NONE};
use profile::{Action, Condition, DENIED, ENOSYS, For, OWNERSHIP, On, RULES};
use tree::{Interval, Verdict};

/// One instruction of classic BPF, laid out as the kernel's `struct sock_filter`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it does.
    pub code: u16,
    /// How many instructions to skip when a test holds.
    pub jump_true: u8,
    /// How many instructions to skip when it does not.
    pub jump_false: u8,
    /// Its constant.
    pub operand: u32,
}

/// Whether calls that change owners and ids do so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// They do.
    Real,
    /// They succeed and do nothing: for a user namespace with a single id.
    Pretended,
}

/// A filter, ready to be loaded.
#[derive(Clone, Debug)]
pub struct Filter {
    instructions: Vec<Instruction>,
}

impl Filter {
    /// Builds the filter for steps with the capabilities of a bit set, for this machine's architectures.
    ///
    /// Calls the profile does not name are answered `EPERM`; those above the last that it names `ENOSYS`, so that programs
    /// fall back as on an older kernel. A process of a foreign architecture is killed.
    pub fn build(capabilities: u64, owners: Owners) -> Filter {
        Filter::build_for(NATIVE, capabilities, owners)
    }

    fn build_for(architectures: &[Architecture], capabilities: u64, owners: Owners) -> Filter {
        let answers = answers(architectures, capabilities, owners).into_iter().map(group);
        let audits = architectures.iter().map(|one| one.audit);
        Filter { instructions: tree::emit(&audits.zip(answers).collect::<Vec<_>>()) }
    }

    /// Returns the instructions.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }
}

/// An architecture of system calls.
#[derive(Clone, Copy)]
struct Architecture {
    /// Its `AUDIT_ARCH_*` number.
    audit: u32,
    /// Its column in the table of calls.
    column: usize,
    /// Which rules it has beside those for all.
    machine: On,
}

const X86_64: Architecture = Architecture { audit: 0xc000_003e, column: 0, machine: On::X86 };
const I386: Architecture = Architecture { audit: 0x4000_0003, column: 1, machine: On::X86 };
const AARCH64: Architecture = Architecture { audit: 0xc000_00b7, column: 2, machine: On::All };

/// The architectures that this machine runs.
const NATIVE: &[Architecture] = if cfg!(target_arch = "aarch64") { &[AARCH64] } else { &[X86_64, I386] };

/// What is known of each call number of an architecture.
type Answers = Vec<Option<Verdict>>;

/// Answers the call numbers of every architecture. Names are looked up once for all of them: a start waits for this.
fn answers(architectures: &[Architecture], capabilities: u64, owners: Owners) -> Vec<Answers> {
    let mut answers: Vec<Answers> = vec![Vec::with_capacity(512); architectures.len()];
    for rule in RULES {
        let applies = match rule.subject {
            For::Everyone => true,
            For::With(capability) => capabilities & (1 << capability) != 0,
            For::Lacking(capability) => capabilities & (1 << capability) == 0,
        };
        let machines = |one: &Architecture| rule.machine == On::All || rule.machine == one.machine;
        each_number(rule.calls, architectures, |index, number| {
            if !machines(&architectures[index]) {
                return;
            }
            let known = at(&mut answers[index], number);
            if applies {
                answer(known, rule.action, rule.condition);
            }
        });
    }
    if owners == Owners::Pretended {
        each_number(OWNERSHIP, architectures, |index, number| {
            *at(&mut answers[index], number) = Some(Verdict::Always(Action::Errno(0)));
        });
    }
    answers
}

/// Calls `action` with the index of each architecture that has a call, and the call's number there.
fn each_number(names: &str, architectures: &[Architecture], mut action: impl FnMut(usize, usize)) {
    for name in names.split_ascii_whitespace() {
        let Ok(row) = CALLS.binary_search_by_key(&name, |(known, _)| known) else { continue };
        for (index, architecture) in architectures.iter().enumerate() {
            let number = CALLS[row].1[architecture.column];
            if number != NONE {
                action(index, usize::from(number));
            }
        }
    }
}

/// Returns what is known of a call; makes room for it.
fn at(answers: &mut Answers, number: usize) -> &mut Option<Verdict> {
    if answers.len() <= number {
        answers.resize(number + 1, None);
    }
    &mut answers[number]
}

/// Adds a rule to what is known of a call: a rule without condition decides, conditions add up.
fn answer(known: &mut Option<Verdict>, action: Action, condition: Condition) {
    match (known.as_mut(), condition) {
        (Some(Verdict::Always(_)), _) => {}
        (_, Condition::Always) => *known = Some(Verdict::Always(action)),
        (Some(Verdict::AllowedWhen(conditions)), condition) => conditions.push(condition),
        (None, condition) => {
            assert_eq!(action, Action::Allow, "the profile has conditions on what is allowed alone");
            *known = Some(Verdict::AllowedWhen(vec![condition]));
        }
    }
}

/// Groups call numbers to intervals, in order, without gaps.
fn group(answers: Answers) -> Vec<Interval> {
    let past_the_last = Verdict::Always(Action::Errno(ENOSYS));
    let verdicts = answers.into_iter().map(|known| known.unwrap_or(Verdict::Always(DENIED)));
    let mut intervals: Vec<Interval> = Vec::new();
    for (first, verdict) in (0..).zip(verdicts.chain([past_the_last])) {
        if intervals.last().is_none_or(|last| last.verdict != verdict) {
            intervals.push(Interval { first, verdict });
        }
    }
    intervals
}

#[cfg(test)]
mod tests;
