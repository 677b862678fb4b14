//! Time and chance as values, so that a test of six tries takes no time and always goes the same way.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant, SystemTime};

use containr_progress::{Cancel, Cancelled};

/// Says what time it is, waits, and draws numbers.
pub trait Pace: Send + Sync {
    /// Returns the wall clock's time; used for the ages of tokens and for dates in `Retry-After`.
    fn now(&self) -> SystemTime;

    /// Waits for `duration`.
    ///
    /// # Errors
    /// Returns early when the token is set.
    fn wait(&self, duration: Duration, cancel: &Cancel) -> Result<(), Cancelled>;

    /// Returns a number from 0 up to but without 1.
    fn chance(&self) -> f64;
}

/// The machine's own clock and a fresh random seed for each draw.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemPace;

/// How often a waiting thread looks at its token.
pub(crate) const CANCEL_TICK: Duration = Duration::from_millis(100);

impl Pace for SystemPace {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn wait(&self, duration: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        let end = Instant::now() + duration;
        loop {
            cancel.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(CANCEL_TICK));
        }
    }

    fn chance(&self) -> f64 {
        // RandomState is seeded anew for each value; 53 bits fill a double exactly.
        let bits = RandomState::new().hash_one(0u8) >> 11;
        bits as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_stays_below_one() {
        assert!((0..1000).map(|_| SystemPace.chance()).all(|c| (0.0..1.0).contains(&c)));
    }

    #[test]
    fn a_set_token_ends_a_long_wait() {
        let cancel = Cancel::new();
        cancel.cancel();
        assert_eq!(SystemPace.wait(Duration::from_secs(3600), &cancel), Err(Cancelled));
    }
}
