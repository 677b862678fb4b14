//! Runs one plan as an isolated process tree: gives back pipes, a kill handle and a report.
