//! Runs a sequence of states over a path, all at once, so that the time is bounded by path times pattern.

use super::{States, Step};
use containr_glob::units;

/// The states that the path read so far can be in; the last one is behind all steps.
struct Set(Vec<bool>);

impl States {
    /// Returns whether the whole path matches.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        path.starts_with(&self.prefix) && path.ends_with(&self.suffix) && self.after(path).accepts()
    }

    /// Returns whether some continuation of a path can match.
    pub(super) fn live_after(&self, path: &[u8]) -> bool {
        let common = self.prefix.len().min(path.len());
        self.prefix[..common] == path[..common] && self.after(path).is_live()
    }

    fn after(&self, path: &[u8]) -> Set {
        let mut now = Set(vec![false; self.steps.len() + 1]);
        let mut next = Set(vec![false; self.steps.len() + 1]);
        self.enter(&mut now, 0, Place::Start);
        for unit in units(path) {
            next.0.fill(false);
            for (index, step) in self.steps.iter().enumerate().filter(|(index, _)| now.0[*index]) {
                self.consume(&mut next, index, step, unit.character());
            }
            std::mem::swap(&mut now, &mut next);
            if !now.is_live() {
                break;
            }
        }
        now
    }

    fn consume(&self, next: &mut Set, index: usize, step: &Step, character: char) {
        match step {
            Step::Literal(literal) if *literal == character => self.enter(next, index + 1, Place::Later),
            Step::Once(class) if class.contains(character) => self.enter(next, index + 1, Place::Later),
            Step::AnyNumber(class) if class.contains(character) => self.enter(next, index, Place::Later),
            Step::Directories if character != '\n' => {
                self.enter(next, index, Place::Later);
                if character == '/' {
                    self.enter(next, index + 1, Place::Later);
                }
            }
            _ => {}
        }
    }

    /// Adds a state and those that are reached from it without reading anything.
    fn enter(&self, set: &mut Set, mut index: usize, place: Place) {
        while !set.0[index] {
            set.0[index] = true;
            match self.steps.get(index) {
                Some(Step::AnyNumber(_)) => index += 1,
                Some(Step::Start) if place == Place::Start => index += 1,
                Some(Step::Optional) => {
                    set.0[index + 1] = true;
                    index += 2;
                }
                _ => return,
            }
        }
    }
}

/// Where in the path a state is entered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Later,
}

impl Set {
    fn accepts(&self) -> bool {
        self.0.last().is_some_and(|last| *last)
    }

    fn is_live(&self) -> bool {
        self.0.contains(&true)
    }
}
