//! `prodev flow check`: branches, messages, commits, pushes and whole repositories, held against the policy. It judges and changes nothing.

mod audit;
mod audit_tags;
mod branch;
mod commit;
mod commits;
mod draft;
mod history;
mod message;
mod names;
mod policy;
mod push;
mod range;
mod tags;

pub(super) use policy::here as policy_here;

use std::path::PathBuf;

use crate::config::rule::Rule;
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Failure, fail, nearest};
use crate::findings::{Finding, Findings, Format, Object, Verdict};
use crate::flow::rules::Rules;
use crate::git::Repository;
use crate::outcome::Outcome;

/// Hold branches, messages and history against the policy
///
/// The policy is `[flow]` in prodev.toml. Exit 1 where an error is found; warnings are told and let pass.
#[derive(clap::Args, Debug)]
#[command(
    group = clap::ArgGroup::new("what").required(true).multiple(true),
    after_help = "Examples:
  prodev flow check --branch
  prodev flow check --message .git/COMMIT_EDITMSG
  prodev flow check --repo
  prodev flow check --range origin/develop..HEAD --format github"
)]
pub(crate) struct Args {
    /// The name of a branch: of the current one, where none is given
    #[arg(long, value_name = "NAME", num_args = 0..=1, group = "what", add = clap_complete::ArgValueCandidates::new(names::complete))]
    #[allow(clippy::option_option, reason = "not there, there, and there with a name")]
    branch: Option<Option<String>>,
    /// The message in a file, before it is committed; `-` reads it from stdin
    #[arg(long, value_name = "FILE", group = "what", value_hint = clap::ValueHint::FilePath)]
    message: Option<PathBuf>,
    /// The commits of B that A does not have, by the policy that A has
    #[arg(long, value_name = "A..B", group = "what")]
    range: Option<String>,
    /// Take the policy from this commit
    #[arg(long, value_name = "REV", requires = "range")]
    policy_ref: Option<String>,
    /// The whole repository: history, tags and branches
    #[arg(long, group = "what")]
    repo: bool,
    /// Whether something may be committed here, for the hooks pre-commit and pre-merge-commit
    #[arg(long, group = "what")]
    pre_commit: bool,
    /// Refs that are about to be pushed, for the hook pre-push, with its two arguments
    #[arg(long, value_names = ["REMOTE", "URL"], num_args = 0..=2, group = "what")]
    pre_push: Option<Vec<String>>,
    /// Refs that are about to change in a repository that is pushed to, for the hook pre-receive
    #[arg(long, group = "what", conflicts_with_all = ["pre_push", "range", "pre_commit"])]
    pre_receive: bool,
    /// In which form findings are told
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true)]
    format: Format,
}

/// What is found, and how much it matters.
struct Court<'a> {
    rules: &'a Rules,
    /// Rules that are left out this time.
    skipped: Vec<Rule>,
    findings: Findings,
}

impl<'a> Court<'a> {
    /// `skipped` are the names that somebody wants to be left out.
    ///
    /// # Errors
    /// Where one of them is none.
    fn new(rules: &'a Rules, skipped: &[String], origin: &str) -> Result<Self, Failure> {
        let mut court = Self { rules, skipped: Vec::new(), findings: Findings::default() };
        for name in skipped {
            let Some(rule) = Rule::ALL.iter().find(|rule| rule.name() == name) else {
                let hint = match nearest(name, Rule::ALL.iter().map(|rule| rule.name())) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => "`prodev config show` lists the rules under `[flow.rules]`".to_owned(),
                };
                return Err(fail(format!("{origin} names `{name}`, which is no rule")).hint(hint).exit(Exit::Usage));
            };
            if rules.flow.allow_skips {
                court.findings.skip(rule.name(), format!("{origin} names it"));
                court.skipped.push(*rule);
            } else {
                court.findings.skip(format!("nothing: {origin} names `{name}`"), "`allow_skips` is false in `[flow]`");
            }
        }
        Ok(court)
    }

    /// Whether anybody wants to know.
    fn asks(&self, rule: Rule) -> bool {
        self.rules.flow.severity(rule) != crate::config::value::Severity::Off && !self.skipped.contains(&rule)
    }

    fn find(&mut self, rule: Rule, object: Object, message: impl Into<String>, hint: Option<String>) {
        if self.asks(rule) {
            let finding = Finding::new(rule.name(), self.rules.flow.severity(rule), object, message);
            self.findings.add(Finding { hint, ..finding });
        }
    }
}

