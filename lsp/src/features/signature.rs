//! Signature help: the form of the instruction or flag that is being written, and where in it the cursor stands.

use tower_lsp_server::ls_types::{
    Documentation, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, SignatureHelp, SignatureInformation,
};

use crate::cursor::{Argument, Cursor};
use crate::documents::Document;
use crate::reference::{Flag, Instruction, Value, instruction, mount_type, mount_types};

/// The characters after which a client asks without being told to.
pub(crate) const TRIGGERS: [&str; 4] = [" ", "=", ",", "["];

/// Returns the forms of what is being written at an offset.
pub(crate) fn signature_help(document: &Document, offset: u32) -> Option<SignatureHelp> {
    let Cursor::Argument(argument) = Cursor::at(document.parsed(), offset) else { return None };
    let known = instruction(&argument.keyword)?;
    if argument.takes_flags()
        && let Some((name, value)) = argument.current.text.strip_prefix("--").and_then(|text| text.split_once('='))
    {
        return flag_help(known.flag(name)?, value);
    }
    Some(instruction_help(known, &argument))
}

fn instruction_help(known: &Instruction, argument: &Argument) -> SignatureHelp {
    let json = argument.is_json() && known.forms.iter().any(|form| is_json(form));
    let has_plain = known.forms.iter().any(|form| !is_json(form));
    let wanted = |form: &&str| if json { is_json(form) } else { !has_plain || !is_json(form) };
    let active = known.forms.iter().position(wanted).unwrap_or(0);
    let signatures = known.forms.iter().map(|form| signature(form, &parameters(form), known.text)).collect();
    let parameters = parameters(known.forms[active]);
    let current = active_parameter(&parameters, argument, json);
    SignatureHelp { signatures, active_signature: Some(active as u32), active_parameter: current }
}

fn is_json(form: &str) -> bool {
    form.contains("[\"")
}

