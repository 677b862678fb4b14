//! The typed syntax of texts that are right: values, places, forms.

use std::time::Duration;

use containr_dockerfile::syntax::{
    Command, Delimiter, Escape, Healthcheck, Instruction, Kind, Network, Rules, Run, Script, Source,
};
use containr_dockerfile::{Parsed, Span, detect_syntax, parse};

/// Returns the instruction that stands alone in a stage.
fn instruction(text: &str) -> (Parsed, Instruction) {
    let parsed = parse(format!("FROM a\n{text}\n").as_bytes());
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics());
    let instruction = parsed.syntax().stages[0].instructions[0].clone();
    (parsed, instruction)
}

fn run(text: &str) -> Run {
    match instruction(text).1.kind {
        Kind::Run(run) => run,
        kind => panic!("{kind:?}"),
    }
}

fn text(parsed: &Parsed, span: Span) -> &str {
    &parsed.text()[span.range()]
}

#[test]
fn stages_with_names_bases_and_descriptions() {
    let parsed = parse(
        b"# base the first one\nARG V=1\n# build compiles\nfrom --platform=$P a:$V as Build\nRUN x\n\nFROM build\nCMD y\n",
    );
    let stages = &parsed.syntax().stages;
    assert_eq!(parsed.syntax().global_args.len(), 1);
    assert_eq!(stages[0].name.as_ref().map(|name| name.value.as_str()), Some("build"));
    assert_eq!(stages[0].base.value, "a:$V");
    assert_eq!(stages[0].platform.as_ref().map(|platform| platform.value.as_str()), Some("$P"));
    assert_eq!(stages[0].description.as_deref(), Some("compiles"));
    assert!(text(&parsed, stages[0].span).starts_with("from") && text(&parsed, stages[0].span).ends_with("RUN x"));
    assert_eq!((stages[1].base.value.as_str(), stages[1].name.is_none()), ("build", true));
}

#[test]
fn places_of_values_over_continuations() {
    let (parsed, copy) = instruction("COPY --chown=\"a b\" \\\n  # note\n  so\\\nurce /d");
    let Kind::Copy(kind) = &copy.kind else { panic!("{copy:?}") };
    let [Source::Path(source)] = kind.sources.as_slice() else { panic!("{kind:?}") };
    assert_eq!((source.value.as_str(), text(&parsed, source.span)), ("source", "so\\\nurce"));
    let chown = kind.chown.as_ref().expect("the flag is there");
    assert_eq!((chown.value.as_str(), text(&parsed, chown.span)), ("a b", "\"a b\""));
    assert_eq!(text(&parsed, copy.flags[0].name.span), "chown");
    assert_eq!(copy.original, "COPY --chown=\"a b\"   source /d");
}

#[test]
fn descriptions_of_arguments() {
    let (_, one) = instruction("# a what it is\n# b other\nARG a=1 b c=");
    let Kind::Arg(declared) = one.kind else { panic!("{one:?}") };
    let rows: Vec<_> = declared.iter().map(|one| (one.default.is_some(), one.description.as_deref())).collect();
    assert_eq!(rows, [(true, Some("what it is")), (false, Some("other")), (true, None)]);
}

#[test]
fn pairs_in_both_forms() {
    let pairs = |text: &str| match instruction(text).1.kind {
        Kind::Env(pairs) | Kind::Label(pairs) => {
            let row = |one: &containr_dockerfile::syntax::Pair| {
                (one.name.value.clone(), one.value.value.clone(), one.delimiter)
            };
            pairs.iter().map(row).collect::<Vec<_>>()
        }
        kind => panic!("{kind:?}"),
    };
    let row = |name: &str, value: &str, delimiter| (name.to_owned(), value.to_owned(), delimiter);
    assert_eq!(pairs("ENV a  b \"c\" d"), [row("a", "b \"c\" d", Delimiter::Space)]);
    assert_eq!(
        pairs("LABEL a=\"b c\" 'd e'=f g=h\\ i"),
        [
            row("a", "\"b c\"", Delimiter::Equals),
            row("'d e'", "f", Delimiter::Equals),
            row("g", "h\\ i", Delimiter::Equals),
        ]
    );
}

