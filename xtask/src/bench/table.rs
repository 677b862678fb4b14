//! Turns measured runs into the rows of the table: medians, the ratio to the peer that counts, what was aimed at.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::failure::{Context as _, Outcome};

/// Medians of the runs that worked, by workload and builder.
#[derive(Default)]
pub(super) struct Medians {
    walls: BTreeMap<(String, String), f64>,
    /// The highest resident memory over all runs, client and daemon together, in bytes.
    memory: BTreeMap<String, f64>,
}

/// How a row's figure comes from workloads.
enum Figure {
    Wall(&'static str),
    /// The difference of two workloads, a step.
    Step {
        many: &'static str,
        one: &'static str,
        steps: f64,
    },
    Sum(&'static str, &'static str),
    Memory,
}

/// A line of the table: what, how it is measured, whom it is held against, the ratios that must and should be reached.
struct Row {
    work: &'static str,
    figure: Figure,
    against: &'static str,
    must: Goal,
    aim: Goal,
}

/// What a figure is held against.
#[derive(Clone, Copy)]
enum Goal {
    /// The peer's figure divided by ours.
    Ratio(f64),
    Mebibytes(f64),
}

const ROWS: &[Row] = &[
    Row {
        work: "rebuild of 20 instructions, all cached",
        figure: Figure::Wall("noop20"),
        against: "buildkit",
        must: Goal::Ratio(3.4),
        aim: Goal::Ratio(7.0),
    },
    Row {
        work: "each further `RUN true`",
        figure: Figure::Step { many: "run40", one: "run1", steps: 39.0 },
        against: "buildkit",
        must: Goal::Ratio(10.0),
        aim: Goal::Ratio(18.0),
    },
    Row {
        work: "cached COPY of 20,000 files",
        figure: Figure::Wall("files-noop"),
        against: "buildkit",
        must: Goal::Ratio(4.0),
        aim: Goal::Ratio(6.0),
    },
    Row {
        work: "the same, one file changed",
        figure: Figure::Wall("files-1chg"),
        against: "buildkit",
        must: Goal::Ratio(1.6),
        aim: Goal::Ratio(3.0),
    },
    Row {
        work: "the same, empty store, to an image",
        figure: Figure::Wall("files"),
        against: "docker",
        must: Goal::Ratio(2.0),
        aim: Goal::Ratio(3.0),
    },
    Row {
        work: "1 GiB COPY to a zstd image",
        figure: Figure::Sum("big", "big-oci-zstd"),
        against: "buildkit-cache",
        must: Goal::Ratio(2.0),
        aim: Goal::Ratio(3.3),
    },
    Row {
        work: "1 GiB COPY to a gzip image",
        figure: Figure::Sum("big", "big-oci-gzip"),
        against: "buildkit-cache",
        must: Goal::Ratio(2.5),
        aim: Goal::Ratio(3.2),
    },
    Row {
        work: "empty store to first RUN, Debian base",
        figure: Figure::Wall("pull"),
        against: "buildkit",
        must: Goal::Ratio(1.4),
        aim: Goal::Ratio(1.7),
    },
    Row {
        work: "8-stage DAG, 16 CPU-seconds",
        figure: Figure::Wall("dag8"),
        against: "buildkit",
        must: Goal::Ratio(1.0),
        aim: Goal::Ratio(1.02),
    },
    Row {
        work: "`containr run` of `true`",
        figure: Figure::Wall("container"),
        against: "crun",
        must: Goal::Ratio(1.5),
        aim: Goal::Ratio(3.0),
    },
    Row {
        work: "peak memory over all rows",
        figure: Figure::Memory,
        against: "buildkit",
        must: Goal::Mebibytes(60.0),
        aim: Goal::Mebibytes(40.0),
    },
];

impl Medians {
    /// Reads lines of results.
    ///
    /// # Errors
    /// A line is no JSON.
    pub(super) fn read(lines: &str) -> Outcome<Self> {
        let mut walls: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
        let mut medians = Self::default();
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let run: Value = serde_json::from_str(line).context(|| "a line of the results is not JSON".to_owned())?;
            let (Some(workload), Some(builder), Some(0)) =
                (run["workload"].as_str(), run["builder"].as_str(), run["rc"].as_i64())
            else {
                continue;
            };
            walls.entry((workload.to_owned(), builder.to_owned())).or_default().extend(run["wall"].as_f64());
            let memory = run["rss_client"].as_f64().unwrap_or(0.0) + run["rss_daemon"].as_f64().unwrap_or(0.0);
            // The same program with and without an output.
            let program = builder.strip_suffix("-cache").unwrap_or(builder);
            let highest = medians.memory.entry(program.to_owned()).or_default();
            *highest = highest.max(memory);
        }
        medians.walls = walls.into_iter().map(|(key, values)| (key, median(values))).collect();
        Ok(medians)
    }

