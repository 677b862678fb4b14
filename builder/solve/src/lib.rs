//! Runs a graph: looks each step up, schedules what is missing, assembles images.
