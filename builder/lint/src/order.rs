//! The order of hadolint's remarks: by line, and within a line as its sort happens to leave them.
//!
//! hadolint sorts a Haskell `Seq` by `unstableSort`, a pairing heap that is filled along the shape of the finger tree.
//! Tools compare its output byte by byte, hence the same walk is done here.

/// Returns the indices of `lines` in the order in which hadolint prints remarks on these lines.
pub(crate) fn hadolint(lines: &[u32]) -> Vec<usize> {
    let mut tree = Tree::Empty;
    for index in 0..lines.len() {
        tree.push(Node::Leaf(index));
    }
    let mut queue = tree.queue(lines);
    let mut order = Vec::with_capacity(lines.len());
    while let Some(Queue { least, rest }) = queue {
        order.push(least);
        queue = merge_all(rest, lines);
    }
    order
}

enum Node {
    Leaf(usize),
    Three(Box<[Node; 3]>),
}

/// Is a finger tree that only ever grew at its end: the front finger holds one node.
enum Tree {
    Empty,
    Single(Node),
    Deep { front: Node, middle: Box<Tree>, back: Vec<Node> },
}

impl Tree {
    fn push(&mut self, node: Node) {
        *self = match std::mem::replace(self, Self::Empty) {
            Self::Empty => Self::Single(node),
            Self::Single(front) => Self::Deep { front, middle: Box::new(Self::Empty), back: vec![node] },
            Self::Deep { front, mut middle, mut back } => {
                if back.len() == 4 {
                    let last = back.pop().expect("the finger is full");
                    let three = <[Node; 3]>::try_from(back).map_err(drop).expect("three of four are left");
                    middle.push(Node::Three(Box::new(three)));
                    back = vec![last];
                }
                back.push(node);
                Self::Deep { front, middle, back }
            }
        };
    }

    fn queue(&self, lines: &[u32]) -> Option<Queue> {
        match self {
            Self::Empty => None,
            Self::Single(node) => Some(node.queue(lines)),
            Self::Deep { front, middle, back } => {
                let back = back.iter().map(|node| node.queue(lines)).reduce(|left, right| merge(left, right, lines));
                let ends = merge(front.queue(lines), back.expect("a finger is never empty"), lines);
                Some(match middle.queue(lines) {
                    Some(middle) => merge(ends, middle, lines),
                    None => ends,
                })
            }
        }
    }
}

impl Node {
    fn queue(&self, lines: &[u32]) -> Queue {
        match self {
            Self::Leaf(index) => Queue { least: *index, rest: Vec::new() },
            Self::Three(nodes) => {
                let [first, second, third] = &**nodes;
                let front = merge(first.queue(lines), second.queue(lines), lines);
                merge(front, third.queue(lines), lines)
            }
        }
    }
}

/// Is a pairing heap; the youngest child stands last.
struct Queue {
    least: usize,
    rest: Vec<Queue>,
}

fn merge(mut left: Queue, mut right: Queue, lines: &[u32]) -> Queue {
    if lines[left.least] > lines[right.least] {
        right.rest.push(left);
        right
    } else {
        left.rest.push(right);
        left
    }
}

/// Merges the children two by two, the pairs from the end.
fn merge_all(mut rest: Vec<Queue>, lines: &[u32]) -> Option<Queue> {
    let mut pairs = Vec::with_capacity(rest.len().div_ceil(2));
    while let Some(first) = rest.pop() {
        pairs.push(match rest.pop() {
            Some(second) => merge(first, second, lines),
            None => first,
        });
    }
    pairs.into_iter().rev().reduce(|right, left| merge(left, right, lines))
}

#[cfg(test)]
mod tests {
    use super::hadolint;

    #[test]
    fn sorts_by_line() {
        let lines: Vec<u32> = (0..500_u32).map(|index| index * 7919 % 101).collect();
        let sorted: Vec<u32> = hadolint(&lines).into_iter().map(|index| lines[index]).collect();
        assert!(sorted.is_sorted());
    }

    #[test]
    fn keeps_the_quirk_of_the_heap() {
        // Measured with hadolint 2.15.1: DL3003 DL3006 DL3008 DL3014 DL3015 DL4000 DL4006 on these lines.
        assert_eq!(hadolint(&[2, 1, 2, 2, 2, 3, 2]), [1, 0, 2, 4, 3, 6, 5]);
    }
}
