//! What recipes have to do with each other, over all files: needs that exist, arguments that fit, no circles.

use std::collections::{BTreeSet, HashMap};

use super::{Finding, Findings, shown};
use crate::config::file::{Part, Policy};
use crate::config::hook::HookStep;
use crate::config::parameter::{Manner, Parameter};
use crate::config::recipe::{Finally, Need, Recipe};
use crate::config::schedule::Schedule;
use crate::config::value::{Map, OneOrMany, Scalar};

/// All recipes of all files, by their full names.
pub(in crate::config) struct Catalog<'a> {
    recipes: Vec<Entry<'a>>,
    /// Full names and full aliases, each to the index of its recipe.
    names: HashMap<String, usize>,
    /// What came up while the names were gathered, by file.
    findings: Vec<Findings>,
}

struct Entry<'a> {
    file: usize,
    namespace: &'a str,
    name: &'a str,
    recipe: &'a Recipe,
}

/// A recipe that something names: where, how, and with which arguments.
struct Mention<'a> {
    path: Vec<String>,
    name: &'a str,
    with: Option<&'a Map<OneOrMany<Scalar>>>,
}

/// What a mention of one recipe in another means for their order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Before,
    After,
}

impl<'a> Catalog<'a> {
    /// Gathers the recipes of `files`: each a namespace (empty for the root's own) and what the file holds.
    pub(in crate::config) fn of(files: impl IntoIterator<Item = (&'a str, &'a Part)>) -> Self {
        let mut catalog = Self { recipes: Vec::new(), names: HashMap::new(), findings: Vec::new() };
        for (file, (namespace, part)) in files.into_iter().enumerate() {
            catalog.findings.push(Findings::default());
            for (name, recipe) in &part.recipes {
                catalog.recipes.push(Entry { file, namespace, name, recipe });
                let index = catalog.recipes.len() - 1;
                catalog.register(index, name, &["recipes", name]);
                for alias in recipe.alias.as_slice() {
                    catalog.register(index, alias, &["recipes", name, "alias"]);
                }
            }
        }
        catalog
    }

    fn register(&mut self, index: usize, name: &str, place: &[&str]) {
        let Entry { file, namespace, .. } = self.recipes[index];
        let full = join(namespace, name);
        if let Some(first) = self.names.get(&full).copied() {
            let other = join(self.recipes[first].namespace, self.recipes[first].name);
            let message = if other == full {
                format!("there are two recipes `{full}`")
            } else {
                format!("`{full}` is already another name of `{other}`")
            };
            self.findings[file].add(place, message);
        } else {
            self.names.insert(full, index);
        }
    }

    /// The recipe that `name` means in `namespace`: its own, else that of the nearest namespace around it. `::name` means the root's.
    fn find(&self, namespace: &str, name: &str) -> Option<usize> {
        if let Some(name) = name.strip_prefix("::") {
            return self.names.get(name).copied();
        }
        let mut namespace = namespace;
        loop {
            if let Some(index) = self.names.get(&join(namespace, name)) {
                return Some(*index);
            }
            if namespace.is_empty() {
                return None;
            }
            namespace = namespace.rsplit_once("::").map_or("", |(outer, _)| outer);
        }
    }

    /// Namespaces that are mentioned and not known: their files may not have been read yet.
    pub(in crate::config) fn wanted(&self, policy: &Policy) -> BTreeSet<String> {
        let inner = self.recipes.iter().flat_map(|entry| {
            let mentions = mentions(entry.recipe, &[]);
            mentions.into_iter().map(|(mention, _)| (entry.namespace, mention.name))
        });
        let outer = policy_mentions(policy).into_iter().map(|mention| ("", mention.name));
        let mut wanted = BTreeSet::new();
        for (namespace, name) in inner.chain(outer) {
            if let Some((inner, _)) = name.trim_start_matches(':').rsplit_once("::")
                && self.find(namespace, name).is_none()
            {
                wanted.insert(inner.to_owned());
                wanted.insert(join(namespace, inner));
            }
        }
        wanted
    }

