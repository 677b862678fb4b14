//! Opens the local state and wires the rooms into use cases: build, pull, push, run, prune.
