//! Keeps blobs by digest, remembers which step gave which result, collects garbage.
