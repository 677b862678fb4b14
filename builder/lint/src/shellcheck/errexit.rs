//! SC2251: a `!` that keeps a failed expectation from ending the script.

use std::ops::Range;

use shuck_ast::{BinaryOp, Command, CompoundCommand, File, Stmt, StmtSeq};

/// Returns the places of every `!` whose outcome is neither asked for nor ends a script that runs with `set -e`.
pub(super) fn useless_bangs(file: &File) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    sequence(&file.body, Last::Returned, Asked::No, &mut found);
    found
}

/// Says what becomes of the outcome of a sequence's last command.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// It is that of the sequence.
    Returned,
    /// Nobody looks at it.
    Dropped,
}

/// Says whether something depends on the outcome of a command.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    Yes,
    No,
}

fn sequence(list: &StmtSeq, last: Last, asked: Asked, found: &mut Vec<Range<usize>>) {
    let statements = list.as_slice();
    for (index, statement) in statements.iter().enumerate() {
        let is_last = index + 1 == statements.len();
        if statement.negated && asked == Asked::No && !(is_last && last == Last::Returned) {
            let start = statement.span.start.offset();
            found.push(start..start + 1);
        }
        inside(statement, asked, found);
    }
}

fn condition(list: &StmtSeq, asked: Asked, found: &mut Vec<Range<usize>>) {
    let Some((last, before)) = list.as_slice().split_last() else { return };
    for statement in before {
        if statement.negated && asked == Asked::No {
            let start = statement.span.start.offset();
            found.push(start..start + 1);
        }
        inside(statement, asked, found);
    }
    inside(last, Asked::Yes, found);
}

fn inside(statement: &Stmt, asked: Asked, found: &mut Vec<Range<usize>>) {
    match &statement.command {
        Command::Binary(binary) => {
            let left = if matches!(binary.op, BinaryOp::And | BinaryOp::Or) { Asked::Yes } else { asked };
            inside(&binary.left, left, found);
            inside(&binary.right, asked, found);
        }
        Command::Compound(compound) => compound_command(compound, asked, found),
        Command::Function(function) => match &function.body.command {
            Command::Compound(CompoundCommand::BraceGroup(list)) => sequence(list, Last::Returned, asked, found),
            _ => inside(&function.body, asked, found),
        },
        _ => {}
    }
}

fn compound_command(compound: &CompoundCommand, asked: Asked, found: &mut Vec<Range<usize>>) {
    match compound {
        CompoundCommand::If(branches) => {
            condition(&branches.condition, asked, found);
            sequence(&branches.then_branch, Last::Dropped, asked, found);
            for (test, branch) in &branches.elif_branches {
                condition(test, asked, found);
                sequence(branch, Last::Dropped, asked, found);
            }
            if let Some(branch) = &branches.else_branch {
                sequence(branch, Last::Dropped, asked, found);
            }
        }
        CompoundCommand::While(looped) => {
            condition(&looped.condition, asked, found);
            sequence(&looped.body, Last::Dropped, asked, found);
        }
        CompoundCommand::Until(looped) => {
            condition(&looped.condition, asked, found);
            sequence(&looped.body, Last::Dropped, asked, found);
        }
        CompoundCommand::For(looped) => sequence(&looped.body, Last::Dropped, asked, found),
        CompoundCommand::ArithmeticFor(looped) => sequence(&looped.body, Last::Dropped, asked, found),
        CompoundCommand::Case(case) => {
            let statements = case.cases.iter().flat_map(|item| item.body.as_slice());
            statements.for_each(|statement| inside(statement, asked, found));
        }
        CompoundCommand::Subshell(list) => sequence(list, Last::Returned, asked, found),
        CompoundCommand::BraceGroup(list) => sequence(list, Last::Dropped, asked, found),
        _ => {}
    }
}