#[test]
fn exec_and_shell_forms() {
    assert_eq!(words(&run("RUN [\"a\", \"b\\u00e9\\ud83d\\ude00\\ud83d\"]").command), ["a", "bé😀\u{fffd}"]);
    for text in ["['a']", "[\"a\"", "[\"a\",]", "[\"a\"] b", "[a]", "[1e999]", "[\"\\x\"]"] {
        let command = run(&format!("RUN {text}")).command;
        assert!(matches!(&command, Command::Shell(shell) if shell.value == text), "{command:?}");
    }
}

fn words(command: &Command) -> Vec<&str> {
    match command {
        Command::Exec(words) => words.iter().map(|word| word.value.as_str()).collect(),
        Command::Shell(text) => panic!("{text:?}"),
    }
}

#[test]
fn a_sole_heredoc_is_the_script() {
    assert_eq!(run("RUN <<EOF\necho $a\nEOF").script(), Script::Shell("echo $a\n".into()));
    assert_eq!(run("RUN <<-EOF\n\t\ta\n\tEOF").script(), Script::Shell("a\n".into()));
}

#[test]
fn a_sole_heredoc_with_a_shebang_is_a_file() {
    let run = run("RUN <<'E O'\n#!/bin/python\nx\nE O");
    assert_eq!(run.script(), Script::File { name: "E O", content: "#!/bin/python\nx\n".into() });
    assert!(!run.heredocs[0].expand);
}

#[test]
fn heredocs_inside_a_command_are_given_to_the_shell() {
    let run = run("RUN cat <<A 3<<-\"B\" | sh\n1\nA\n\t2\n\tB");
    assert_eq!(run.script(), Script::Shell("cat <<A 3<<-\"B\" | sh\n1\nA\n\t2\nB".into()));
    let rows: Vec<_> = run.heredocs.iter().map(|one| (one.descriptor, one.expand, one.strip_tabs)).collect();
    assert_eq!(rows, [(None, true, false), (Some(3), false, true)]);
}

#[test]
fn texts_that_open_no_heredoc() {
    for text in ["RUN a <<<b", "RUN a << ", "RUN [\"<<EOF\"]", "RUN echo \"<<EOF\"", "CMD <<EOF", "RUN echo it's <<EOF"]
    {
        let parsed = parse(format!("FROM a\n{text}\nUSER b\n").as_bytes());
        assert_eq!(parsed.syntax().stages[0].instructions.len(), 2, "{text}");
    }
}

#[test]
fn files_written_in_a_copy() {
    let (parsed, copy) = instruction("COPY <<one x <<'two' /d/\n1\none\n2\ntwo");
    let Kind::Copy(kind) = &copy.kind else { panic!("{copy:?}") };
    let [Source::Heredoc(one), Source::Path(path), Source::Heredoc(two)] = kind.sources.as_slice() else {
        panic!("{kind:?}")
    };
    assert_eq!((one.name.value.as_str(), one.content.value.as_ref(), one.expand), ("one", "1\n", true));
    assert_eq!((two.name.value.as_str(), two.content.value.as_ref(), two.expand), ("two", "2\n", false));
    assert_eq!((path.value.as_str(), kind.destination.value.as_str()), ("x", "/d/"));
    assert_eq!((text(&parsed, one.name.span), text(&parsed, two.end)), ("<<one", "two"));
    assert!(text(&parsed, copy.span).ends_with("two"));
}

#[test]
fn line_breaks_of_windows_stay_in_heredocs() {
    let parsed = parse(b"FROM a\r\nCOPY <<E /d\r\nx\r\nE\r\nUSER u\r\n");
    let Kind::Copy(copy) = &parsed.syntax().stages[0].instructions[0].kind else { panic!("not a copy") };
    assert!(matches!(&copy.sources[0], Source::Heredoc(one) if &*one.content.value == "x\r\n"));
    assert_eq!(copy.destination.value, "/d");
}

#[test]
fn triggers_keep_their_text_and_heredocs() {
    let (_, one) = instruction("ONBUILD  COPY \\\n <<E /d\n1\nE");
    let Kind::Onbuild(onbuild) = one.kind else { panic!("{one:?}") };
    assert_eq!(onbuild.expression, "COPY  <<E /d\n1\nE");
    let Kind::Copy(copy) = &onbuild.trigger.kind else { panic!("{onbuild:?}") };
    assert!(matches!(&copy.sources[0], Source::Heredoc(heredoc) if &*heredoc.content.value == "1\n"));
    let again = containr_dockerfile::parse_trigger(&onbuild.expression, Escape::Backslash);
    assert!(again.diagnostics.is_empty() && matches!(again.instruction, Some(Instruction { kind: Kind::Copy(_), .. })));
}

