//! What will run, and what waits for what. A call of a recipe is there once for each set of arguments, however many need it.

use std::collections::HashMap;

use super::bind::Sources;
use super::call::{Typed, Value};
use super::catalog::Entry;
use super::repeat;
use super::scope::Scope;
use super::when::{self, Verdict};
use crate::config::recipe::Need;
use crate::config::value::Map;
use crate::error::{Exit, fail, listed};

/// All calls, each behind those that it needs.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
}

/// One call of a recipe.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) entry: usize,
    pub(super) values: Vec<Value>,
    /// Of `matrix` and `for_each`.
    pub(super) axes: Vec<(String, String)>,
    pub(super) kind: Kind,
    /// What it is called in output.
    pub(super) label: String,
    /// What must have succeeded before.
    pub(super) needs: Vec<usize>,
    /// Those of `needs` that it comes `after`: they ask for it, and not it for them.
    pub(super) follows: Vec<usize>,
    /// What must be over before, however it ended.
    pub(super) awaits: Vec<usize>,
    /// The user named it.
    pub(super) is_named: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something to run.
    Run,
    /// Nothing to run: it is over when all are that it waits for.
    Join,
    /// Its `when` does not hold; the reason.
    Skip(String),
}

/// A call: the recipe, its values, and the axes of one instance where it is repeated.
type Key = (usize, Vec<Value>, Option<Vec<(String, String)>>);

/// What is done about needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Run,
    /// `--no-deps`
    Leave,
}

/// How calls from the command line follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sequence {
    OneByOne,
    SideBySide,
}

/// Makes the graph of `calls`.
pub(super) struct Builder<'a, 'b> {
    pub(super) sources: Sources<'a, 'b>,
    pub(super) needs: Needs,
    graph: Graph,
    /// The node that stands for a call.
    known: HashMap<Key, usize>,
    /// Calls that follow the success of a node.
    after: Vec<(usize, Key)>,
}

/// A call whose needs are being looked at.
struct Frame {
    key: Key,
    needs: Vec<Key>,
    found: Vec<usize>,
    /// How many nodes there were before the current need was looked at.
    start: usize,
    is_ordered: bool,
    skip: Option<String>,
}

impl<'a, 'b> Builder<'a, 'b> {
    pub(super) fn new(sources: Sources<'a, 'b>, needs: Needs) -> Self {
        Self { sources, needs, graph: Graph::default(), known: HashMap::new(), after: Vec::new() }
    }

    /// The graph of what was typed.
    ///
    /// # Errors
    /// Values that are missing or cannot be, variables that cannot be found out, recipes that wait for each other.
    pub(super) fn build(self, calls: &[Typed], sequence: Sequence) -> anyhow::Result<Graph> {
        let mut keys = Vec::with_capacity(calls.len());
        for call in calls {
            keys.push((call.entry, self.sources.typed(call)?, None));
        }
        self.build_keys(keys, sequence)
    }

