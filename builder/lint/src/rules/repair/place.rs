//! Repairs instructions that stand where they may not, and names of stages.

use containr_dockerfile::Span;

use super::above;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Fix};
use crate::rules::edits::{drop_instruction, end_of};
use crate::rules::stage_rename::rename;

/// Returns the fix for an instruction before the first stage: it goes into the stage, or a stage begins above it.
pub(in crate::rules) fn below_from(context: &Context<'_>, step: &Step<'_>) -> Option<Fix> {
    let Some(from) = context.stage(0).first() else {
        return above(context, step, "FROM scratch", "begin a stage from scratch");
    };
    end_of(context, step)?;
    let text = format!("{}{}", context.line_break(), context.text(step.span));
    let edits = vec![drop_instruction(context, step), Edit::insert(end_of(context, from)?, text)];
    Some(Fix::risky("move it below FROM", edits))
}

/// Returns the fix for an instruction that may not stand inside of ONBUILD.
pub(in crate::rules) fn trigger(context: &Context<'_>, step: &Step<'_>, keyword: Span) -> Option<Fix> {
    let word = context.text(keyword).to_uppercase();
    let rest = Span::new(keyword.end, step.span.end);
    let value = context.text(rest).trim();
    match word.as_str() {
        "ONBUILD" => {
            let blanks = context.text(rest).len() - context.text(rest).trim_start().len();
            let place = Span::new(keyword.start, keyword.end + blanks as u32);
            Some(Fix::risky("write ONBUILD once", vec![Edit::remove(place)]))
        }
        "MAINTAINER" if !value.contains(['"', '\\', '\n', '$', '`']) => {
            let label = format!("LABEL org.opencontainers.image.authors=\"{value}\"");
            Some(Fix::risky("write a label", vec![Edit::replace(Span::new(keyword.start, step.span.end), label)]))
        }
        _ => Some(Fix::risky("remove the instruction", vec![drop_instruction(context, step)])),
    }
}

/// Returns the fix that makes a good name of a bad one of a stage.
pub(super) fn stage_name(context: &Context<'_>, place: Span) -> Option<Fix> {
    let written = context.text(place);
    let good = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-_.".contains(char);
    let lower = written.to_lowercase();
    let kept: String = lower.chars().map(|char| if good(char) { char } else { '-' }).collect();
    let begins = kept.starts_with(|char: char| char.is_ascii_lowercase());
    let wanted = if begins { kept } else { format!("stage-{}", kept.trim_start_matches(['-', '_', '.'])) };
    let wanted = wanted.trim_end_matches('-').to_owned();
    Some(Fix::risky(format!("call it `{wanted}`"), rename(context, &lower, place, &wanted)))
}
