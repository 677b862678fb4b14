//! The bases that exist in the cases, and the options of a case.

use std::collections::BTreeMap;

use containr_dockerfile::parse;
use containr_graph::Network;
use containr_oci::{Digest, ImageConfig, Platform};
use containr_plan::{
    BaseKey, Diagnostic, NamedContext, NoCache, PlanInput, Planned, ResolvedBase, RunDefaults, plan as make_plan,
};

/// Plans a case, handing in bases until there are enough of them.
pub(crate) fn plan(text: &str) -> Result<Planned, Vec<Diagnostic>> {
    let parsed = parse(text.as_bytes());
    let errors = parsed.diagnostics().iter().filter(|one| one.severity == containr_dockerfile::Severity::Error);
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<&containr_dockerfile::Diagnostic>::new(), "{text}");
    let options = Options::read(text);
    let build_platform: Platform = "linux/amd64".parse().unwrap();
    let mut bases = BTreeMap::new();
    loop {
        let input = PlanInput {
            dockerfile: parsed.syntax(),
            targets: &options.targets,
            platforms: &options.platforms,
            build_platform: &build_platform,
            build_args: &options.build_args,
            bases: &bases,
            contexts: &options.contexts,
            defaults: &options.defaults,
            no_cache: &options.no_cache,
            labels: &options.labels,
        };
        let planned = make_plan(&input)?;
        let Planned::Needs(needs) = &planned else { return Ok(planned) };
        let known = needs.iter().filter_map(|need| Some((need.key.clone(), base(&need.key)?))).collect::<Vec<_>>();
        if known.is_empty() {
            return Ok(planned);
        }
        bases.extend(known);
    }
}

/// Returns a base that exists.
fn base(key: &BaseKey) -> Option<ResolvedBase> {
    let config = match key.reference.as_str() {
        "docker.io/library/debian:12" => {
            r#"{"config":{"Env":["PATH=/bin","LANG=C"],"Cmd":["bash"],"Labels":{"from":"debian"}}}"#
        }
        "docker.io/library/app:1" => {
            r#"{"config":{"User":"app","WorkingDir":"/app","Entrypoint":["/app/run"],"Cmd":["--help"],"Shell":["/bin/bash","-c"],"Volumes":{"/data":{}}}}"#
        }
        "docker.io/library/onbuild:1" => {
            r#"{"config":{"Env":["PATH=/bin"],"WorkingDir":"/src","OnBuild":["ARG MODE=fast","COPY --from=tools /bin/cc /bin/","RUN make $MODE"]}}"#
        }
        "docker.io/library/broken-onbuild:1" => r#"{"config":{"OnBuild":["COPPY a b"]}}"#,
        _ if key.reference.contains("missing") => return None,
        _ => r#"{"config":{}}"#,
    };
    let mut config: ImageConfig = serde_json::from_str(config).unwrap();
    config.os.clone_from(&key.platform.os);
    config.architecture.clone_from(&key.platform.architecture);
    config.rootfs.diff_ids = vec![Digest::of(key.reference.as_bytes())];
    Some(ResolvedBase {
        reference: key.reference.clone(),
        manifest: None,
        config_digest: Digest::of(b"config"),
        config,
    })
}

struct Options {
    targets: Vec<Option<String>>,
    platforms: Vec<Platform>,
    build_args: Vec<(String, Option<String>)>,
    contexts: BTreeMap<String, NamedContext>,
    defaults: RunDefaults,
    no_cache: NoCache,
    labels: BTreeMap<String, String>,
}

impl Options {
    fn read(text: &str) -> Self {
        let mut options = Self {
            targets: Vec::new(),
            platforms: Vec::new(),
            build_args: Vec::new(),
            contexts: BTreeMap::new(),
            defaults: RunDefaults::default(),
            no_cache: NoCache::No,
            labels: BTreeMap::new(),
        };
        for line in text.lines().filter_map(|line| line.strip_prefix("#! ")) {
            let (option, value) = line.split_once(' ').unwrap();
            options.set(option, value);
        }
        if options.targets.is_empty() {
            options.targets.push(None);
        }
        if options.platforms.is_empty() {
            options.platforms.push("linux/amd64".parse().unwrap());
        }
        options
    }

    fn set(&mut self, option: &str, value: &str) {
        let pair = || value.split_once('=').unwrap();
        match option {
            "target" => self.targets.push(Some(value.to_owned())),
            "platform" => self.platforms.push(value.parse().unwrap()),
            "arg" => self.build_args.push(match value.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (value.to_owned(), None),
            }),
            "context" => {
                let (name, context) = pair();
                let context = match context.split_once("://") {
                    Some(("docker-image", reference)) => NamedContext::Image(reference.to_owned()),
                    Some(("oci-layout", path)) => NamedContext::Layout(path.to_owned()),
                    _ => NamedContext::Directory,
                };
                self.contexts.insert(name.to_owned(), context);
            }
            "no-cache" if value == "all" => self.no_cache = NoCache::All,
            "no-cache" => self.no_cache = NoCache::Stages(vec![value.to_owned()]),
            "label" => drop(self.labels.insert(pair().0.to_owned(), pair().1.to_owned())),
            "network" => self.defaults.network = if value == "none" { Network::None } else { Network::Host },
            other => panic!("unknown option {other}"),
        }
    }
}
