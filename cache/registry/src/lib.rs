//! Speaks the distribution protocol as client.
