//! The order in which Go's `sort.Slice` leaves elements that are equal.
//!
//! BuildKit sorts warnings by line with a sort that is not stable, a pattern-defeating quicksort. Its text is compared byte
//! by byte, hence the same exchanges are made here: same pivots, same thresholds, same pseudo-random numbers.

/// Sorts elements by a key as Go does.
pub(super) fn sort_by_key<T>(items: Vec<T>, key: impl Fn(&T) -> u32) -> Vec<T> {
    let mut rows: Vec<Row> = items.iter().enumerate().map(|(place, item)| (key(item), place)).collect();
    let all = 0..rows.len();
    let patience = bits(rows.len());
    Sorter { rows: &mut rows }.sort(all, patience);
    let mut slots: Vec<Option<T>> = items.into_iter().map(Some).collect();
    rows.into_iter().filter_map(|(_, place)| slots[place].take()).collect()
}

/// A key and where its element stood.
type Row = (u32, usize);
type Range = std::ops::Range<usize>;

/// Up to this length elements are inserted one by one.
const SHORT: usize = 12;
/// From this length on pivots are chosen, and runs repaired, with more care.
const LONG: usize = 50;

/// Returns the number of binary digits.
fn bits(number: usize) -> u32 {
    usize::BITS - number.leading_zeros()
}

/// What the choice of a pivot tells of the order.
#[derive(PartialEq)]
enum Hint {
    Rising,
    Falling,
    None,
}

struct Sorter<'a> {
    rows: &'a mut [Row],
}