#[test]
fn health_checks_with_every_flag() {
    let flags = "--interval=1m30s --timeout=1.5s --start-period=2s --start-interval=3ms --retries=4";
    let (_, one) = instruction(&format!("HEALTHCHECK {flags} CMD [\"a\"]"));
    let Kind::Healthcheck(Healthcheck::Probe(probe)) = one.kind else { panic!("{one:?}") };
    assert_eq!(words(&probe.command), ["a"]);
    assert_eq!((probe.interval, probe.timeout), (Duration::from_secs(90), Duration::from_millis(1500)));
    assert_eq!((probe.start_period, probe.start_interval), (Duration::from_secs(2), Duration::from_millis(3)));
    assert_eq!(probe.retries, 4);
    assert_eq!(instruction("HEALTHCHECK none").1.kind, Kind::Healthcheck(Healthcheck::None));
}

#[test]
fn mounts_networks_and_devices_of_a_run() {
    let run = run("RUN --mount=dst=/a --mount=type=ssh --network=host --device=gpu=all,required -- --x");
    let settings: Vec<_> =
        run.mounts.iter().map(|one| one.resolve(|value| Ok::<_, String>(value.to_owned())).expect("valid")).collect();
    assert_eq!(settings[0].target.as_deref(), Some("/a"));
    assert_eq!(settings[1].kind.name(), "ssh");
    assert_eq!(run.network.map(|one| one.value), Some(Network::Host));
    assert_eq!((run.devices[0].name.as_str(), run.devices[0].required), ("gpu=all", true));
    assert!(matches!(&run.command, Command::Shell(text) if text.value == "--x"));
}

#[test]
fn variables_in_mounts_are_expanded_late() {
    let mount = &run("RUN --mount=type=$T,id=$I,target=/a x").mounts[0];
    let settings = mount.resolve(|value| match value {
        "$T" => Ok("cache".to_owned()),
        "$I" => Err("I is not set"),
        other => Ok(other.to_owned()),
    });
    assert_eq!(settings.map_err(|error| error.message), Err("I is not set".to_owned()));
}

#[test]
fn the_backtick_as_escape() {
    let parsed = parse(b"# escape=`\nFROM a\nRUN dir c:\\ `\n  /w\nENV a=`\"\n");
    assert_eq!(parsed.escape(), Escape::Backtick);
    let stage = &parsed.syntax().stages[0];
    assert_eq!(stage.instructions[0].original, "RUN dir c:\\   /w");
    assert!(matches!(&stage.instructions[1].kind, Kind::Env(pairs) if pairs[0].value.value == "`\""));
}

#[test]
fn directives_with_their_values() {
    let parsed = parse(b"\xef\xbb\xbf#syntax = docker/dockerfile:1 x\n# CHECK=skip=A, B\n# check2=\nFROM a\n");
    let directives = &parsed.syntax().directives;
    assert_eq!(directives.syntax.as_ref().map(|one| one.value.as_str()), Some("docker/dockerfile:1"));
    let check = &directives.check.as_ref().expect("the directive is there").value;
    assert_eq!(check.skip, Rules::Named(vec!["A".into(), String::new()]));
    assert!(parsed.syntax().stages[0].from.comments[0].value.starts_with("check2"));
}

#[test]
fn the_front_end_is_found_in_other_languages() {
    let found = |text: &str| detect_syntax(text.as_bytes());
    assert_eq!(found("#!/bin/x\n# syntax=a b\n").as_deref(), Some("a"));
    assert_eq!(found("// syntax=a\n{}").as_deref(), Some("a"));
    assert_eq!(found("{\"x\": [1, {\"y\": null}], \"syntax\": \"a\"}").as_deref(), Some("a"));
    assert_eq!(found("{\"syntax\": 1}"), None);
    assert_eq!(found("FROM a\n# syntax=b\n"), None);
}

#[test]
fn bytes_are_kept_beside_the_text() {
    let file = b"# \xe4\xf6\nFROM a # \xc3\n";
    let parsed = parse(file);
    assert_eq!(parsed.bytes(parsed.span()), file);
    assert_eq!(parsed.text().len(), file.len());
    assert_eq!(parsed.tree().to_string(), parsed.text());
}
