//! Measures judging 20,000 paths by the ignore file of a usual project.

#![expect(clippy::print_stdout, reason = "a bench shows its figures")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use containr_dockerfile::ignore::{IgnoreRules, Matches, Verdict};

const ROUNDS: usize = 20;

const RULES: &str = "\
.git
.github
.gitignore
**/node_modules
**/.venv
**/__pycache__
**/*.pyc
**/*.swp
**/.DS_Store
dist
build/
coverage*
*.log
*.md
!README.md
docs/**
!docs/reference/**/*.md
tmp?
secrets.[a-z]*
**/test*/fixtures/*.bin
**/*.test.js
Dockerfile*
compose.y*ml
.env*
!.env.example
";

fn main() {
    let directories = (0..1_000).map(|index| format!("packages/p{}/src/module{}", index % 50, index / 50));
    let directories = directories.collect::<Vec<_>>();
    let names = ["index.js", "index.test.js", "style.css", "README.md", "data.json", "lib.pyc", "image.png", "a.ts"];
    let names = names.iter().cycle().take(20).enumerate().map(|(index, name)| format!("{index}-{name}"));
    let names = names.collect::<Vec<_>>();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let rules = IgnoreRules::parse(RULES.as_bytes()).expect("the rules are well formed");
        black_box(walk(&rules, &directories, &names));
        times.push(begin.elapsed());
    }
    times.sort();
    println!("20,000 paths, {} rules: {:?}", RULES.lines().count(), times[ROUNDS / 2]);
}

/// Judges all paths as a walker does, each directory once; returns how many are kept.
fn walk(rules: &IgnoreRules, directories: &[String], names: &[String]) -> usize {
    let mut known: BTreeMap<&str, Matches> = BTreeMap::new();
    let mut kept = 0;
    for directory in directories {
        let mut above = Matches::default();
        let ends = directory.match_indices('/').map(|(end, _)| end).chain([directory.len()]);
        for end in ends {
            let path = &directory[..end];
            above = known.entry(path).or_insert_with(|| rules.verdict_below(path.as_bytes(), &above).1).clone();
        }
        for name in names {
            let path = format!("{directory}/{name}");
            kept += usize::from(rules.verdict_below(path.as_bytes(), &above).0 == Verdict::Kept);
        }
    }
    kept
}
