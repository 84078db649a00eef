//! `prodev run --export`: the graph of recipes as a workflow of another engine, a job for each recipe. The commands stand in it themselves,
//! so that the engine needs no prodev. What an engine cannot do is named, never dropped in silence.

mod condition;
mod github;
mod gitlab;
mod guard;
mod jenkins;
mod job;
mod kubernetes;
mod script;
mod targets;
mod workflow;
mod yaml;

use std::fmt::Write as _;

use serde_json::json;

use self::workflow::Workflow;
use super::bind::Sources;
use super::call::{self, Typed};
use super::catalog::Catalog;
use super::graph::{Builder, Needs, Sequence};
use super::variables::{Mode, Variables};
use crate::error::{Exit, Failure, Problem, fail};
use crate::outcome::Outcome;
use crate::ui::Ui;

/// Another engine.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A workflow for GitHub Actions
    Github,
    /// A pipeline for GitLab
    Gitlab,
    /// A Jenkinsfile
    Jenkins,
    /// Manifests of Jobs that wait for each other
    Kubernetes,
    /// A Makefile
    Make,
    /// A justfile
    Just,
}

/// What is asked for beside the recipes.
pub(super) struct Request<'a> {
    pub(super) engine: Engine,
    /// Leave out what the engine cannot do.
    pub(super) is_approximate: bool,
    pub(super) image: Option<&'a str>,
    pub(super) set: &'a [String],
    pub(super) words: &'a [String],
}

/// The workflow as text.
///
/// # Errors
/// What the engine cannot do (exit 1), and all that keeps recipes from running.
pub(super) fn export(request: &Request, catalog: &Catalog, ui: &Ui) -> anyhow::Result<Outcome> {
    let variables = Variables::new(request.set, catalog, Mode::Export)?;
    let sources = Sources { catalog, variables: &variables, ui: None };
    let mut uncalled = Vec::new();
    let calls = if request.words.is_empty() {
        all(catalog, sources, &mut uncalled)
    } else {
        call::parse(request.words, catalog)?
    };
    if calls.is_empty() {
        return Err(fail("there is no recipe to export").exit(Exit::Usage).hint("name one, with what it takes").into());
    }
    let graph = Builder::new(sources, Needs::Run).build(&calls, Sequence::SideBySide)?;
    let name = request.words.first().map_or("recipes", String::as_str);
    let keeps_names = matches!(request.engine, Engine::Gitlab | Engine::Make | Engine::Just);
    let mut workflow = Workflow::of((name, keeps_names), catalog, &variables, &graph, &calls)?;
    let image = || {
        request.image.ok_or_else(|| {
            fail("Kubernetes needs an image to run")
                .exit(Exit::Usage)
                .hint("name one with `--image IMAGE`; the project is in it")
        })
    };
    let (engine, text) = match request.engine {
        Engine::Github => ("GitHub Actions", github::write(&mut workflow)),
        Engine::Gitlab => ("GitLab", gitlab::write(&mut workflow)),
        Engine::Jenkins => ("Jenkins", jenkins::write(&mut workflow)),
        Engine::Kubernetes => ("Kubernetes", kubernetes::write(&mut workflow, image()?)),
        Engine::Make => ("make", targets::makefile(&mut workflow)),
        Engine::Just => ("just", targets::justfile(&mut workflow)),
    };
    let left: Vec<String> =
        workflow.left.iter().map(|left| format!("`{}`: {engine} {}", left.recipe, left.what)).collect();
    if !left.is_empty() && !request.is_approximate {
        return Err(refused(engine, left).into());
    }
    // Nobody asked for these by name.
    let left: Vec<String> = uncalled.into_iter().chain(left).collect();
    for left in &left {
        ui.warn(&format!("left out: {left}"));
    }
    let mut head = "# Made by `prodev run --export`: a job for each recipe, with its commands.\n".to_owned();
    if request.engine == Engine::Jenkins {
        head = head.replacen('#', "//", 1);
    }
    for line in &workflow.remarks {
        let sign = if request.engine == Engine::Jenkins { "//" } else { "#" };
        let _ = writeln!(head, "{sign} {line}");
    }
    let jobs: Vec<serde_json::Value> = workflow
        .jobs
        .iter()
        .map(|job| json!({ "id": job.id, "recipe": job.label, "needs": job.needs.iter().map(|at| &workflow.jobs[*at].id).collect::<Vec<_>>() }))
        .collect();
    let text = head + &text;
    Ok(Outcome::answer(text.clone(), json!({ "text": text, "jobs": jobs, "left_out": left })))
}

fn refused(engine: &str, left: Vec<String>) -> Failure {
    let problems = left.into_iter().map(Problem::new).collect();
    Failure::of(format!("{engine} cannot do all that these recipes say"), problems)
        .hint("leave that out with `--approximate`")
}

/// A call of every recipe that can be called without arguments, and holds no secret.
fn all(catalog: &Catalog, sources: Sources, left: &mut Vec<String>) -> Vec<Typed> {
    let mut calls = Vec::new();
    for (entry, it) in catalog.entries.iter().enumerate().filter(|(_, it)| !it.recipe.private) {
        let typed = Typed { entry, given: vec![None; it.params.len()], wants_help: false };
        match sources.typed(&typed) {
            Ok(values) if job::told_secret(it, &values).is_none() => calls.push(typed),
            Ok(_) => left.push(format!("`{}`: it holds the value of a secret", it.name)),
            Err(_) => left.push(format!("`{}`: it has to be given something", it.name)),
        }
    }
    calls
}
