//! What all engines have in common: jobs with what they need, their environment and their commands.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::condition;
use super::guard::Again;
use super::job::{job, needs_tools, told_secret};
use crate::config::recipe::{Confirm, Finally};
use crate::config::repeat::ForEach;
use crate::config::variable::Dotenv;
use crate::error::{Exit, fail};
use crate::recipe::call::{Typed, Value};
use crate::recipe::catalog::{Catalog, Entry};
use crate::recipe::graph::{Graph, Kind};
use crate::recipe::layered;
use crate::recipe::scope::Scope;
use crate::recipe::variables::Variables;

/// Everything that is to be done.
#[derive(Debug)]
pub(super) struct Workflow {
    pub(super) name: String,
    /// Each behind those that it needs.
    pub(super) jobs: Vec<Job>,
    /// Recipes that run nothing themselves.
    pub(super) groups: Vec<Group>,
    /// What comes after what, without being needed.
    pub(super) follows: Vec<Follow>,
    /// What an engine cannot do.
    pub(super) left: Vec<Left>,
    /// What somebody has to know.
    pub(super) remarks: Vec<String>,
}

/// What is not in the workflow.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) recipe: String,
    /// The end of a sentence that begins with the engine.
    pub(super) what: String,
}

/// A recipe with its arguments, once or for each row of its matrix.
#[derive(Debug, Clone, Default)]
pub(super) struct Job {
    /// Of small letters, digits and `-`, beginning with a letter.
    pub(super) id: String,
    pub(super) label: String,
    pub(super) doc: Option<String>,
    pub(super) needs: Vec<usize>,
    /// The same without what it comes after.
    pub(super) own_needs: Vec<usize>,
    /// Names and values of each instance; none where it is there once.
    pub(super) rows: Vec<Vec<(String, String)>>,
    /// What its commands find in their environment.
    pub(super) env: Vec<(String, String)>,
    /// Variables that the engine keeps as secrets: their names here and there.
    pub(super) secrets: Vec<(String, String)>,
    pub(super) steps: Vec<Step>,
    pub(super) finally: Option<Step>,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) timeout: Option<Duration>,
    pub(super) retry: Option<Again>,
    /// How long it may take to end when its time is over.
    pub(super) grace: Duration,
    pub(super) last_timeout: Option<Duration>,
    /// Each with how many can hold it.
    pub(super) locks: Vec<(String, usize)>,
    /// A command that fails where the recipe is to be left out.
    pub(super) condition: Option<String>,
    pub(super) may_fail: bool,
    /// Variables that its scripts find out themselves.
    pub(super) found: Vec<String>,
    /// Changes when what it does changes.
    pub(super) digest: String,
}

/// One that runs when another has succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Follow {
    pub(super) after: Target,
    pub(super) next: Target,
}

/// A place in the jobs, or in the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Job(usize),
    Group(usize),
}

/// A recipe that stands for those that it needs.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) doc: Option<String>,
    pub(super) needs: Vec<usize>,
}

/// One program or script.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: String,
    /// For `sh -eu`.
    pub(super) text: String,
    /// From the root; empty for the root itself.
    pub(super) dir: String,
    pub(super) ignores_errors: bool,
}

