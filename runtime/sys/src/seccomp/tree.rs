//! The code of a filter: which architecture, which interval of numbers, which answer.

use super::Instruction;
use super::profile::{Action, Condition, DENIED};

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Always(Action),
    /// Allowed if one of the conditions holds, else denied.
    AllowedWhen(Vec<Condition>),
}

/// Consecutive call numbers with one answer, up to the next interval's first.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    pub(super) first: u32,
    pub(super) verdict: Verdict,
}

/// Loads a word of `struct seccomp_data`: BPF_LD | BPF_W | BPF_ABS.
const LOAD: u16 = 0x20;
/// Jumps always: BPF_JMP | BPF_JA.
const JUMP: u16 = 0x05;
/// Tests for equal, greater, greater or equal, common bits: BPF_JMP | BPF_J* | BPF_K.
const IF_EQUAL: u16 = 0x15;
const IF_ABOVE: u16 = 0x25;
const IF_AT_LEAST: u16 = 0x35;
const IF_ANY_BIT: u16 = 0x45;
/// Answers: BPF_RET | BPF_K.
const RETURN: u16 = 0x06;

/// Where `struct seccomp_data` has the call's number, the architecture and the low half of the first argument.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;

/// `SECCOMP_RET_*` of linux/seccomp.h.
const RET_KILL_PROCESS: u32 = 0x8000_0000;
const RET_ERRNO: u32 = 0x0005_0000;
const RET_ALLOW: u32 = 0x7fff_0000;

/// Emits a filter for architectures, each with intervals that begin at 0 and have no gaps.
pub(super) fn emit(architectures: &[(u32, Vec<Interval>)]) -> Vec<Instruction> {
    let mut code = vec![plain(LOAD, ARCHITECTURE)];
    for (audit, intervals) in architectures {
        let mut body = vec![plain(LOAD, NUMBER)];
        body.extend(search(intervals));
        code.push(test(IF_EQUAL, *audit, 1, 0));
        code.push(plain(JUMP, length(&body)));
        code.extend(body);
    }
    code.push(plain(RETURN, RET_KILL_PROCESS));
    code
}

/// Finds the interval of the loaded number; every path ends with an answer.
fn search(intervals: &[Interval]) -> Vec<Instruction> {
    if let [only] = intervals {
        return answer(&only.verdict);
    }
    let (low, high) = intervals.split_at(intervals.len() / 2);
    let (lower, upper) = (search(low), search(high));
    let mut code = match u8::try_from(lower.len()) {
        Ok(skip) => vec![test(IF_AT_LEAST, high[0].first, skip, 0)],
        Err(_) => vec![test(IF_AT_LEAST, high[0].first, 0, 1), plain(JUMP, length(&lower))],
    };
    code.extend(lower);
    code.extend(upper);
    code
}

fn answer(verdict: &Verdict) -> Vec<Instruction> {
    let conditions = match verdict {
        Verdict::Always(action) => return vec![plain(RETURN, value(*action))],
        Verdict::AllowedWhen(conditions) => conditions,
    };
    let mut code = vec![plain(LOAD, FIRST_ARGUMENT)];
    let tests = u8::try_from(conditions.len()).expect("a call has a handful of conditions");
    for (index, condition) in (0_u8..).zip(conditions) {
        // Past the remaining tests and the denial lies the permission.
        let to_allow = tests - index;
        code.push(match *condition {
            Condition::Always => plain(JUMP, to_allow.into()),
            Condition::Equals(wanted) => test(IF_EQUAL, wanted, to_allow, 0),
            Condition::Above(limit) => test(IF_ABOVE, limit, to_allow, 0),
            Condition::Below(limit) => test(IF_AT_LEAST, limit, 0, to_allow),
            Condition::Without(bits) => test(IF_ANY_BIT, bits, 0, to_allow),
        });
    }
    code.push(plain(RETURN, value(DENIED)));
    code.push(plain(RETURN, value(Action::Allow)));
    code
}

fn value(action: Action) -> u32 {
    match action {
        Action::Allow => RET_ALLOW,
        Action::Errno(number) => RET_ERRNO | u32::from(number),
    }
}

fn plain(code: u16, operand: u32) -> Instruction {
    Instruction { code, jump_true: 0, jump_false: 0, operand }
}

fn test(code: u16, operand: u32, jump_true: u8, jump_false: u8) -> Instruction {
    Instruction { code, jump_true, jump_false, operand }
}

fn length(code: &[Instruction]) -> u32 {
    u32::try_from(code.len()).expect("a filter has at most 4096 instructions")
}