    /// Returns the table in Markdown.
    pub(super) fn table(&self) -> String {
        let mut text = String::from(
            "| work | containr | peer | buildah | ratio to the peer | must | aim |\n|---|---|---|---|---|---|---|\n",
        );
        for row in ROWS {
            let (ours, theirs) = (self.figure(row, "containr"), self.figure(row, row.against));
            let ratio = ours.zip(theirs).map(|(ours, theirs)| theirs / ours);
            text.push_str(&format!(
                "| {} | {} | {} ({}) | {} | {} | {} | {} |\n",
                row.work,
                shown(ours, &row.figure),
                shown(theirs, &row.figure),
                row.against,
                shown(self.figure(row, "buildah"), &row.figure),
                ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2} x")),
                judged(row.must, ratio, ours),
                judged(row.aim, ratio, ours),
            ));
        }
        text
    }

    fn figure(&self, row: &Row, builder: &str) -> Option<f64> {
        let wall = |workload: &str| self.walls.get(&(workload.to_owned(), builder.to_owned())).copied();
        match row.figure {
            Figure::Wall(workload) => wall(workload),
            Figure::Step { many, one, steps } => Some((wall(many)? - wall(one)?) / steps),
            Figure::Sum(first, second) => Some(wall(first)? + wall(second)?),
            Figure::Memory => self.memory.get(builder).copied().filter(|bytes| *bytes > 0.0),
        }
    }
}

fn judged(goal: Goal, ratio: Option<f64>, ours: Option<f64>) -> String {
    let (told, reached) = match goal {
        Goal::Ratio(wanted) => (format!("{wanted} x"), ratio.map(|ratio| ratio >= wanted)),
        Goal::Mebibytes(wanted) => (format!("{wanted} MiB"), ours.map(|bytes| bytes <= wanted * 1_048_576.0)),
    };
    match reached {
        Some(true) => format!("{told}: yes"),
        Some(false) => format!("{told}: **no**"),
        None => told,
    }
}

fn shown(figure: Option<f64>, kind: &Figure) -> String {
    match (figure, kind) {
        (None, _) => "-".to_owned(),
        (Some(bytes), Figure::Memory) => format!("{:.0} MiB", bytes / 1_048_576.0),
        (Some(seconds), _) if seconds < 1.0 => format!("{:.1} ms", seconds * 1000.0),
        (Some(seconds), _) => format!("{seconds:.2} s"),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(workload: &str, builder: &str, wall: f64, rc: i32) -> String {
        format!(
            r#"{{"workload":"{workload}","builder":"{builder}","wall":{wall},"rc":{rc},"rss_client":1048576,"rss_daemon":0}}"#
        )
    }

    #[test]
    fn a_ratio_is_the_peers_median_over_ours() {
        let lines = [
            line("noop20", "containr", 0.010, 0),
            line("noop20", "containr", 0.004, 0),
            line("noop20", "containr", 0.006, 0),
            line("noop20", "containr", 9.0, 1),
            line("noop20", "buildkit", 0.030, 0),
        ];
        let table = Medians::read(&lines.join("\n")).unwrap().table();
        let row = table.lines().nth(2).unwrap();
        assert_eq!(
            row,
            "| rebuild of 20 instructions, all cached | 6.0 ms | 30.0 ms (buildkit) | - | 5.00 x | 3.4 x: yes | 7 x: **no** |"
        );
    }

    #[test]
    fn a_step_is_what_one_more_costs() {
        let lines = [line("run40", "containr", 0.178, 0), line("run1", "containr", 0.100, 0)];
        let table = Medians::read(&lines.join("\n")).unwrap().table();
        assert!(table.contains("| each further `RUN true` | 2.0 ms |"));
    }

    #[test]
    fn memory_is_the_highest_of_a_program_over_all_rows() {
        let high = r#"{"workload":"big","builder":"buildkit-cache","wall":1,"rc":0,"rss_client":1048576,"rss_daemon":104857600}"#;
        let lines = [line("noop20", "containr", 1.0, 0), line("noop20", "buildkit", 1.0, 0), high.to_owned()];
        let table = Medians::read(&lines.join("\n")).unwrap().table();
        assert!(table.contains("| peak memory over all rows | 1 MiB | 101 MiB (buildkit) |"), "{table}");
    }

    #[test]
    fn an_even_number_of_runs_has_the_middle_of_two() {
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
    }
}
