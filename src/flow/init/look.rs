//! What `init` finds: a repository or none, its branches, what is configured already. And what is meant: flags, answers, defaults.

use std::path::PathBuf;

use super::policy::{self, Setting};
use super::{Args, check_branch, check_prefixes, named};
use crate::config::flow::Flow;
use crate::config::kind::Preset;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::flow::rules::{Origin, Rules};
use crate::flow::see::Seen;
use crate::git::Repository;
use crate::ui::{Choice, Field, Question};

/// The presets, and what is to be said of them.
pub(super) const PRESETS: [(&str, &str); 3] = [
    ("gitflow", "main and develop; feature, bugfix, release, hotfix, support"),
    ("github", "main alone; feature, bugfix, hotfix"),
    ("gitlab", "main alone, releases on branches of their own"),
];

/// Where it happens.
pub(super) struct Place {
    pub(super) top: PathBuf,
    /// What there is; `None` where there is no repository.
    pub(super) seen: Option<Seen>,
}

/// Where a branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Here,
    /// At the remote alone.
    There,
    Nowhere,
}

impl Place {
    pub(super) fn of(make: bool, ctx: &Ctx) -> anyhow::Result<Self> {
        if Repository::around(&ctx.dir)?.is_none() {
            if make {
                return Ok(Self { top: ctx.dir.clone(), seen: None });
            }
            return Err(fail(format!("`{}` is not in a Git repository", named(&ctx.dir)))
                .hint("make one, and set it up: `prodev flow init --git`")
                .into());
        }
        let seen = Seen::of(ctx)?;
        let top = seen.top()?.to_owned();
        crate::flow::under_way::nothing_begun(&seen)?;
        Ok(Self { top, seen: Some(seen) })
    }

    fn find(&self, name: &str, remote: &str) -> anyhow::Result<Where> {
        let Some(seen) = &self.seen else { return Ok(Where::Nowhere) };
        if seen.branch(name)?.is_some() {
            return Ok(Where::Here);
        }
        let there = seen.repository.find(&format!("refs/remotes/{remote}/{name}"))?;
        Ok(if there.is_some() { Where::There } else { Where::Nowhere })
    }

    /// Whether there is no commit yet: nothing is checked out, and no branch is there.
    pub(super) fn is_unborn(&self) -> anyhow::Result<bool> {
        let Some(seen) = &self.seen else { return Ok(true) };
        Ok(seen.head.commit().is_none() && seen.repository.branches()?.next().is_none())
    }
}

/// What is meant.
pub(super) struct Wanted {
    /// The model that will hold.
    pub(super) flow: Flow,
    /// What has to be written down.
    pub(super) settings: Vec<Setting>,
    /// Whether it is written down at all.
    pub(super) is_written: bool,
}

impl Wanted {
    /// The long-lived branches that are not here, each with the remote that has it.
    pub(super) fn missing(&self, place: &Place) -> anyhow::Result<Vec<(String, Option<String>)>> {
        let mut missing = Vec::new();
        let ours = std::iter::once(self.flow.main.as_str()).chain(self.flow.develop());
        for name in ours {
            match place.find(name, &self.flow.remote)? {
                Where::Here => {}
                Where::There => missing.push((name.to_owned(), Some(self.flow.remote.clone()))),
                Where::Nowhere => missing.push((name.to_owned(), None)),
            }
        }
        // Further ones are taken over where the remote has them; where they should begin, nobody has said.
        let others = self.flow.long_lived().into_iter().skip(1).filter(|name| Some(*name) != self.flow.develop());
        for name in others {
            if place.find(name, &self.flow.remote)? == Where::There {
                missing.push((name.to_owned(), Some(self.flow.remote.clone())));
            }
        }
        Ok(missing)
    }
}

