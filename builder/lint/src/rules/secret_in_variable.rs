//! `secret-in-variable`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::edits::drop_instruction;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, hadolint, semgrep, trivy};

/// Wants no secrets in ARG and ENV.
pub(super) const RULE: Rule = Rule {
    id: "secret-in-variable",
    severity: Severity::Warning,
    summary: "Wants no secrets in ARG and ENV.",
    page: "Values of ARG and ENV stay in the image or its history for everyone to read. Use `RUN --mount=type=secret`.",
    aliases: &[
        hadolint("DL3064", "Potentially sensitive data should not be used in the `ARG` or `ENV` commands"),
        buildkit("SecretsUsedInArgOrEnv"),
        trivy("DS-0031"),
        trivy("do-not-pass-secrets"),
        semgrep("secret-in-build-arg"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for series in context.series() {
        for step in series {
            let (keyword, names): (_, Vec<(&str, Span)>) = match step.kind() {
                Kind::Arg(all) => ("ARG", all.iter().map(|one| (one.name.value.as_str(), one.name.span)).collect()),
                Kind::Env(all) => ("ENV", all.iter().map(|one| (one.name.value.as_str(), one.name.span)).collect()),
                _ => continue,
            };
            judge(context, step, keyword, &names, out);
        }
    }
}

fn judge(context: &Context<'_>, step: &Step<'_>, keyword: &str, names: &[(&str, Span)], out: &mut Findings<'_>) {
    let mut first = true;
    for (index, (name, span)) in names.iter().enumerate() {
        // hadolint reads the first name of an ARG only.
        let (listed, worded) = (sounds_secret(name) && (keyword == "ENV" || index == 0), is_secret_word(name));
        if !listed && !worded {
            continue;
        }
        let mut finding =
            Finding::new(*span, format!("`{name}` sounds like a secret; everyone can read it in the image"));
        if listed && std::mem::take(&mut first) {
            finding = finding.hadolint(step.span);
        }
        if worded && step.stage.is_some() && step.span == step.instruction.span {
            let remark = format!("Do not use ARG or ENV instructions for sensitive data ({keyword} {name:?})");
            finding = finding.buildkit(step.span, remark);
        }
        let fix = if let [_] = names { mounted(context, step, name) } else { None };
        out.add(finding.maybe_fix(fix));
    }
}

/// The number of instructions up to which a stage is looked through.
const LONGEST: usize = 500;

/// Returns the fix that mounts the secret in each RUN of the stage that uses it, instead of keeping it in the image.
fn mounted(context: &Context<'_>, step: &Step<'_>, name: &str) -> Option<Fix> {
    let stage = step.stage.filter(|_| !step.is_trigger())?;
    let continued = context.stages().parents.contains(&Some(stage));
    let later = context.stage(stage).iter().filter(|other| other.span.start > step.span.start);
    let users: Vec<&Step<'_>> = later.filter(|other| mentions(context.text(other.span), name)).collect();
    let mountable = |user: &&Step<'_>| user.run().is_some_and(|run| run.mounts.is_empty());
    // Every later instruction is looked at, which is too much for each of very many variables.
    if continued || context.stage(stage).len() > LONGEST || !users.iter().all(mountable) {
        return None;
    }
    let mount = format!(" --mount=type=secret,id={name},env={name}");
    let mounts = users.iter().map(|user| Edit::insert(user.keyword().end, mount.as_str()));
    let edits = std::iter::once(drop_instruction(context, step)).chain(mounts).collect();
    Some(Fix::risky("mount it as a secret where it is used", edits))
}

/// Tells whether a text holds a name as a whole word.
fn mentions(text: &str, name: &str) -> bool {
    let part = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let whole = |at: usize| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part);
    !name.is_empty() && text.match_indices(name).any(|(at, _)| whole(at))
}

/// Tells whether BuildKit takes a name for a secret's: one of its words between underscores says so.
fn is_secret_word(name: &str) -> bool {
    const SECRET: [&str; 10] =
        ["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];
    let lower = name.to_lowercase();
    let has = |words: &[&str]| lower.split('_').any(|word| words.contains(&word));
    has(&SECRET) && !has(&["public", "file", "version"])
}

/// Tells whether hadolint takes a name for a secret's.
fn sounds_secret(name: &str) -> bool {
    const PARTS: [&str; 7] = ["api_key", "client_key", "password", "private", "secret", "token", "username"];
    let lower = name.to_lowercase();
    PARTS.iter().any(|part| lower.contains(part)) || KNOWN.contains(&name.to_uppercase().as_str())
}

/// Names of variables of well-known services that hold none of the telling parts.
const KNOWN: [&str; 13] = [
    "APPLICATION_KEY",
    "AWS_ACCESS_KEY_ID",
    "CI_DEPLOY_USER",
    "DOCKER_EMAIL",
    "FACEBOOK_APP_ID",
    "HEROKU_API_USER",
    "OKTA_AUTHN_GROUPID",
    "OKTA_CLIENT_ORGURL",
    "OKTA_OAUTH2_CLIENTID",
    "STRIPE_DEVICE_NAME",
    "TRAVIS_OS_NAME",
    "TRAVIS_SECURE_ENV_VARS",
    "TRAVIS_SUDO",
];
