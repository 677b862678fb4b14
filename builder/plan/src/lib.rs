//! Turns a syntax tree, arguments and base configs into a graph, image configs and history; no I/O.
