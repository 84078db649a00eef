//! Recipes told one by one: what they take, what they run, what they wait for.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::catalog::{Catalog, Entry};
use super::graph::{Graph, Kind};
use super::list;
use crate::config::parameter::{FullParameter, Manner, ParameterType};
use crate::config::recipe::{Need, Run, Step};
use crate::config::value::Command;
use crate::error::{Exit, fail};
use crate::outcome::Outcome;
use crate::ui::style;

/// How a graph is drawn.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For a terminal
    Tree,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// An image
    Svg,
}

/// The name, and in capitals what follows it: `test [PATH] [EXTRA…] [--verbose]`.
pub(super) fn usage(entry: &Entry) -> String {
    let mut usage = entry.name.clone();
    for param in &entry.params {
        let upper = param.name.to_uppercase();
        let word = match param.manner() {
            Manner::Positional => upper,
            Manner::Variadic => format!("{upper}…"),
            Manner::Flag => format!("--{}", param.name),
            Manner::Option => format!("--{} {}", param.name, "VALUE"),
        };
        let _ = if param.is_required() { write!(usage, " {word}") } else { write!(usage, " [{word}]") };
    }
    usage
}

/// What `prodev run RECIPE --help` prints.
pub(super) fn help(catalog: &Catalog, at: usize) -> Outcome {
    let entry = &catalog.entries[at];
    let (bold, dim) = (style::BOLD, style::DIM);
    let mut text = String::new();
    if let Some(doc) = &entry.recipe.doc {
        let _ = writeln!(text, "{doc}\n");
    }
    let _ = writeln!(text, "{bold}Usage:{bold:#} prodev run {}", usage(entry));
    for (title, manners) in
        [("Arguments", [Manner::Positional, Manner::Variadic]), ("Options", [Manner::Flag, Manner::Option])]
    {
        let params: Vec<&FullParameter> = entry.params.iter().filter(|it| manners.contains(&it.manner())).collect();
        if params.is_empty() {
            continue;
        }
        let heads: Vec<String> = params.iter().map(|param| head(param)).collect();
        let width = heads.iter().map(|head| head.chars().count()).max().unwrap_or_default();
        let _ = writeln!(text, "\n{bold}{title}:{bold:#}");
        for (param, head) in params.iter().zip(heads) {
            let line = format!("  {head:<width$}  {}", about(param));
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    if !entry.recipe.alias.as_slice().is_empty() {
        let _ = writeln!(text, "\n{bold}Also called:{bold:#} {}", entry.recipe.alias.as_slice().join(", "));
    }
    let needs: Vec<&str> = entry.recipe.needs.iter().map(need).collect();
    if !needs.is_empty() {
        let _ = writeln!(text, "\n{dim}It runs {} first.{dim:#}", needs.join(", "));
    }
    Outcome::answer(text, list::data(entry))
}

fn need(need: &Need) -> &str {
    match need {
        Need::Name(name) => name,
        Need::Call(call) => &call.recipe,
    }
}

fn head(param: &FullParameter) -> String {
    let short = param.short.as_ref().map(|short| format!("-{short}, ")).unwrap_or_default();
    match param.manner() {
        Manner::Positional => param.name.to_uppercase(),
        Manner::Variadic => format!("{}…", param.name.to_uppercase()),
        Manner::Flag => format!("{short}--{}", param.name),
        Manner::Option => format!("{short}--{} VALUE", param.name),
    }
}

/// What is said of a parameter, and what it can be.
fn about(param: &FullParameter) -> String {
    let mut notes = Vec::new();
    if !param.choices.is_empty() && !param.secret {
        let choices: Vec<String> = param.choices.iter().map(ToString::to_string).collect();
        notes.push(format!("one of {}", choices.join(", ")));
    }
    match param.kind {
        ParameterType::Int => notes.push("a whole number".to_owned()),
        ParameterType::Float => notes.push("a number".to_owned()),
        ParameterType::Bool => notes.push("true or false".to_owned()),
        ParameterType::String | ParameterType::Path => {}
    }
    if let Some(default) = param.default.as_ref().filter(|_| !param.secret && !param.flag) {
        notes.push(format!("default: {default}"));
    }
    if let Some(env) = &param.env {
        notes.push(format!("from {env}"));
    }
    let notes = if notes.is_empty() { String::new() } else { format!("[{}]", notes.join("; ")) };
    format!("{} {notes}", param.doc.as_deref().unwrap_or_default()).trim().to_owned()
}

/// What `--show` prints of the recipes that `words` name.
pub(super) fn show(words: &[String], catalog: &Catalog) -> anyhow::Result<Outcome> {
    if words.is_empty() {
        return Err(fail("`--show` needs a recipe").exit(Exit::Usage).hint("`prodev run --show RECIPE`").into());
    }
    let mut text = String::new();
    let mut list = Vec::new();
    for name in words {
        let entry = &catalog.entries[catalog.get(name)?];
        if !text.is_empty() {
            text.push('\n');
        }
        describe(entry, &mut text);
        let mut data = list::data(entry);
        data["run"] = json!(entry.recipe.run);
        data["script"] = json!(entry.recipe.script);
        list.push(data);
    }
    Ok(Outcome::answer(text, json!({ "recipes": list })))
}

fn describe(entry: &Entry, text: &mut String) {
    let (bold, dim) = (style::BOLD, style::DIM);
    let line = crate::config::tree::Tree::of(&entry.file.shown, &entry.file.source).line(&entry.path(&[]));
    let place = line.map(|line| format!(":{line}")).unwrap_or_default();
    let _ = writeln!(text, "{bold}{}{bold:#}  {dim}{}{place}{dim:#}", usage(entry), entry.file.shown);
    if let Some(doc) = &entry.recipe.doc {
        let _ = writeln!(text, "  {doc}");
    }
    for (title, needs) in [("needs", &entry.recipe.needs), ("after", &entry.recipe.after)] {
        if !needs.is_empty() {
            let names: Vec<&str> = needs.iter().map(need).collect();
            let _ = writeln!(text, "  {title}: {}", names.join(", "));
        }
    }
    let mut indented = |body: &str| {
        for line in body.trim_matches('\n').lines() {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        }
    };
    match &entry.recipe.run {
        Some(Run::Script(script)) => indented(script),
        Some(Run::Words(words)) => indented(&words.join(" ")),
        Some(Run::Steps(steps)) => {
            for step in steps {
                match step {
                    Step::Words(words) => indented(&words.join(" ")),
                    Step::Full(full) => match &full.run {
                        Command::Script(script) => indented(script),
                        Command::Words(words) => indented(&words.join(" ")),
                    },
                }
            }
        }
        None => indented(entry.recipe.script.as_deref().unwrap_or_default()),
    }
}

/// What waits for what.
pub(super) fn graph(catalog: &Catalog, graph: &Graph, format: Format) -> Outcome {
    let text = match format {
        Format::Tree => tree(graph),
        Format::Dot => dot(graph),
        Format::Mermaid => mermaid(graph),
        Format::Svg => super::picture::svg(graph),
    };
    let nodes: Vec<Value> = graph
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            let skipped = if let Kind::Skip(reason) = &node.kind { Some(reason) } else { None };
            json!({
                "id": at,
                "recipe": catalog.entries[node.entry].name,
                "label": node.label,
                "runs": node.kind == Kind::Run,
                "skipped": skipped,
                "needs": node.needs,
                "awaits": node.awaits,
            })
        })
        .collect();
    Outcome::answer(text, json!({ "nodes": nodes }))
}

