//! Digests, references, platforms, image data and their canonical bytes.
