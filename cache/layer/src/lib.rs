//! Moves between file trees and layers: diff, apply, compress, archive, layout.