impl Workflow {
    /// # Errors
    /// Where a recipe cannot be made ready, or holds a secret.
    pub(super) fn of(
        (name, keeps_names): (&str, bool),
        catalog: &Catalog,
        variables: &Variables,
        graph: &Graph,
        calls: &[Typed],
    ) -> anyhow::Result<Self> {
        for call in calls {
            let params = &catalog.entries[call.entry].params;
            if let Some((param, _)) =
                params.iter().zip(&call.given).find(|(param, given)| param.secret && given.is_some())
            {
                return Err(fail(format!("`{}` is a secret, which no workflow may hold", param.name))
                    .exit(Exit::Usage)
                    .hint("export it without, and give the recipe an `env` that takes it `from` a variable")
                    .into());
            }
        }
        let mut made = Self {
            name: name.to_owned(),
            jobs: Vec::new(),
            groups: Vec::new(),
            follows: Vec::new(),
            left: Vec::new(),
            remarks: Vec::new(),
        };
        let mut known: HashMap<(usize, Vec<Value>), usize> = HashMap::new();
        let mut of_node: HashMap<usize, usize> = HashMap::new();
        let mut tools = BTreeSet::new();
        let order = graph.order();
        for at in order.iter().copied().filter(|at| graph.nodes[*at].kind == Kind::Run) {
            let node = &graph.nodes[at];
            let entry = &catalog.entries[node.entry];
            let key = (node.entry, node.values.clone());
            let job = if let Some(job) = known.get(&key) {
                *job
            } else {
                let scope = Scope { catalog, variables, entry, values: &node.values, axes: &node.axes };
                made.refuse(entry, catalog);
                if let Some(param) = told_secret(entry, &node.values) {
                    return Err(fail(format!(
                        "`{param}` of `{}` is a secret with a value, which no workflow may hold",
                        entry.name
                    ))
                    .exit(Exit::Usage)
                    .hint("take the value out, and give the recipe an `env` that takes it `from` a variable")
                    .into());
                }
                let mut job = job(&scope)?;
                made.leave_out(&mut job, &scope)?;
                job.label = if node.axes.is_empty() { node.label.clone() } else { entry.name.clone() };
                job.id = made.free_id(&entry.name, keeps_names);
                tools.extend(entry.recipe.requires.as_deref().map(needs_tools).into_iter().flatten());
                made.jobs.push(job);
                known.insert(key, made.jobs.len() - 1);
                made.jobs.len() - 1
            };
            if !node.axes.is_empty() {
                made.jobs[job].rows.push(node.axes.clone());
            }
            of_node.insert(at, job);
        }
        for at in order.iter().copied() {
            let Some(job) = of_node.get(&at).copied() else { continue };
            for before in real(graph, at, Edges::All) {
                let need = of_node[&before];
                if need != job && !made.jobs[job].needs.contains(&need) {
                    made.jobs[job].needs.push(need);
                }
            }
            for before in real(graph, at, Edges::Own) {
                let need = of_node[&before];
                if need != job && !made.jobs[job].own_needs.contains(&need) {
                    made.jobs[job].own_needs.push(need);
                }
            }
        }
        made.group(&order, &of_node, graph, catalog, keeps_names);
        let secrets: BTreeSet<String> =
            made.jobs.iter().flat_map(|job| &job.secrets).map(|(name, _)| format!("`{name}`")).collect();
        if !secrets.is_empty() {
            let secrets: Vec<String> = secrets.into_iter().collect();
            made.remarks.push(format!("The jobs take secrets from where they run: {}.", secrets.join(", ")));
        }
        if !tools.is_empty() {
            made.remarks.push(format!("The recipes need {}.", tools.into_iter().collect::<Vec<_>>().join(", ")));
        }
        Ok(made)
    }

    pub(super) fn cannot(&mut self, recipe: &str, what: &str) {
        let left = Left { recipe: recipe.to_owned(), what: what.to_owned() };
        if !self.left.contains(&left) {
            self.left.push(left);
        }
    }

    /// Names recipes that run nothing themselves, so that they can be asked for.
    fn group(
        &mut self,
        order: &[usize],
        of_node: &HashMap<usize, usize>,
        graph: &Graph,
        catalog: &Catalog,
        keeps_names: bool,
    ) {
        let mut targets: HashMap<usize, Target> =
            of_node.iter().map(|(node, job)| (*node, Target::Job(*job))).collect();
        for at in order.iter().copied().filter(|at| graph.nodes[*at].kind == Kind::Join) {
            let node = &graph.nodes[at];
            let entry = &catalog.entries[node.entry];
            let recipe = entry.recipe;
            let runs = recipe.run.is_some() || recipe.script.is_some() || recipe.finally.is_some();
            // A recipe that is repeated stands for its rows already, or has a node for all of them.
            if runs || !node.axes.is_empty() {
                // All of its rows are one job.
                if let Some(first) = node.needs.iter().find_map(|row| of_node.get(row)) {
                    targets.insert(at, Target::Job(*first));
                }
                continue;
            }
            self.refuse(entry, catalog);
            if recipe.when.is_some() {
                self.cannot(&entry.name, NEEDS);
            }
            let needs = real(graph, at, Edges::Own).iter().map(|before| of_node[before]).collect::<BTreeSet<usize>>();
            targets.insert(at, Target::Group(self.groups.len()));
            let id = self.free_id(&entry.name, keeps_names);
            self.groups.push(Group { id, doc: recipe.doc.clone(), needs: needs.into_iter().collect() });
        }
        for at in order.iter().copied() {
            for before in &graph.nodes[at].follows {
                if let (Some(after), Some(next)) = (targets.get(before), targets.get(&at)) {
                    let follow = Follow { after: *after, next: *next };
                    if !self.follows.contains(&follow) {
                        self.follows.push(follow);
                    }
                }
            }
        }
    }

    /// Under which condition a job does anything.
    fn leave_out(&mut self, job: &mut Job, scope: &Scope) -> anyhow::Result<()> {
        let recipe = scope.entry.recipe;
        let Some(when) = &recipe.when else { return Ok(()) };
        let own: BTreeSet<String> = job.env.iter().map(|(name, _)| name).chain(&job.found).cloned().collect();
        match condition::condition(when, scope, &own)? {
            Err(what) => self.cannot(&scope.entry.name, what),
            Ok(None) => {}
            Ok(_) if !recipe.needs.is_empty() => self.cannot(&scope.entry.name, NEEDS),
            Ok(_) if !recipe.after.is_empty() => {
                self.cannot(&scope.entry.name, "leaves nothing out with what comes `after` it (`when`)");
            }
            Ok(_) if !recipe.outputs.is_empty() => {
                self.cannot(&scope.entry.name, "hands no `outputs` on of what may be left out (`when`)");
            }
            Ok(condition) => job.condition = condition,
        }
        Ok(())
    }