    /// What is wrong between recipes, and in what the policy says of them (as findings of the first file): one list for each file.
    pub(in crate::config) fn check(mut self, policy: &Policy) -> Vec<Findings> {
        let mut lists = std::mem::take(&mut self.findings);
        let mut edges: Vec<Vec<usize>> = vec![Vec::new(); self.recipes.len()];
        for (index, entry) in self.recipes.iter().enumerate() {
            let mut findings = Findings::default();
            for (mention, order) in mentions(entry.recipe, &["recipes", entry.name]) {
                let Some(target) = self.look(entry.namespace, &mention, &mut findings) else { continue };
                match order {
                    Order::Before => edges[index].push(target),
                    Order::After => edges[target].push(index),
                }
            }
            if let Some(Schedule::Full(schedule)) = entry.recipe.schedule.as_deref() {
                findings.within(&["recipes", entry.name, "schedule"], |findings| {
                    arguments(entry.name, entry.recipe, Some(&schedule.with), findings);
                });
            } else if entry.recipe.schedule.is_some() {
                findings.within(&["recipes", entry.name, "schedule"], |findings| {
                    arguments(entry.name, entry.recipe, None, findings);
                });
            }
            lists[entry.file].append(findings);
        }
        if let Some(first) = lists.first_mut() {
            let mut findings = Findings::default();
            for mention in policy_mentions(policy) {
                self.look("", &mention, &mut findings);
            }
            first.append(findings);
        }
        for circle in circles(&edges) {
            let entry = &self.recipes[circle[0]];
            let names: Vec<String> = circle.iter().chain(&circle[..1]).map(|index| self.full_name(*index)).collect();
            let path = vec!["recipes".to_owned(), entry.name.to_owned(), "needs".to_owned()];
            let message = if names.len() == 2 {
                format!("the recipe `{}` needs itself", names[0])
            } else {
                format!("these recipes need each other in a circle: {}", names.join(" → "))
            };
            lists[entry.file].list.push(Finding { path, message, hint: None, is_of_key: false });
        }
        lists
    }

    fn full_name(&self, index: usize) -> String {
        join(self.recipes[index].namespace, self.recipes[index].name)
    }

    /// Looks a mention up, and holds its arguments against the recipe's parameters.
    fn look(&self, namespace: &str, mention: &Mention, findings: &mut Findings) -> Option<usize> {
        let path: Vec<&str> = mention.path.iter().map(String::as_str).collect();
        let Some(index) = self.find(namespace, mention.name) else {
            let finding = findings.add(&path, format!("`{}` is no recipe", mention.name));
            let mut known: Vec<&str> = self.names.keys().map(String::as_str).collect();
            known.sort_unstable();
            finding.suggest(mention.name, known);
            return None;
        };
        let recipe = self.recipes[index].recipe;
        findings.within(&path, |findings| arguments(mention.name, recipe, mention.with, findings));
        Some(index)
    }
}

/// Holds `with` against the parameters of `recipe`.
fn arguments(name: &str, recipe: &Recipe, with: Option<&Map<OneOrMany<Scalar>>>, findings: &mut Findings) {
    let given = |parameter: &str| with.is_some_and(|with| with.contains_key(parameter));
    for (key, value) in with.into_iter().flatten() {
        let Some(parameter) = recipe.params.iter().map(Parameter::full).find(|parameter| parameter.name == *key) else {
            let finding = findings.add(&["with", key], format!("the recipe `{name}` has no parameter `{key}`"));
            finding.key().suggest(key, recipe.params.iter().map(Parameter::name));
            continue;
        };
        if parameter.secret {
            findings.hide(&["with", key]);
        }
        if matches!(value, OneOrMany::Many(_)) && parameter.manner() != Manner::Variadic {
            findings.add(&["with", key], format!("`{key}` takes one value, not a list"));
            continue;
        }
        for value in value.as_slice().iter().map(ToString::to_string) {
            let reason = match parameter.manner() {
                // What names variables is known only when it runs.
                _ if value.contains("{{") => None,
                Manner::Flag => {
                    (!matches!(value.as_str(), "true" | "false")).then(|| "it must be `true` or `false`".to_owned())
                }
                _ => parameter.refuse(&value),
            };
            if let Some(reason) = reason {
                let value = shown(&value, parameter.secret);
                findings.add(&["with", key], format!("`{key}` of `{name}` cannot be `{value}`: {reason}"));
            }
        }
    }
    for parameter in recipe.params.iter().map(Parameter::full) {
        if parameter.is_required() && !given(&parameter.name) {
            let finding = findings.add(&[], format!("the recipe `{name}` needs its parameter `{}`", parameter.name));
            finding.hint(format!("write `{{ recipe = \"{name}\", with = {{ {} = … }} }}`", parameter.name));
        }
    }
}