impl Sorter<'_> {
    fn less(&self, left: usize, right: usize) -> bool {
        self.rows[left].0 < self.rows[right].0
    }

    /// Sorts a range; after `patience` bad pivots by heap.
    fn sort(&mut self, mut range: Range, mut patience: u32) {
        let (mut balanced, mut parted) = (true, true);
        while range.len() > SHORT {
            if patience == 0 {
                return self.heap_sort(&range);
            }
            if !balanced {
                self.scatter(&range);
                patience -= 1;
            }
            let (mut pivot, mut hint) = self.pivot(&range);
            if hint == Hint::Falling {
                self.rows[range.clone()].reverse();
                pivot = range.end - 1 - (pivot - range.start);
                hint = Hint::Rising;
            }
            if balanced && parted && hint == Hint::Rising && self.repair(&range) {
                return;
            }
            if range.start > 0 && !self.less(range.start - 1, pivot) {
                range.start = self.part_equal(&range, pivot);
                continue;
            }
            let middle;
            (middle, parted) = self.part(&range, pivot);
            let (left, right) = (range.start..middle, middle + 1..range.end);
            // The pivot counts with the right part.
            let right_len = range.end - middle;
            balanced = left.len().min(right_len) >= range.len() / 8;
            let (first, rest) = if left.len() < right_len { (left, right) } else { (right, left) };
            self.sort(first, patience);
            range = rest;
        }
        self.insertion_sort(&range);
    }

    fn insertion_sort(&mut self, range: &Range) {
        for index in range.start + 1..range.end {
            self.sink(index, range.start);
        }
    }

    /// Moves an element to the front past greater ones, at most to `stop`.
    fn sink(&mut self, mut at: usize, stop: usize) {
        while at > stop && self.less(at, at - 1) {
            self.rows.swap(at, at - 1);
            at -= 1;
        }
    }

    fn heap_sort(&mut self, range: &Range) {
        for root in (0..=(range.len() - 1) / 2).rev() {
            self.sift(root, range.len(), range.start);
        }
        for end in (0..range.len()).rev() {
            self.rows.swap(range.start, range.start + end);
            self.sift(0, end, range.start);
        }
    }

    fn sift(&mut self, mut root: usize, end: usize, base: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && self.less(base + child, base + child + 1) {
                child += 1;
            }
            if !self.less(base + root, base + child) {
                return;
            }
            self.rows.swap(base + root, base + child);
            root = child;
        }
    }

    /// Exchanges three elements in the middle with others, picked by a xorshift generator that starts at the length.
    fn scatter(&mut self, range: &Range) {
        let len = range.len();
        let mut random = len as u64;
        let mask = (1_u64 << bits(len)) - 1;
        let middle = range.start + len / 4 * 2;
        for index in middle - 1..=middle + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let other = (random & mask) as usize;
            self.rows.swap(index, range.start + if other >= len { other - len } else { other });
        }
    }

    /// Chooses the median of three elements, in long ranges of three medians.
    fn pivot(&self, range: &Range) -> (usize, Hint) {
        let quarter = range.len() / 4;
        let mut swaps = 0;
        let mut picks = [1, 2, 3].map(|count| range.start + quarter * count);
        let careful = range.len() >= LONG;
        if careful {
            picks = picks.map(|at| self.median([at - 1, at, at + 1], &mut swaps));
        }
        let pivot = self.median(picks, &mut swaps);
        let hint = match swaps {
            0 => Hint::Rising,
            12 => Hint::Falling,
            _ => Hint::None,
        };
        (pivot, hint)
    }

    fn median(&self, [mut a, mut b, mut c]: [usize; 3], swaps: &mut u32) -> usize {
        let mut order = |left: &mut usize, right: &mut usize| {
            if self.less(*right, *left) {
                std::mem::swap(left, right);
                *swaps += 1;
            }
        };
        order(&mut a, &mut b);
        order(&mut b, &mut c);
        order(&mut a, &mut b);
        b
    }

    /// Tells whether a range is in order, after at most a few repairs where it is long.
    fn repair(&mut self, range: &Range) -> bool {
        let mut at = range.start + 1;
        for _ in 0..5 {
            while at < range.end && !self.less(at, at - 1) {
                at += 1;
            }
            if at == range.end {
                return true;
            }
            if range.len() < LONG {
                return false;
            }
            self.rows.swap(at, at - 1);
            if at - range.start >= 2 {
                self.sink(at - 1, 0);
            }
            if range.end - at >= 2 {
                let mut next = at + 1;
                while next < range.end && self.less(next, next - 1) {
                    self.rows.swap(next, next - 1);
                    next += 1;
                }
            }
        }
        false
    }

    /// Moves smaller elements before the pivot and the others behind it; tells where it is and whether all were so.
    fn part(&mut self, range: &Range, pivot: usize) -> (usize, bool) {
        self.rows.swap(range.start, pivot);
        let (mut low, mut high) = (range.start + 1, range.end - 1);
        let mut untouched = true;
        loop {
            while low <= high && self.less(low, range.start) {
                low += 1;
            }
            while low <= high && !self.less(high, range.start) {
                high -= 1;
            }
            if low > high {
                self.rows.swap(high, range.start);
                return (high, untouched);
            }
            self.rows.swap(low, high);
            (low, high, untouched) = (low + 1, high - 1, false);
        }
    }

    /// Moves the elements that equal the pivot, which is the least, to the front; returns where the greater ones begin.
    fn part_equal(&mut self, range: &Range, pivot: usize) -> usize {
        self.rows.swap(range.start, pivot);
        let (mut low, mut high) = (range.start + 1, range.end - 1);
        loop {
            while low <= high && !self.less(range.start, low) {
                low += 1;
            }
            while low <= high && self.less(range.start, high) {
                high -= 1;
            }
            if low > high {
                return low;
            }
            self.rows.swap(low, high);
            (low, high) = (low + 1, high - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sort_by_key;

    /// Returns keys that repeat, from a small generator.
    fn keys(seed: u64, count: usize, modulus: u64) -> Vec<u64> {
        let mut state = seed;
        let mut next = || {
            state = (state * 1_103_515_245 + 12_345) % (1 << 31);
            (state >> 8) % modulus
        };
        (0..count).map(|_| next()).collect()
    }

    /// Returns one number for the order of the elements.
    fn fingerprint(keys: &[u64]) -> u64 {
        let places = sort_by_key((0..keys.len()).collect(), |place| keys[*place] as u32);
        assert!(places.windows(2).all(|pair| keys[pair[0]] <= keys[pair[1]]), "the keys are in order");
        places.iter().fold(7, |sum, place| (sum * 31 + *place as u64) % 1_000_000_007)
    }

    #[test]
    fn short_lists_are_sorted_stably() {
        let keys = [3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2];
        let places = sort_by_key((0..12).collect(), |place: &usize| keys[*place]);
        assert_eq!(places, [1, 4, 7, 10, 2, 5, 8, 11, 0, 3, 6, 9]);
    }

    #[test]
    fn long_lists_are_left_as_go_leaves_them() {
        for ((seed, count, modulus), wanted) in [
            ((1, 13, 4), 572_002_569),
            ((2, 29, 7), 390_337_576),
            ((3, 49, 3), 423_313_641),
            ((4, 50, 20), 916_882_913),
            ((5, 100, 5), 790_529_885),
            ((6, 1000, 17), 361_084_879),
            ((7, 5000, 1000), 30_227_181),
            ((8, 5000, 100_000), 324_795_009),
        ] {
            assert_eq!(fingerprint(&keys(seed, count, modulus)), wanted, "{seed}");
        }
    }

    #[test]
    fn patterns_are_left_as_go_leaves_them() {
        let steps = |make: fn(u64) -> u64, count: u64| fingerprint(&(0..count).map(make).collect::<Vec<_>>());
        assert_eq!(steps(|i| if i % 61 == 3 { i / 3 } else { i / 2 }, 200), 783_613_070);
        assert_eq!(steps(|i| (200 - i) / 3, 200), 47_618_439);
        assert_eq!(steps(|i| i % 100 / 2, 200), 294_793_116);
        assert_eq!(steps(|i| if i > 100 { 200 - i } else { i }, 200), 379_367_766);
        assert_eq!(steps(|i| i * i % 7 + i / 500 * (i % 2), 3000), 924_387_803);
    }
}
