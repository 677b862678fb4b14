//! Talks to the kernel; the only room with unsafe code.