pub(super) fn wanted(args: &Args, place: &Place, ctx: &Ctx) -> anyhow::Result<Wanted> {
    for (option, name) in [("--main", &args.main), ("--develop", &args.develop)] {
        name.as_ref().map_or(Ok(()), |name| check_branch(option, name))?;
    }
    if let Some(policy) = &ctx.config()?.policy.flow {
        return changed(args, policy);
    }
    let ask = ctx.ui.is_interactive() && !args.defaults;
    let rules = place.seen.as_ref().map(|seen| &seen.rules).filter(|rules| rules.origin != Origin::Defaults);
    let mut flow = match rules {
        Some(rules) => of_git_flow(rules),
        None => new(args, place, ask, ctx)?,
    };
    check_prefixes(&with(&flow, args, false), &args.prefixes)?;
    flow = with(&flow, args, true);
    apart(&flow)?;
    let is_written = match rules {
        // The one thing that it does beyond what git-flow's own `init` did.
        Some(_) if ask => {
            ctx.ui.confirm("Write what git-flow has configured down in prodev.toml, for everybody?", true)?
        }
        _ => true,
    };
    Ok(Wanted { settings: policy::said(&flow), flow, is_written })
}

/// What git-flow has configured, without what holds anyway.
fn of_git_flow(rules: &Rules) -> Flow {
    let flow = &rules.flow;
    Flow {
        preset: flow.preset,
        main: flow.main.clone(),
        develop: flow.develop.clone(),
        remote: flow.remote.clone(),
        tag_prefix: flow.tag_prefix.clone(),
        kinds: flow.kinds.clone(),
        bases: flow.bases.clone(),
        push: flow.push,
        keep: flow.keep,
        ..Flow::default()
    }
}

/// A model with what the flags say; its names alone, or all.
fn with(flow: &Flow, args: &Args, all: bool) -> Flow {
    let mut flow = flow.clone();
    flow.preset = args.preset.unwrap_or(flow.preset);
    flow.main = args.main.clone().unwrap_or(flow.main);
    flow.develop = args.develop.clone().or(flow.develop);
    flow.tag_prefix = args.tag_prefix.clone().unwrap_or(flow.tag_prefix);
    for (kind, prefix) in args.prefixes.iter().filter(|_| all) {
        flow.kinds.entry(kind.clone()).or_default().prefix = Some(prefix.clone());
    }
    flow
}

/// Whether production and development are two branches.
fn apart(flow: &Flow) -> Result<(), Failure> {
    if flow.develop() == Some(&flow.main) {
        return Err(fail(format!("`{}` cannot be both: what is in production, and what is developed", flow.main))
            .exit(Exit::Usage)
            .hint("name another branch with `--develop`, or take `--preset github`, which has none"));
    }
    Ok(())
}

/// A policy that is there already, with what the flags say.
fn changed(args: &Args, policy: &Flow) -> anyhow::Result<Wanted> {
    check_prefixes(&with(policy, args, false), &args.prefixes)?;
    let flow = with(policy, args, true);
    apart(&flow)?;
    let mut settings: Vec<Setting> = Vec::new();
    let mut say = |path: &[&str], new: Option<&str>, old: Option<&str>| {
        if let Some(new) = new.filter(|_| new != old) {
            settings.push((path.iter().map(ToString::to_string).collect(), new.into()));
        }
    };
    say(&["flow", "preset"], args.preset.map(policy::preset), Some(policy::preset(policy.preset)));
    say(&["flow", "main"], args.main.as_deref(), Some(&policy.main));
    say(&["flow", "develop"], args.develop.as_deref(), policy.develop());
    say(&["flow", "tag_prefix"], args.tag_prefix.as_deref(), Some(&policy.tag_prefix));
    let kinds = policy.kinds();
    for (kind, prefix) in &args.prefixes {
        let old = kinds.get(kind).and_then(|kind| kind.prefix.as_deref());
        say(&["flow", "kinds", kind, "prefix"], Some(prefix), old);
    }
    if !settings.is_empty() && !args.force {
        let keys: Vec<String> = settings.iter().map(|(path, _)| format!("`{}`", path.join("."))).collect();
        return Err(fail(format!("prodev.toml says otherwise already: {}", keys.join(", ")))
            .hint("see what it says with `prodev flow config`")
            .hint("change it with `--force`")
            .into());
    }
    Ok(Wanted { flow, is_written: !settings.is_empty(), settings })
}

