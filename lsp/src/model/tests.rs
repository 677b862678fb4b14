//! What the index finds: definitions, uses and the stages that are meant.

use containr_dockerfile::parse;

use super::*;
use crate::tokens::tokens;

fn model(text: &str) -> Model {
    let parsed = parse(text.as_bytes());
    Model::new(&parsed, &tokens(&parsed))
}

/// Returns each use as `text@offset -> offset of the definition`.
fn uses(text: &str) -> Vec<String> {
    let model = model(text);
    let shown = |one: &Use| {
        let definition = one.definition.map(|index| model.definitions[index].name.span.start.to_string());
        format!("{}@{} -> {}", &text[one.whole.range()], one.whole.start, definition.unwrap_or_default())
    };
    model.uses.iter().map(shown).collect()
}

#[test]
fn from_sees_global_arguments_and_stages_their_own() {
    let text = "ARG A=1\nFROM x:$A\nRUN $A\nARG A\nRUN $A\n";
    assert_eq!(uses(text), ["$A@15 -> 4", "$A@22 -> ", "$A@35 -> 29"]);
}

#[test]
fn a_definition_does_not_hold_in_its_own_instruction() {
    let text = "FROM x\nENV A=1\nENV A=$A B=$A\nUSER $A\n";
    assert_eq!(uses(text), ["$A@21 -> 11", "$A@26 -> 11", "$A@34 -> 19"]);
}

#[test]
fn a_stage_has_the_variables_of_the_one_it_continues() {
    let text = "FROM x AS a\nENV A=1\nFROM y\nUSER $A\nFROM a\nUSER $A\n";
    assert_eq!(uses(text), ["$A@32 -> ", "$A@47 -> 16"]);
}

#[test]
fn quotes_escapes_and_substitutions() {
    let text = "FROM x\nENV A=1\nENV B='$A' C=\"$A\" D=\\$A E=${A:-${Z}}\n";
    assert_eq!(uses(text), ["$A@29 -> 11", "${A:-${Z}}@41 -> 11", "${Z}@46 -> "]);
}

#[test]
fn the_shell_has_its_own_escapes_and_variables() {
    let text = "FROM x\nENV A=1 B=2\nRUN '$A' \\$A $1 $? $A && B=$B/x; $B\n";
    assert_eq!(uses(text), ["$A@38 -> 11", "$B@46 -> 15", "$B@52 -> "]);
    let text = "FROM x\nENV A=1\nRUN for A in $B; do $A; done\n";
    assert_eq!(uses(text), ["$B@28 -> ", "$A@35 -> "]);
}

#[test]
fn a_script_s_variable_has_the_outer_value_in_its_own_first_one() {
    let text = "FROM x\nENV A=1\nRUN A=\"${A:-b c}\"; echo $A\n";
    assert_eq!(uses(text), ["${A:-b c}@22 -> 11", "$A@39 -> "]);
    let text = "FROM x\nENV A=1\nRUN A=$(echo $A) && A='b c'$A\n";
    assert_eq!(uses(text), ["$A@28 -> 11", "$A@42 -> "]);
}

#[test]
fn exec_forms_have_no_variables_but_those_of_copies_have() {
    assert_eq!(uses("FROM x\nENV A=1\nRUN [\"$A\"]\nCOPY [\"$A\", \"/\"]\n"), ["$A@33 -> 11"]);
}

#[test]
fn bodies_of_heredocs_by_their_words() {
    let text = "FROM x\nENV A=1\nCOPY <<E /x\n'$A'\nE\nCOPY <<'E' /x\n$A\nE\nRUN <<E\n'$A' $A\nE\n";
    assert_eq!(uses(text), ["$A@28 -> 11", "$A@66 -> 11"]);
}

#[test]
fn values_at_a_definition() {
    let model = model("ARG A=1\nFROM x\nARG A\nENV B=b$A\nENV C=${B}c D=$NO\n");
    let values: Vec<_> = model.definitions.iter().map(|one| one.value.as_deref()).collect();
    assert_eq!(values, [Some("1"), Some("1"), Some("b1"), Some("b1c"), Some("")]);
}

#[test]
fn definitions_of_one_variable_have_one_number() {
    let model = model("ARG A\nFROM x AS a\nARG A\nENV A=$A\nFROM y\nENV A=2\nFROM a\nENV A=3\n");
    let variables: Vec<_> = model.definitions.iter().map(|one| one.variable).collect();
    assert_eq!(variables, [0, 0, 0, 3, 0]);
}

#[test]
fn names_and_numbers_mean_earlier_stages() {
    let model = model(
        "FROM x AS a\nFROM A\nCOPY --from=a / /\nCOPY --from=1 / /\nCOPY --from=0 / /\n\
         RUN --mount=type=bind,from=a,target=/m true\nFROM x AS b\nCOPY --from=b / /\n",
    );
    let targets: Vec<_> = model.references.iter().map(|one| one.target).collect();
    assert_eq!(targets, [None, Some(0), Some(0), None, Some(0), Some(0), None, None]);
}

#[test]
fn what_can_be_used_at_a_place() {
    let text = "ARG G\nFROM x AS a\nARG G\nENV A=1\nFROM a\nENV A=2 B=3\nRUN true\n";
    let model = model(text);
    let names = |offset: usize| -> Vec<&str> { model.visible_at(offset as u32).iter().map(|one| one.name).collect() };
    assert_eq!(names(text.find(" AS").unwrap()), ["G"]);
    assert_eq!(names(text.find("FROM a").unwrap() + 6), ["G"]);
    assert_eq!(names(text.len()), ["A", "B", "G"]);
    let holds = model.visible_at(text.len() as u32)[0].definition.value.clone();
    assert_eq!(holds.as_deref(), Some("2"));
}
