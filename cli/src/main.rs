//! Is the binary containr: reads arguments and surroundings, shows events and errors, returns exit codes.
fn main() {}
