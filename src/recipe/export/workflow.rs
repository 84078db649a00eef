//! What all engines have in common: jobs with what they need, their environment and their commands.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::script::{self, Dynamic};
use crate::config::recipe::{Cache, Confirm, Finally};
use crate::config::repeat::{ForEach, Retry};
use crate::config::variable::{Dotenv, EnvironmentValue, Variable};
use crate::config::{condition, value};
use crate::error::{Exit, Failure, fail};
use crate::recipe::call::{Typed, Value};
use crate::recipe::catalog::{Catalog, Entry};
use crate::recipe::graph::{Graph, Kind};
use crate::recipe::layered;
use crate::recipe::reference;
use crate::recipe::scope::Scope;
use crate::recipe::script as ours;
use crate::recipe::variables::Variables;

/// Everything that is to be done.
#[derive(Debug)]
pub(super) struct Workflow {
    pub(super) name: String,
    /// Each behind those that it needs.
    pub(super) jobs: Vec<Job>,
    /// Recipes that run nothing themselves.
    pub(super) groups: Vec<Group>,
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
    pub(super) retries: u32,
    pub(super) may_fail: bool,
    /// Changes when what it does changes.
    pub(super) digest: String,
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
    ) -> Result<Self, Failure> {
        for call in calls {
            let params = &catalog.entries[call.entry].params;
            if let Some((param, _)) =
                params.iter().zip(&call.given).find(|(param, given)| param.secret && given.is_some())
            {
                return Err(fail(format!("`{}` is a secret, which no workflow may hold", param.name))
                    .exit(Exit::Usage)
                    .hint("export it without, and give the recipe an `env` that takes it `from` a variable"));
            }
        }
        let mut made =
            Self { name: name.to_owned(), jobs: Vec::new(), groups: Vec::new(), left: Vec::new(), remarks: Vec::new() };
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
                    .hint("take the value out, and give the recipe an `env` that takes it `from` a variable"));
                }
                let mut job = job(&scope)?;
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
            for before in real(graph, at) {
                let need = of_node[&before];
                if need != job && !made.jobs[job].needs.contains(&need) {
                    made.jobs[job].needs.push(need);
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
        for at in order.iter().copied().filter(|at| graph.nodes[*at].kind == Kind::Join) {
            let node = &graph.nodes[at];
            let entry = &catalog.entries[node.entry];
            let recipe = entry.recipe;
            let runs = recipe.run.is_some() || recipe.script.is_some() || recipe.finally.is_some();
            // A recipe that is repeated stands for its rows already, or has a node for all of them.
            if runs || !node.axes.is_empty() {
                continue;
            }
            let needs = real(graph, at).iter().map(|before| of_node[before]).collect::<BTreeSet<usize>>();
            let id = self.free_id(&entry.name, keeps_names);
            self.groups.push(Group { id, doc: recipe.doc.clone(), needs: needs.into_iter().collect() });
        }
    }

    /// What no engine does.
    fn refuse(&mut self, entry: &Entry, catalog: &Catalog) {
        let recipe = entry.recipe;
        let asks = matches!(recipe.confirm, Some(Confirm::Plain(true) | Confirm::Question(_)));
        let reads = entry.params.iter().any(|param| param.env.is_some());
        let lines = matches!(recipe.for_each.as_deref(), Some(ForEach::Full(full)) if full.lines.is_some());
        let calls = matches!(recipe.finally.as_deref(), Some(Finally::Full(full)) if full.recipe.is_some());
        let cases = [
            (recipe.when.is_some(), "does not know `when`: it would always run"),
            (asks, "has nobody to ask (`confirm`)"),
            (recipe.interactive, "has no terminal (`interactive`)"),
            (reads, "takes no parameter from a variable (`env` of a parameter)"),
            (lines, "cannot find out what to run for (`lines`)"),
            (calls, "calls no recipe at the end (`finally`)"),
            (!recipe.lock.as_slice().is_empty(), "knows no `lock`"),
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

/// What runs something and is to be over before `at`, through all that runs nothing.
fn real(graph: &Graph, at: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = graph.nodes[at].needs.iter().chain(&graph.nodes[at].awaits).copied().collect();
    while let Some(before) = open.pop() {
        if !seen.insert(before) {
            continue;
        }
        if graph.nodes[before].kind == Kind::Run {
            found.insert(before);
        } else {
            open.extend(graph.nodes[before].needs.iter().chain(&graph.nodes[before].awaits));
        }
    }
    found
}

fn needs_tools(requires: &condition::Requires) -> Vec<String> {
    match requires {
        condition::Requires::Tools(names) => names.iter().map(|name| format!("`{name}`")).collect(),
        condition::Requires::Full(full) => {
            let tools = full.tools.iter().map(|(name, tool)| match tool {
                condition::Tool::Version(version) if &**version != "*" => format!("`{name}` {}", &**version),
                _ => format!("`{name}`"),
            });
            tools.chain(full.env.iter().map(|name| format!("the variable `{name}`"))).collect()
        }
    }
}

fn job(scope: &Scope) -> Result<Job, Failure> {
    let (entry, recipe) = (scope.entry, scope.entry.recipe);
    let home = relative(scope.catalog, &entry.home());
    let mut env = BTreeMap::new();
    let mut dynamic = Vec::new();
    let mut secrets = BTreeSet::new();
    let axes: BTreeSet<&str> = entry.axes().collect();
    for (name, declared) in scope.catalog.variables(&entry.file.namespace) {
        if scope.variables.is_dynamic(name, declared) {
            if let Variable::Full(full) = declared.variable {
                let dir = relative(scope.catalog, declared.file.path.parent().unwrap_or(std::path::Path::new("/")));
                // A secret whose value stands in the configuration goes by its own name.
                let own = full.value.as_ref().filter(|_| full.secret).map(|_| name);
                match (&full.run, full.env.as_deref().or(own)) {
                    (Some(command), _) => dynamic.push(Dynamic::printed(name, command, dir)),
                    (_, Some(from)) => {
                        let default = full.default.as_ref().filter(|_| !full.secret);
                        dynamic.push(Dynamic::taken(name, from, default));
                        if full.secret {
                            secrets.insert((from.to_owned(), from.to_owned()));
                        }
                    }
                    _ => {}
                }
            }
            continue;
        }
        env.insert(name.to_owned(), scope.variables.value(name, declared)?);
    }
    for (name, value) in &recipe.env {
        let text = match value {
            EnvironmentValue::Plain(value) => scope.expand(&value.to_string())?,
            EnvironmentValue::Full(full) => {
                let value = full.value.as_ref().map(|value| scope.expand(&value.to_string())).transpose()?;
                match (value, &full.from) {
                    (Some(value), _) if !full.secret || is_told_later(&value) => value,
                    (None, None) => continue,
                    (_, from) => {
                        let from = from.as_ref().unwrap_or(name);
                        env.remove(name);
                        dynamic.retain(|it: &Dynamic| it.name != *name);
                        let default = full.default.as_ref().filter(|_| !full.secret);
                        dynamic.push(Dynamic::taken(name, from, default));
                        if full.secret {
                            secrets.insert((from.clone(), from.clone()));
                        }
                        continue;
                    }
                }
            }
        };
        env.insert(name.clone(), text);
    }
    env.extend(scope.own_environment());
    env.retain(|name, _| !axes.contains(name.as_str()));
    // A value that speaks of what is found out later is put together later.
    let names: Vec<String> =
        dynamic.iter().map(|it| it.name.clone()).chain(axes.iter().map(|axis| (*axis).to_owned())).collect();
    let (late, env): (Vec<_>, Vec<_>) = env.into_iter().partition(|(_, value)| script::speaks_of(value, &names));
    dynamic.extend(late.into_iter().map(|(name, value)| Dynamic::made(&name, &value, &names)));
    let writer = script::Writer { scope, dynamic: &dynamic, names: &names, home: &home };
    // Each row has values of its own: they are spoken of by their names.
    let placeholders: Vec<(String, String)> =
        scope.axes.iter().map(|(name, _)| (name.clone(), format!("{{{{ {name} }}}}"))).collect();
    let own = Scope { axes: &placeholders, ..*scope };
    let steps: Vec<Step> = ours::main(&own)?.iter().map(|step| writer.step(step)).collect();
    let finally = ours::finally(&own)?.map(|step| writer.step(&step));
    let at_home = |path: &str| if home.is_empty() { path.to_owned() } else { format!("{home}/{path}") };
    let globs = |globs: &[value::Glob]| {
        let of = |glob: &value::Glob| match glob.strip_prefix('!') {
            Some(rest) => format!("!{}", at_home(rest)),
            None => at_home(glob),
        };
        globs.iter().map(of).collect::<Vec<String>>()
    };
    let digest = blake3::hash(format!("{steps:?}{env:?}").as_bytes()).to_hex()[..12].to_owned();
    let settings = &scope.catalog.project.policy.settings;
    Ok(Job {
        doc: recipe.doc.clone(),
        env,
        secrets: secrets.into_iter().collect(),
        steps,
        finally,
        inputs: if recipe.cache == Some(Cache::Off) { Vec::new() } else { globs(&recipe.inputs) },
        outputs: globs(&recipe.outputs),
        timeout: recipe.timeout.as_ref().or(settings.timeout.as_ref()).and_then(|time| value::duration(time).ok()),
        retries: match recipe.retry.as_deref() {
            None => 0,
            Some(Retry::Times(times)) => *times,
            Some(Retry::Full(full)) => full.times,
        },
        may_fail: recipe.ignore_errors,
        digest,
        ..Job::default()
    })
}

/// The name of a parameter that is a secret and holds more than a word on where to find it.
pub(super) fn told_secret<'a>(entry: &'a Entry, values: &[Value]) -> Option<&'a str> {
    let is_told = |value: &Value| match value {
        Value::One(value) => !is_told_later(value),
        Value::Many(values) => !values.iter().all(|value| is_told_later(value)),
    };
    let mut told = entry.params.iter().zip(values).filter(|(param, value)| param.secret && is_told(value));
    told.next().map(|(param, _)| param.name.as_str())
}

/// Whether a value is nothing, or nothing but the name of another.
fn is_told_later(value: &str) -> bool {
    value.is_empty()
        || matches!(reference::references(value).as_slice(), [only] if only.range == (0..value.len()) && !only.is_raw)
}

/// A directory as seen from the root; empty for the root itself.
fn relative(catalog: &Catalog, dir: &std::path::Path) -> String {
    dir.strip_prefix(&catalog.project.dir).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}