/// Returns the parts of a form that something is written for.
fn parameters(form: &str) -> Vec<String> {
    let rest = form.split_once(' ').map_or("", |(_, rest)| rest);
    let mut parts = Vec::new();
    let (mut part, mut depth) = (String::new(), 0_usize);
    let json = rest.find("[\"");
    for (index, char) in rest.char_indices() {
        // The brackets of a JSON array are no sign of an optional part.
        let opens_array = json == Some(index);
        match char {
            '[' if !opens_array => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = json.is_some_and(|start| index >= start) && matches!(char, ',' | '[' | ']');
        if ends || (char == ' ' && depth == 0) {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(char);
        }
    }
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

fn active_parameter(parameters: &[String], argument: &Argument, json: bool) -> Option<u32> {
    let has_flags = parameters.first().is_some_and(|first| first.starts_with("[flags]") || first.starts_with("[--"));
    let flags = usize::from(has_flags);
    if has_flags && argument.takes_flags() && argument.current.text.starts_with('-') {
        return Some(0);
    }
    let written = if json { argument.text.matches(',').count() } else { argument.operands().len() };
    let last = parameters.len().checked_sub(1)?;
    Some((flags + written).min(last) as u32)
}

fn flag_help(flag: &Flag, value: &str) -> Option<SignatureHelp> {
    if !matches!(flag.value, Value::Mount) {
        let form = flag.form();
        let value = form.split_once('=').map(|(_, value)| value.trim_end_matches(']').to_owned());
        let signature = signature(&form, &value.into_iter().collect::<Vec<_>>(), flag.text);
        return Some(SignatureHelp {
            signatures: vec![signature],
            active_signature: Some(0),
            active_parameter: Some(0),
        });
    }
    let fields: Vec<&str> = value.split(',').collect();
    let key = |field: &str| field.split('=').next().unwrap_or(field).to_ascii_lowercase();
    let kind = fields.iter().find_map(|field| mount_type(field.strip_prefix("type=")?));
    let active_kind = mount_types().iter().position(|one| kind.is_some_and(|kind| kind.name == one.name)).unwrap_or(0);
    let signatures = mount_types().iter().map(|kind| {
        let mut parts = vec![format!("type={}", kind.name)];
        parts.extend(kind.keys.iter().map(|key| key.form()));
        let label = format!("--mount={}", parts.join(","));
        signature(&label, &parts, kind.text)
    });
    let last = key(fields.last().copied().unwrap_or_default());
    let keys = mount_types()[active_kind].keys;
    let position = keys.iter().position(|one| one.names.contains(&last.as_str())).map(|index| index + 1);
    let active = position.or_else(|| (last == "type").then_some(0));
    Some(SignatureHelp {
        signatures: signatures.collect(),
        active_signature: Some(active_kind as u32),
        active_parameter: active.map(|index| index as u32),
    })
}

fn signature(label: &str, parameters: &[String], text: &str) -> SignatureInformation {
    let simple =
        |part: &String| ParameterInformation { label: ParameterLabel::Simple(part.clone()), documentation: None };
    SignatureInformation {
        label: label.to_owned(),
        documentation: Some(Documentation::MarkupContent(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text.to_owned(),
        })),
        parameters: Some(parameters.iter().map(simple).collect()),
        active_parameter: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::positions::Encoding;

    /// Returns the active form at the `|` of a text and the part of it that is being written.
    fn at(marked: &str) -> Option<(String, String)> {
        let offset = marked.find('|').unwrap() as u32;
        let uri = "file:///tmp/Dockerfile".parse().unwrap();
        let document = Document::new(uri, 1, marked.replacen('|', "", 1), Encoding::Utf16);
        let help = signature_help(&document, offset)?;
        let signature = &help.signatures[help.active_signature? as usize];
        let parameters = signature.parameters.as_ref().unwrap();
        assert!(help.signatures.iter().all(|one| {
            one.parameters
                .as_ref()
                .unwrap()
                .iter()
                .all(|part| matches!(&part.label, ParameterLabel::Simple(text) if one.label.contains(text.as_str())))
        }));
        let ParameterLabel::Simple(part) = &parameters[help.active_parameter? as usize].label else { panic!("a text") };
        Some((signature.label.clone(), part.clone()))
    }

    fn part(marked: &str) -> String {
        at(marked).unwrap_or_else(|| panic!("{marked}")).1
    }

    #[test]
    fn the_part_under_the_cursor_is_active() {
        assert_eq!(part("FROM |"), "<image>[:<tag>][@<digest>]");
        assert_eq!(part("FROM --pl|"), "[--platform=<platform>]");
        assert_eq!(part("FROM a |"), "[AS <name>]");
        assert_eq!(part("FROM a AS b|"), "[AS <name>]");
        assert_eq!(part("FROM a\nCOPY |"), "<source>...");
        assert_eq!(part("FROM a\nCOPY --link a |"), "<destination>");
        assert_eq!(part("FROM a\nENV A=1 B=|"), "<name>=<value>...");
        assert_eq!(part("FROM a\nHEALTHCHECK CMD |"), "<command>");
    }

    #[test]
    fn the_json_form_is_chosen_by_its_bracket() {
        assert_eq!(
            at("FROM a\nCMD [\"a\", |"),
            Some(("CMD [\"<program>\", \"<argument>\", ...]".to_owned(), "\"<argument>\"".to_owned()))
                .map(|(form, part)| (form, format!(" {part}").trim().to_owned()))
        );
        assert_eq!(at("FROM a\nCMD a|").unwrap().0, "CMD <shell command>");
        assert_eq!(part("FROM a\nSHELL [|"), "\"<program>\"");
    }

    #[test]
    fn values_of_flags_have_forms() {
        assert_eq!(at("FROM a\nRUN --network=|").unwrap().0, "--network=default|none|host");
        assert_eq!(part("FROM a\nCOPY --chown=|"), "<user[:group]>");
        assert_eq!(part("FROM a\nRUN --mount=type=ca|"), "type=bind");
        let (form, active) = at("FROM a\nRUN --mount=type=cache,target=/a,sharing=|").unwrap();
        assert!(form.starts_with("--mount=type=cache,target=<path>"), "{form}");
        assert_eq!(active, "sharing=shared|private|locked");
    }

    #[test]
    fn there_is_no_form_outside_of_instructions() {
        for marked in ["|", "FRO|M a", "FROM a\n# b|", "FROM a\nRUN <<EOF\n|\nEOF\n", "FROM a\nBOGUS |"] {
            assert_eq!(at(marked), None, "{marked}");
        }
    }
}