/// Judges what the arguments name.
pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let repository = Repository::around(&ctx.dir)?;
    let repository = repository.as_ref();
    let mut verdict = Verdict { format: args.format, ..Verdict::default() };
    if args.pre_receive {
        let repository = opened(repository, ctx)?;
        let rules = push::policy_before(repository)?;
        let mut court = Court::new(&rules, &push::wishes(), "`git push -o`")?;
        let refs = push::check(&mut court, repository, &push::Side::Receive)?;
        verdict.json.insert("refs".to_owned(), refs.into());
        return Ok(pronounce(court, verdict));
    }
    if let Some(range) = &args.range {
        let before =
            if args.is_range_alone() { Findings::default() } else { here(args, repository, ctx, &mut verdict)? };
        verdict.findings = before;
        return range::check(range, args.policy_ref.as_deref(), opened(repository, ctx)?, ctx, verdict);
    }
    verdict.findings = here(args, repository, ctx, &mut verdict)?;
    Ok(told(verdict))
}

/// What is judged by the policy that holds here.
fn here(args: &Args, repository: Option<&Repository>, ctx: &Ctx, verdict: &mut Verdict) -> anyhow::Result<Findings> {
    let rules = policy::here(ctx, repository)?;
    let mut court = Court::new(&rules, &wishes(), "`PRODEV_SKIP`")?;
    if let Some(name) = &args.branch {
        branch::check(&mut court, name.as_deref(), repository, verdict)?;
    }
    if let Some(file) = &args.message {
        draft::check(&mut court, file, repository, ctx)?;
    }
    if args.pre_commit {
        commit::check(&mut court, opened(repository, ctx)?)?;
    }
    if let Some(arguments) = &args.pre_push {
        let side = push::Side::Push(arguments.first().map(String::as_str));
        let refs = push::check(&mut court, opened(repository, ctx)?, &side)?;
        verdict.json.insert("refs".to_owned(), refs.into());
    }
    if args.repo {
        let seen = audit::check(&mut court, opened(repository, ctx)?, now())?;
        for (name, count) in [("commits", seen.commits), ("branches", seen.branches), ("tags", seen.tags)] {
            verdict.json.insert(name.to_owned(), count.into());
        }
        let audit::Seen { commits, branches, tags } = seen;
        verdict.good = Some(format!("nothing found in {commits} commits, {branches} branches, {tags} tags"));
    }
    Ok(court.findings)
}

/// In seconds since 1970.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

impl Args {
    fn is_range_alone(&self) -> bool {
        self.branch.is_none() && self.message.is_none() && !self.pre_commit && self.pre_push.is_none() && !self.repo
    }
}

/// The repository, which must be there.
fn opened<'a>(repository: Option<&'a Repository>, ctx: &Ctx) -> Result<&'a Repository, Failure> {
    repository.ok_or_else(|| Repository::missing(&ctx.dir))
}

/// What `PRODEV_SKIP` names: rules, parted by commas.
fn wishes() -> Vec<String> {
    let names = ctx::variable("PRODEV_SKIP").unwrap_or_default();
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The verdict with all that a court has found.
fn pronounce(court: Court, mut verdict: Verdict) -> Outcome {
    verdict.findings.append(court.findings);
    told(verdict)
}

fn told(mut verdict: Verdict) -> Outcome {
    verdict.rules = Rule::ALL.iter().map(|rule| (rule.name(), rule.doc())).collect();
    Outcome::Verdict(Box::new(verdict))
}