    /// The graph of one call by a recipe, for its `finally`.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub(super) fn build_call(self, entry: usize, values: Vec<Value>) -> anyhow::Result<Graph> {
        self.build_keys(vec![(entry, values, None)], Sequence::OneByOne)
    }

    fn build_keys(mut self, keys: Vec<Key>, sequence: Sequence) -> anyhow::Result<Graph> {
        let mut barrier: Option<usize> = None;
        let count = keys.len();
        for (at, key) in keys.into_iter().enumerate() {
            let start = self.graph.nodes.len();
            let mut ends = vec![self.resolve(key)?];
            self.graph.nodes[ends[0]].is_named = true;
            ends.extend(self.follow()?);
            if sequence == Sequence::SideBySide {
                continue;
            }
            if let Some(barrier) = barrier {
                for node in &mut self.graph.nodes[start..] {
                    node.awaits.push(barrier);
                }
            }
            if at + 1 < count {
                let entry = self.graph.nodes[ends[0]].entry;
                barrier = Some(self.add(entry, Vec::new(), Vec::new(), Kind::Join));
                let last = self.graph.nodes.len() - 1;
                self.graph.nodes[last].awaits = ends;
            }
        }
        self.label();
        self.check()?;
        Ok(self.graph)
    }

    /// Takes in what follows nodes, and what follows that.
    fn follow(&mut self) -> anyhow::Result<Vec<usize>> {
        let mut found = Vec::new();
        while let Some((node, key)) = self.after.pop() {
            let next = self.resolve(key)?;
            if !self.graph.nodes[next].needs.contains(&node) {
                self.graph.nodes[next].needs.push(node);
                self.graph.nodes[next].follows.push(node);
            }
            found.push(next);
        }
        Ok(found)
    }

    /// The node of a call; it and all that it needs are made where they are not there. A stack of its own: chains can be long.
    fn resolve(&mut self, key: Key) -> anyhow::Result<usize> {
        if let Some(node) = self.known.get(&key) {
            return Ok(*node);
        }
        let mut frames = vec![self.open(key)?];
        loop {
            let Some(frame) = frames.last_mut() else { return Err(anyhow::anyhow!("a call was lost")) };
            let Some(next) = frame.needs.get(frame.found.len()).cloned() else {
                let Some(frame) = frames.pop() else { continue };
                let node = self.close(frame)?;
                let Some(above) = frames.last_mut() else { return Ok(node) };
                Self::found(&mut self.graph, above, node);
                continue;
            };
            if let Some(node) = self.known.get(&next).copied() {
                Self::found(&mut self.graph, frame, node);
            } else {
                frames.push(self.open(next)?);
            }
        }
    }

    /// A need has its node. In an ordered recipe all that it brought waits for the need before it.
    fn found(graph: &mut Graph, frame: &mut Frame, node: usize) {
        if let Some(before) = frame.found.last().copied().filter(|_| frame.is_ordered) {
            if node < frame.start {
                let done = graph.closure(before);
                for at in graph.closure(node) {
                    if !done.contains(&at) {
                        graph.nodes[at].awaits.push(before);
                    }
                }
            } else {
                for at in frame.start..=node {
                    graph.nodes[at].awaits.push(before);
                }
            }
        }
        frame.found.push(node);
        frame.start = graph.nodes.len();
    }

    fn open(&self, key: Key) -> anyhow::Result<Frame> {
        let (index, values, axes) = &key;
        let entry = &self.sources.catalog.entries[*index];
        let recipe = entry.recipe;
        let start = self.graph.nodes.len();
        let scope = self.scope(entry, values, axes.as_deref().unwrap_or_default());
        if axes.is_none() && repeat::is_repeated(recipe) {
            let instances = repeat::instances(&scope)?;
            let needs = instances.into_iter().map(|axes| (*index, values.clone(), Some(axes))).collect();
            return Ok(Frame { key, needs, found: Vec::new(), start, is_ordered: false, skip: None });
        }
        let when = recipe.when.as_deref().filter(|_| !self.sources.variables.is_for_export());
        if let Some(Verdict::No(reason)) = when.map(|when| when::judge(when, &scope)).transpose()? {
            return Ok(Frame {
                key,
                needs: Vec::new(),
                found: Vec::new(),
                start,
                is_ordered: false,
                skip: Some(reason),
            });
        }
        let needs = if self.needs == Needs::Run { self.keys(&recipe.needs, &scope)? } else { Vec::new() };
        Ok(Frame { key, needs, found: Vec::new(), start, is_ordered: recipe.ordered, skip: None })
    }

    fn close(&mut self, frame: Frame) -> anyhow::Result<usize> {
        let (index, values, axes) = frame.key.clone();
        let recipe = self.sources.catalog.entries[index].recipe;
        let is_whole = axes.is_none();
        let is_group = is_whole && repeat::is_repeated(recipe);
        let kind = match frame.skip {
            Some(reason) => Kind::Skip(reason),
            None if is_group || (recipe.run.is_none() && recipe.script.is_none() && recipe.finally.is_none()) => {
                Kind::Join
            }
            None => Kind::Run,
        };
        let is_skipped = matches!(kind, Kind::Skip(_));
        let node = self.add(index, values.clone(), axes.unwrap_or_default(), kind);
        let mut needs = frame.found;
        needs.dedup();
        self.graph.nodes[node].needs = needs;
        self.known.insert(frame.key, node);
        if is_whole && !is_skipped && self.needs == Needs::Run && !recipe.after.is_empty() {
            let entry = &self.sources.catalog.entries[index];
            let scope = self.scope(entry, &values, &[]);
            let keys = self.keys(&recipe.after, &scope)?;
            self.after.extend(keys.into_iter().rev().map(|key| (node, key)));
        }
        Ok(node)
    }

    fn scope<'c>(&'c self, entry: &'c Entry<'b>, values: &'c [Value], axes: &'c [(String, String)]) -> Scope<'c, 'b> {
        Scope { catalog: self.sources.catalog, variables: self.sources.variables, entry, values, axes }
    }

    fn keys(&self, needs: &[Need], scope: &Scope) -> anyhow::Result<Vec<Key>> {
        let none = Map::new();
        let mut keys = Vec::with_capacity(needs.len());
        for need in needs {
            let (name, with) = match need {
                Need::Name(name) => (name, &none),
                Need::Call(call) => (&call.recipe, &call.with),
            };
            let Some(index) = self.sources.catalog.find_in(&scope.entry.file.namespace, name) else {
                return Err(fail(format!("there is no recipe `{name}`")).exit(Exit::Usage).into());
            };
            let values = self.sources.with(&self.sources.catalog.entries[index], with, Some(scope))?;
            keys.push((index, values, None));
        }
        Ok(keys)
    }

    fn add(&mut self, entry: usize, values: Vec<Value>, axes: Vec<(String, String)>, kind: Kind) -> usize {
        let (label, needs, follows, awaits) = (String::new(), Vec::new(), Vec::new(), Vec::new());
        self.graph.nodes.push(Node { entry, values, axes, kind, label, needs, follows, awaits, is_named: false });
        self.graph.nodes.len() - 1
    }

    /// Names nodes: by the recipe, its axes, and its values where it is there more than once.
    fn label(&mut self) {
        let mut counts: HashMap<(usize, Vec<(String, String)>), usize> = HashMap::new();
        for node in self.graph.nodes.iter().filter(|node| node.kind != Kind::Join) {
            *counts.entry((node.entry, node.axes.clone())).or_default() += 1;
        }
        for node in &mut self.graph.nodes {
            let entry = &self.sources.catalog.entries[node.entry];
            node.label.clone_from(&entry.name);
            let mut parts: Vec<String> = node.axes.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if counts.get(&(node.entry, node.axes.clone())).is_some_and(|count| *count > 1) {
                let given = entry.params.iter().zip(&node.values).filter(|(_, value)| !value.joined().is_empty());
                parts.extend(given.map(|(param, value)| {
                    let value = if param.secret { "********".to_owned() } else { value.joined() };
                    format!("{}={value}", param.name)
                }));
            }
            if !parts.is_empty() {
                node.label = format!("{} [{}]", entry.name, parts.join(" "));
            }
        }
    }

    /// Orders that contradict each other would wait for ever.
    fn check(&self) -> anyhow::Result<()> {
        let order = self.graph.order();
        if order.len() == self.graph.nodes.len() {
            return Ok(());
        }
        let done: std::collections::HashSet<usize> = order.into_iter().collect();
        let stuck =
            self.graph.nodes.iter().enumerate().filter(|(at, node)| !done.contains(at) && node.kind == Kind::Run);
        let names: Vec<&str> = stuck.map(|(_, node)| node.label.as_str()).take(8).collect();
        Err(fail(format!("these recipes wait for each other: {}", listed(&names)))
            .exit(Exit::Usage)
            .hint("`ordered = true` and `after` of several recipes ask for opposite orders")
            .into())
    }
}

impl Graph {
    /// A node and all that it needs, directly or not.
    fn closure(&self, node: usize) -> std::collections::HashSet<usize> {
        let mut found = std::collections::HashSet::from([node]);
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            open.extend(self.nodes[at].needs.iter().filter(|need| found.insert(**need)));
        }
        found
    }

    /// For each node, who waits for it; and for how many each of them waits.
    pub(super) fn waiting(&self) -> (Vec<Vec<usize>>, Vec<usize>) {
        let mut dependents = vec![Vec::new(); self.nodes.len()];
        let mut counts = vec![0; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            for before in node.needs.iter().chain(&node.awaits) {
                dependents[*before].push(at);
                counts[at] += 1;
            }
        }
        (dependents, counts)
    }

    /// The nodes in the order in which one job would run them.
    pub(super) fn order(&self) -> Vec<usize> {
        let (dependents, mut counts) = self.waiting();
        let mut ready: std::collections::BTreeSet<usize> =
            (0..self.nodes.len()).filter(|at| counts[*at] == 0).collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(at) = ready.pop_first() {
            order.push(at);
            for next in &dependents[at] {
                counts[*next] -= 1;
                if counts[*next] == 0 {
                    ready.insert(*next);
                }
            }
        }
        order
    }
}
