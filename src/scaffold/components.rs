//! Which components a project has: what was chosen, completed with what that requires, or refused.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::json;

use super::manifest::{Component, Manifest};
use crate::error::{Exit, Failure, Problem, listed};

/// What the command line says about components.
#[derive(Debug, Clone, Default)]
pub(super) struct Wishes {
    pub(super) with: Vec<String>,
    pub(super) without: Vec<String>,
    pub(super) preset: Option<String>,
    /// What was ticked at the prompt, where it was asked: nothing else is wanted.
    pub(super) only: Option<Vec<String>>,
    /// `--no-deps`: a selection that lacks something is an error.
    pub(super) no_completion: bool,
    pub(super) voice: Voice,
}

/// By which command somebody says what is wished for: hints are in its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Voice {
    /// Flags: `--with`, `--without`.
    #[default]
    Flags,
    /// `prodev add` and `prodev remove`.
    Switches,
    /// `prodev update`, which has `--without` alone.
    Update,
}

impl Wishes {
    pub(super) fn is_empty(&self) -> bool {
        self.with.is_empty() && self.without.is_empty() && self.preset.is_none()
    }
}

/// A selection that holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    /// In the template's order.
    pub(super) names: Vec<String>,
    /// What came along, and for whom.
    pub(super) added: Vec<(String, String)>,
}

impl Selection {
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|selected| selected == name)
    }

    /// What came along, in words.
    pub(super) fn along(&self) -> Vec<String> {
        self.added.iter().map(|(name, whom)| format!("`{name}` comes along: `{whom}` requires it")).collect()
    }

    /// The same as data.
    pub(super) fn along_json(&self) -> serde_json::Value {
        let one = |(name, whom): &(String, String)| json!({ "component": name, "required_by": whom });
        self.added.iter().map(one).collect()
    }
}

/// The components that are selected where nobody says otherwise.
pub(super) fn defaults(components: &IndexMap<String, Component>) -> BTreeSet<&str> {
    components
        .iter()
        .filter(|(_, component)| component.default || component.required)
        .map(|(name, _)| name.as_str())
        .collect()
}

/// # Errors
/// Exit 2: names that do not exist, a component that is both wanted and not, a conflict, something missing under `--no-deps`.
pub(super) fn select(manifest: &Manifest, wishes: &Wishes) -> Result<Selection, Failure> {
    let components = &manifest.components;
    check_names(manifest, wishes)?;
    let preset =
        wishes.preset.as_ref().map(|preset| manifest.presets.get(preset).map(Vec::as_slice).unwrap_or_default());
    let mut selected: BTreeSet<&str> = match wishes.only.as_deref().or(preset) {
        None => defaults(components),
        Some(names) => {
            let required = components.iter().filter(|(_, component)| component.required).map(|(name, _)| name.as_str());
            names.iter().map(String::as_str).chain(required).collect()
        }
    };
    selected.extend(wishes.with.iter().map(String::as_str));
    let mut problems = Vec::new();
    for name in &wishes.without {
        if components.get(name).is_some_and(|component| component.required) {
            let problem = Problem::new(format!("every project of this template has the component `{name}`"));
            problems.push(problem.hint(match wishes.voice {
                Voice::Flags | Voice::Update => format!("leave out `--without {name}`"),
                Voice::Switches => kept(components, wishes, name),
            }));
        } else {
            selected.remove(name.as_str());
        }
    }
    let added = complete(components, &mut selected, wishes, &mut problems);
    problems.extend(conflicts(components, &selected, wishes));
    if !problems.is_empty() {
        return Err(Failure::of(WRONG, problems).exit(Exit::Usage));
    }
    let names = components.keys().filter(|name| selected.contains(name.as_str())).cloned().collect();
    Ok(Selection { names, added })
}

/// What stands above several problems.
const WRONG: &str = "the selection of components is wrong";

