//! Plans as short texts.

use std::fmt::Write;

use containr_dockerfile::Span;
use containr_graph::{CachePolicy, CopySource, Op, Origin, Step, Tree};
use containr_plan::{Diagnostic, Plan, Planned, TargetImage};

/// Shows what came of a Dockerfile.
pub(crate) fn outcome(text: &str, outcome: &Result<Planned, Vec<Diagnostic>>) -> String {
    match outcome {
        Ok(Planned::Ready(plan)) => ready(text, plan),
        Ok(Planned::Needs(needs)) => needs
            .iter()
            .map(|need| {
                let similar = need.similar.as_ref().map_or_else(String::new, |name| format!(" (stage `{name}`?)"));
                let (place, name) = (excerpt(text, need.span), &need.name);
                format!("needs {} {} for `{name}` at {place}{similar}\n", need.key.reference, need.key.platform)
            })
            .collect(),
        Err(diagnostics) => diagnostics.iter().map(|one| diagnostic(text, one)).collect(),
    }
}

fn ready(text: &str, plan: &Plan) -> String {
    let mut out = String::new();
    for (index, step) in plan.graph.steps().iter().enumerate() {
        out.push_str(&format!("{index} {}\n", show_step(text, step)));
    }
    plan.targets.iter().for_each(|target| out.push_str(&image(target)));
    plan.warnings.iter().for_each(|warning| out.push_str(&diagnostic(text, warning)));
    if let Some(epoch) = plan.epoch {
        writeln!(out, "epoch {epoch}").unwrap();
    }
    out
}

fn show_step(text: &str, step: &Step) -> String {
    let parent = tree(step.parent);
    let mut out = match &step.op {
        Op::Image(image) => format!("image {}", image.reference),
        Op::Local(local) => format!("local {}", local.name),
        Op::Workdir(workdir) => format!("workdir on {parent}: {} as {:?}", workdir.path, workdir.user),
        Op::Run(run) => {
            let keyed = &run.keyed;
            let mut out = format!("run on {parent}: {:?} in {} as {:?}", keyed.args, keyed.cwd, keyed.user);
            write!(out, "\n    env {}", keyed.env.join(" ")).unwrap();
            keyed.mounts.iter().for_each(|mount| write!(out, "\n    mount {} {:?}", mount.target, mount.kind).unwrap());
            for file in &keyed.files {
                let content = String::from_utf8_lossy(&file.content);
                write!(out, "\n    file {} {:o} {content:?}", file.name, file.mode).unwrap();
            }
            write!(out, "\n    network {:?} {:?}", keyed.network, keyed.security).unwrap();
            run.unkeyed.proxy_env.iter().for_each(|line| write!(out, "\n    proxy {line}").unwrap());
            out
        }
        Op::Copy(copy) => {
            let keyed = &copy.keyed;
            let mut out = format!("{:?} on {parent} from {}:", keyed.kind, tree(copy.from));
            for source in &keyed.sources {
                match source {
                    CopySource::Path(path) => write!(out, " {path}").unwrap(),
                    CopySource::Inline(file) => {
                        let content = String::from_utf8_lossy(&file.content);
                        write!(out, " <<{} {:o} {content:?}", file.name, file.mode).unwrap();
                    }
                }
            }
            write!(out, " -> {}", keyed.destination).unwrap();
            keyed.chown.iter().for_each(|value| write!(out, " chown={value}").unwrap());
            keyed.chmod.iter().for_each(|value| write!(out, " chmod={value}").unwrap());
            out.push_str(if keyed.link { " link" } else { "" });
            out.push_str(if keyed.parents { " parents" } else { "" });
            keyed.excludes.iter().for_each(|value| write!(out, " exclude={value}").unwrap());
            write!(out, " unpack={:?}", keyed.unpack).unwrap();
            out
        }
    };
    let cache = if step.cache == CachePolicy::Ignore { " no-cache" } else { "" };
    write!(out, "\n    {} {:?} {}{cache}", step.platform, step.name, origin(text, &step.origin)).unwrap();
    out
}

fn origin(text: &str, origin: &Origin) -> String {
    match origin {
        Origin::Text { start, end } => excerpt(text, Span::new(*start, *end)),
        Origin::Onbuild { image, text } => format!("onbuild of {image}: {text:?}"),
        Origin::Synthetic => "synthetic".to_owned(),
    }
}

fn tree(tree: Tree) -> String {
    match tree {
        Tree::Scratch => "scratch".to_owned(),
        Tree::Step(step) => step.index().to_string(),
    }
}

fn image(target: &TargetImage) -> String {
    let layers = target.layers.iter().map(|step| step.index().to_string()).collect::<Vec<_>>().join(" ");
    let base = target.base.as_ref().map_or("none", |base| base.reference.as_str());
    let mut out = format!("target {} tree {} layers [{layers}] base {base}\n", target.platform, tree(target.tree));
    writeln!(out, "    {}", String::from_utf8(containr_oci::canonical(&target.config)).unwrap()).unwrap();
    for line in &target.history {
        let step = line.step.map_or_else(|| "-".to_owned(), |step| step.index().to_string());
        writeln!(out, "    {step} {}", line.created_by.escape_debug()).unwrap();
    }
    out
}

fn diagnostic(text: &str, one: &Diagnostic) -> String {
    let severity = if one.severity == containr_dockerfile::Severity::Error { "error" } else { "warning" };
    let suggestion = one.suggestion.as_ref().map_or_else(String::new, |word| format!(" (`{word}`?)"));
    format!("{} {severity} {}: {}{suggestion}\n", excerpt(text, one.span), one.code.name(), one.message)
}

/// Shows a place as its line and the first line of its text.
fn excerpt(text: &str, span: Span) -> String {
    let line = text[..span.start as usize].lines().count()
        + usize::from(span.start == 0 || text[..span.start as usize].ends_with('\n'));
    let first = text[span.range()].lines().next().unwrap_or_default();
    format!("{line}|{first}|")
}