/// Each named recipe with all that it needs below it; what was shown already is not shown again.
fn tree(graph: &Graph) -> String {
    let mut text = String::new();
    let mut seen = vec![false; graph.nodes.len()];
    let roots = graph.nodes.iter().enumerate().filter(|(_, node)| node.is_named).map(|(at, _)| at);
    let roots = roots.collect::<Vec<_>>();
    let mut open: Vec<(usize, String, String)> =
        roots.into_iter().rev().map(|at| (at, String::new(), String::new())).collect();
    while let Some((at, lead, indent)) = open.pop() {
        let node = &graph.nodes[at];
        let remark = match &node.kind {
            Kind::Skip(reason) => format!("  (skipped: {reason})"),
            _ if seen[at] && !node.needs.is_empty() => "  (see above)".to_owned(),
            _ => String::new(),
        };
        let _ = writeln!(text, "{lead}{}{}{remark}{:#}", style::BOLD, node.label, style::BOLD);
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        for (index, need) in node.needs.iter().enumerate().rev() {
            let is_last = index + 1 == node.needs.len();
            let (branch, below) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
            open.push((*need, format!("{indent}{branch}"), format!("{indent}{below}")));
        }
    }
    text
}

fn dot(graph: &Graph) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = "digraph recipes {\n  rankdir = LR\n  node [shape = box]\n".to_owned();
    for (at, node) in graph.nodes.iter().enumerate() {
        let style = if node.kind == Kind::Run { "" } else { ", style = dashed" };
        let _ = writeln!(text, "  n{at} [label = {}{style}]", quoted(&node.label));
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        for need in &node.needs {
            let _ = writeln!(text, "  n{need} -> n{at}");
        }
        for before in &node.awaits {
            let _ = writeln!(text, "  n{before} -> n{at} [style = dotted]");
        }
    }
    text + "}\n"
}

fn mermaid(graph: &Graph) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "#quot;"));
    let mut text = "flowchart LR\n".to_owned();
    for (at, node) in graph.nodes.iter().enumerate() {
        let _ = writeln!(text, "  n{at}[{}]", quoted(&node.label));
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        for need in &node.needs {
            let _ = writeln!(text, "  n{need} --> n{at}");
        }
        for before in &node.awaits {
            let _ = writeln!(text, "  n{before} -.-> n{at}");
        }
    }
    text
}