/// A model for a repository in which nobody has said anything yet.
fn new(args: &Args, place: &Place, ask: bool, ctx: &Ctx) -> anyhow::Result<Flow> {
    let preset = match args.preset {
        Some(preset) => preset,
        None if ask => {
            let choice = |(name, about): (&str, &str)| Choice { about: about.to_owned(), ..Choice::plain(name) };
            let at = ctx.ui.ask_choice(&Question { prompt: "Model", help: None }, &PRESETS.map(choice), &|_| Ok(()))?;
            [Preset::Gitflow, Preset::Github, Preset::Gitlab][at]
        }
        None => Preset::Gitflow,
    };
    let main = match &args.main {
        Some(main) => main.clone(),
        None => production(place, ask, ctx)?,
    };
    let develop = match (&args.develop, preset.develop()) {
        (None, Some(usual)) if ask => Some(text(ctx, "Development branch", usual)?),
        (given, _) => given.clone(),
    };
    let tag_prefix = match &args.tag_prefix {
        Some(prefix) => prefix.clone(),
        None => tag_prefix(place)?,
    };
    Ok(Flow { preset, main, develop, tag_prefix, ..Flow::default() })
}

fn text(ctx: &Ctx, prompt: &str, usual: &str) -> anyhow::Result<String> {
    ctx.ui.ask_text(&Field {
        question: Question { prompt, help: None },
        default: Some(usual.to_owned()),
        hint: String::new(),
        check: &|name: &String| {
            crate::config::check::refuse_whole_branch(name).map_or(Ok(()), |why| Err(why.to_owned()))
        },
    })
}

/// The production branch: never guessed where there are two.
fn production(place: &Place, ask: bool, ctx: &Ctx) -> anyhow::Result<String> {
    let mut there = Vec::new();
    for name in ["main", "master"] {
        if place.find(name, "origin")? != Where::Nowhere {
            there.push(name);
        }
    }
    match there.as_slice() {
        [one] => return Ok((*one).to_owned()),
        [] => {}
        several if ask => {
            let choices: Vec<Choice> = several.iter().map(|name| Choice::plain(name)).collect();
            let at = ctx.ui.ask_choice(&Question { prompt: "Production branch", help: None }, &choices, &|_| Ok(()))?;
            return Ok(several[at].to_owned());
        }
        _ => {
            return Err(fail("`main` and `master` are both there: which is in production?")
                .exit(Exit::Usage)
                .hint("say it: `prodev flow init --main main`")
                .into());
        }
    }
    let Some(seen) = &place.seen else { return Ok("main".to_owned()) };
    let branches: Vec<&str> = seen.repository.branches()?.map(|(name, _)| name).collect();
    match (seen.head.branch(), branches.as_slice()) {
        (Some(head), []) => Ok(head.to_owned()),
        (_, [one]) if !one.contains('/') && *one != "develop" => Ok((*one).to_owned()),
        _ => Err(fail("there is neither `main` nor `master`: which branch is in production?")
            .exit(Exit::Usage)
            .hint("say it: `prodev flow init --main BRANCH`")
            .into()),
    }
}

/// `v`, where every version is tagged so.
fn tag_prefix(place: &Place) -> anyhow::Result<String> {
    let Some(seen) = &place.seen else { return Ok(String::new()) };
    let is_version = |text: &str| semver::Version::parse(text).is_ok();
    let (mut plain, mut with_v) = (0_usize, 0_usize);
    for (name, _) in seen.repository.tags()? {
        plain += usize::from(is_version(name));
        with_v += usize::from(name.strip_prefix('v').is_some_and(is_version));
    }
    Ok(if with_v > plain { "v".to_owned() } else { String::new() })
}