fn check_names(manifest: &Manifest, wishes: &Wishes) -> Result<(), Failure> {
    let known = || manifest.components.keys().map(String::as_str);
    let mut problems: Vec<Problem> = wishes
        .with
        .iter()
        .chain(&wishes.without)
        .filter(|name| !manifest.components.contains_key(*name))
        .map(|name| unknown("component", name, known().collect()))
        .collect();
    if let Some(preset) = wishes.preset.as_ref().filter(|preset| !manifest.presets.contains_key(*preset)) {
        problems.push(unknown("preset", preset, manifest.presets.keys().map(String::as_str).collect()));
    }
    for name in wishes.with.iter().filter(|name| wishes.without.contains(name)) {
        let problem = Problem::new(format!("the component `{name}` stands in both `--with` and `--without`"));
        problems.push(problem.hint("leave one of the two out"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(WRONG, problems).exit(Exit::Usage)) }
}

fn unknown(what: &str, name: &str, known: Vec<&str>) -> Problem {
    let problem = Problem::new(format!("this template has no {what} `{name}`"));
    let all = if known.is_empty() { "none".to_owned() } else { listed(&known) };
    match crate::error::nearest(name, known) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!("it has {all}")),
    }
}

/// Adds what the selected components require, and what that requires in turn; reports what cannot be added.
fn complete<'a>(
    components: &'a IndexMap<String, Component>,
    selected: &mut BTreeSet<&'a str>,
    wishes: &Wishes,
    problems: &mut Vec<Problem>,
) -> Vec<(String, String)> {
    let mut added = Vec::new();
    let mut refused: BTreeSet<&str> = BTreeSet::new();
    // In the template's order, so that the report is the same every time.
    while let Some((name, required)) = components.iter().find_map(|(name, component)| {
        let is_open = |name: &str| !selected.contains(name) && !refused.contains(name);
        let missing = component.requires.iter().find(|required| is_open(required))?;
        selected.contains(name.as_str()).then_some((name, missing))
    }) {
        if wishes.without.contains(required) {
            refused.insert(required);
            let mut leave: BTreeSet<&str> = wishes.without.iter().map(String::as_str).collect();
            leave.extend(dependents(components, required, selected));
            leave.retain(|name| components.get(*name).is_some_and(|component| !component.required));
            let leave = components.keys().map(String::as_str).filter(|name| leave.contains(name)).collect::<Vec<_>>();
            let problem = Problem::new(format!("`{name}` requires `{required}`, which `--without` leaves out"));
            problems.push(problem.hint(format!("leave both out: `--without {}`", leave.join(","))));
            continue;
        }
        if wishes.no_completion {
            refused.insert(required);
            let problem = Problem::new(format!("`{name}` requires `{required}`, which is not selected"));
            problems.push(problem.hint(match wishes.voice {
                Voice::Flags | Voice::Update => {
                    format!("add it with `--with {required}`, or leave out `--no-deps`")
                }
                Voice::Switches => {
                    format!("add both: `prodev add {required} {}`, or leave out `--no-deps`", wishes.with.join(" "))
                }
            }));
            continue;
        }
        selected.insert(required.as_str());
        added.push((required.clone(), name.clone()));
    }
    added
}