    /// What no engine does.
    fn refuse(&mut self, entry: &Entry, catalog: &Catalog) {
        let recipe = entry.recipe;
        let asks = matches!(recipe.confirm, Some(Confirm::Plain(true) | Confirm::Question(_)));
        let reads = entry.params.iter().any(|param| param.env.is_some());
        let lines = matches!(recipe.for_each.as_deref(), Some(ForEach::Full(full)) if full.lines.is_some());
        let calls = matches!(recipe.finally.as_deref(), Some(Finally::Full(full)) if full.recipe.is_some());
        let cases = [
            (asks, "has nobody to ask (`confirm`)"),
            (recipe.interactive, "has no terminal (`interactive`)"),
            (reads, "takes no parameter from a variable (`env` of a parameter)"),
            (lines, "cannot find out what to run for (`lines`)"),
            (calls, "calls no recipe at the end (`finally`)"),
            (
                matches!(recipe.dotenv, Some(Dotenv::Layers(true) | Dotenv::Files(_))),
                "does not read .env files (`dotenv`)",
            ),
            (
                recipe.dotenv.is_none() && layered::is_spoken_of(&entry.home(), catalog),
                "does not read .env files (`[env]`)",
            ),
            (recipe.detach, "leaves nothing running (`detach`)"),
        ];
        for (_, what) in cases.into_iter().filter(|(is_so, _)| *is_so) {
            self.cannot(&entry.name, what);
        }
    }

    fn free_id(&self, label: &str, keeps_names: bool) -> String {
        let mut id = String::new();
        for c in label.chars() {
            if c.is_ascii_alphanumeric() || (keeps_names && c == '_') {
                id.push(if keeps_names { c } else { c.to_ascii_lowercase() });
            } else if !id.ends_with('-') && !id.is_empty() {
                id.push('-');
            }
        }
        id.truncate(40);
        let id = id.trim_end_matches('-');
        let id = if id.starts_with(|c: char| c.is_ascii_alphabetic()) { id.to_owned() } else { format!("recipe-{id}") };
        let is_free = |id: &String| {
            !self.jobs.iter().any(|job| job.id == *id) && !self.groups.iter().any(|group| group.id == *id)
        };
        let mut ids = std::iter::once(id.clone()).chain((2..).map(|number| format!("{id}-{number}")));
        ids.find(is_free).unwrap_or(id)
    }

    /// Takes out what all jobs have in common in their environment.
    pub(super) fn common_env(&mut self) -> Vec<(String, String)> {
        let Some(first) = self.jobs.first() else { return Vec::new() };
        let is_common = |pair: &&(String, String)| self.jobs.iter().all(|job| job.env.contains(pair));
        let common: Vec<(String, String)> = first.env.iter().filter(is_common).cloned().collect();
        if self.jobs.len() < 2 {
            return Vec::new();
        }
        for job in &mut self.jobs {
            job.env.retain(|pair| !common.contains(pair));
        }
        common
    }

    /// The jobs with a job for each row; who needs one with rows needs all of them.
    pub(super) fn rows_apart(&self) -> Vec<Job> {
        let mut apart: Vec<Job> = Vec::new();
        let mut places: Vec<Vec<usize>> = Vec::new();
        for job in &self.jobs {
            let needs: Vec<usize> = job.needs.iter().flat_map(|need| places[*need].clone()).collect();
            let mut own = Vec::new();
            let rows = if job.rows.is_empty() { vec![Vec::new()] } else { job.rows.clone() };
            for (number, row) in rows.iter().enumerate() {
                let mut one = Job { needs: needs.clone(), rows: Vec::new(), ..job.clone() };
                if !row.is_empty() {
                    one.id = format!("{}-row-{}", job.id, number + 1);
                    let values: Vec<String> = row.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    one.label = format!("{} ({})", job.label, values.join(", "));
                    one.env.extend(row.iter().cloned());
                }
                own.push(apart.len());
                apart.push(one);
            }
            places.push(own);
        }
        apart
    }
}

/// Why a condition cannot be carried over.
const NEEDS: &str = "leaves nothing out with what it needs (`when`)";

/// Which needs are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    All,
    /// Without what a call comes after.
    Own,
}

/// What runs something and is to be over before `at`, through all that runs nothing.
fn real(graph: &Graph, at: usize, edges: Edges) -> BTreeSet<usize> {
    let before = |at: usize| {
        let node = &graph.nodes[at];
        let needs = node.needs.iter().filter(move |need| edges == Edges::All || !node.follows.contains(need));
        needs.chain(&node.awaits).copied()
    };
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = before(at).collect();
    while let Some(next) = open.pop() {
        if !seen.insert(next) {
            continue;
        }
        if graph.nodes[next].kind == Kind::Run {
            found.insert(next);
        } else {
            open.extend(before(next));
        }
    }
    found
}
