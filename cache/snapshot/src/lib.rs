//! Gives writable and frozen file trees and says, as data, how to mount them.