/// The selected components that need `name`, directly or not.
fn dependents<'a>(
    components: &'a IndexMap<String, Component>,
    name: &str,
    selected: &BTreeSet<&str>,
) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    loop {
        let more: Vec<&str> = components
            .iter()
            .filter(|(other, component)| {
                selected.contains(other.as_str())
                    && !found.contains(other.as_str())
                    && component.requires.iter().any(|required| required == name || found.contains(required.as_str()))
            })
            .map(|(other, _)| other.as_str())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// What to do where one that is always there was to go.
fn kept(components: &IndexMap<String, Component>, wishes: &Wishes, name: &str) -> String {
    let can_go = |name: &&String| components.get(*name).is_some_and(|component| !component.required);
    let others: Vec<&str> = wishes.without.iter().filter(can_go).map(String::as_str).collect();
    match others.as_slice() {
        [] => format!(
            "what is not wanted of `{name}` can be deleted; updates leave it deleted where they do not change it"
        ),
        others => format!("remove the others: `prodev remove {}`", others.join(" ")),
    }
}

/// Each pair of selected components that cannot be together, once.
fn conflicts(components: &IndexMap<String, Component>, selected: &BTreeSet<&str>, wishes: &Wishes) -> Vec<Problem> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for (name, component) in components.iter().filter(|(name, _)| selected.contains(name.as_str())) {
        for other in component.conflicts.iter().filter(|other| selected.contains(other.as_str())) {
            if !pairs.contains(&(other.as_str(), name.as_str())) {
                pairs.push((name, other));
            }
        }
    }
    let problem = |(name, other): (&str, &str)| {
        Problem::new(format!("the components `{name}` and `{other}` cannot be in one project")).hint(
            match wishes.voice {
                Voice::Flags => format!("choose one: `--without {other}` or `--without {name}`"),
                Voice::Update => {
                    format!("choose one: `prodev update --without {other}` or `prodev update --without {name}`")
                }
                Voice::Switches => {
                    let there = if wishes.with.iter().any(|wanted| wanted == other) { name } else { other };
                    format!("choose one; to have the other out of the way: `prodev remove {there}`")
                }
            },
        )
    };
    pairs.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        toml::from_str(
            "template = { name = 't', version = '1.0.0' }
             components.core = { required = true }
             components.rest = { default = true }
             components.openapi = { default = true, requires = ['rest'] }
             components.cache = {}
             components.celery = { requires = ['cache', 'rest'] }
             components.beat = { requires = ['celery'], conflicts = ['cron'] }
             components.cron = {}
             presets.minimal = []
             presets.full = ['beat']",
        )
        .expect("a manifest")
    }

    fn wishes(with: &[&str], without: &[&str], preset: Option<&str>) -> Wishes {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Wishes { with: own(with), without: own(without), preset: preset.map(ToOwned::to_owned), ..Wishes::default() }
    }

    fn selected(wishes: &Wishes) -> Result<String, String> {
        select(&manifest(), wishes).map(|selection| selection.names.join(" ")).map_err(|failure| {
            assert_eq!(failure.exit, Exit::Usage);
            format!("{}; {}", failure.message, failure.hints.join("; "))
        })
    }

    #[test]
    fn selections_are_completed_in_the_templates_order() {
        for (with, without, preset, expected) in [
            (&[][..], &[][..], None, "core rest openapi"),
            (&[], &[], Some("minimal"), "core"),
            (&[], &["openapi"], None, "core rest"),
            (&["beat"], &[], None, "core rest openapi cache celery beat"),
            (&["cron"], &[], Some("minimal"), "core cron"),
            (&[], &[], Some("full"), "core rest cache celery beat"),
        ] {
            assert_eq!(selected(&wishes(with, without, preset)), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn what_came_along_is_told() {
        let selection = select(&manifest(), &wishes(&["beat"], &[], Some("minimal"))).expect("a selection");
        let told: Vec<String> = selection.added.iter().map(|(name, whom)| format!("{name} for {whom}")).collect();
        assert_eq!(told, ["celery for beat", "cache for celery", "rest for celery"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (with, without, preset, expected) in [
            (&["celry"][..], &[][..], None, "this template has no component `celry`; did you mean `celery`?"),
            (
                &[],
                &["rest"],
                None,
                "`openapi` requires `rest`, which `--without` leaves out; leave both out: `--without rest,openapi`",
            ),
            (
                &["beat"],
                &["cache"],
                None,
                "`celery` requires `cache`, which `--without` leaves out; leave both out: `--without cache,celery,beat`",
            ),
            (
                &[],
                &["core"],
                None,
                "every project of this template has the component `core`; leave out `--without core`",
            ),
            (
                &["cron", "beat"],
                &[],
                None,
                "the components `beat` and `cron` cannot be in one project; choose one: `--without cron` or `--without beat`",
            ),
            (
                &["cache"],
                &["cache"],
                None,
                "the component `cache` stands in both `--with` and `--without`; leave one of the two out",
            ),
            (&[], &[], Some("ful"), "this template has no preset `ful`; did you mean `full`?"),
        ] {
            assert_eq!(selected(&wishes(with, without, preset)), Err(expected.to_owned()));
        }
    }

    #[test]
    fn without_completion_the_missing_one_is_named() {
        let wishes = Wishes { no_completion: true, ..wishes(&["beat"], &[], None) };
        assert_eq!(
            selected(&wishes),
            Err("`beat` requires `celery`, which is not selected; add it with `--with celery`, or leave out `--no-deps`".to_owned())
        );
    }
}