/// What a recipe says of others, as seen from `base`.
fn mentions<'a>(recipe: &'a Recipe, base: &[&str]) -> Vec<(Mention<'a>, Order)> {
    let path = |rest: &[&str]| base.iter().chain(rest).map(|segment| (*segment).to_owned()).collect::<Vec<_>>();
    let mut found = Vec::new();
    for (key, needs, order) in [("needs", &recipe.needs, Order::Before), ("after", &recipe.after, Order::After)] {
        for (index, need) in needs.iter().enumerate() {
            found.push((mention(path(&[key, &index.to_string()]), need), order));
        }
    }
    if let Some(Finally::Full(full)) = recipe.finally.as_deref()
        && let Some(name) = &full.recipe
    {
        found.push((Mention { path: path(&["finally"]), name, with: Some(&full.with) }, Order::After));
    }
    found
}

fn mention(path: Vec<String>, need: &Need) -> Mention<'_> {
    match need {
        Need::Name(name) => Mention { path, name, with: None },
        Need::Call(call) => Mention { path, name: &call.recipe, with: Some(&call.with) },
    }
}

/// What `[hooks]` and `[flow]` say of recipes.
fn policy_mentions(policy: &Policy) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    for (hook, steps) in policy.hooks.iter() {
        for (index, step) in steps.as_slice().iter().enumerate() {
            let path = vec!["hooks".to_owned(), hook.clone(), index.to_string()];
            match step {
                HookStep::Recipe(name) => found.push(Mention { path, name, with: None }),
                HookStep::Full(full) => {
                    if let Some(name) = &full.recipe {
                        found.push(Mention { path, name, with: Some(&full.with) });
                    }
                }
            }
        }
    }
    let Some(flow) = &policy.flow else { return found };
    let lists = std::iter::once((vec!["flow".to_owned()], &flow.before_finish)).chain(
        flow.kinds.iter().map(|(name, kind)| (vec!["flow".into(), "kinds".into(), name.clone()], &kind.before_finish)),
    );
    for (base, needs) in lists {
        for (index, need) in needs.iter().enumerate() {
            let path = base.iter().cloned().chain(["before_finish".to_owned(), index.to_string()]).collect();
            found.push(mention(path, need));
        }
    }
    found
}

/// One circle for each way back that a walk over `edges` finds, each from its first member on. The walk keeps its own stack: a chain of
/// recipes can be longer than the program's.
fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; edges.len()];
    let mut found: Vec<Vec<usize>> = Vec::new();
    for start in 0..edges.len() {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.last_mut() {
            let Some(target) = edges[*node].get(*next).copied() else {
                marks[*node] = Mark::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match marks[target] {
                Mark::New => {
                    marks[target] = Mark::Open;
                    way.push((target, 0));
                }
                Mark::Open => {
                    let from = way.iter().position(|(node, _)| *node == target).unwrap_or_default();
                    let mut circle: Vec<usize> = way[from..].iter().map(|(node, _)| *node).collect();
                    let first = circle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(at, _)| at);
                    circle.rotate_left(first);
                    if !found.contains(&circle) {
                        found.push(circle);
                    }
                }
                Mark::Done => {}
            }
        }
    }
    found
}

/// `namespace::name`, or the name alone in the root's own namespace.
fn join(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}::{name}") }
}
