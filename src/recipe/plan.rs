//! What would run: the schedule of a dry run, and what must be there before anything is begun.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::call::Value as Held;
use super::catalog::Catalog;
use super::graph::{Graph, Kind};
use super::layered::Layered;
use super::scope::Scope;
use super::script;
use super::variables::Variables;
use crate::config::condition::{FullTool, Requires, Tool};
use crate::config::recipe::Recipe;
use crate::ctx;
use crate::error::{ENVIRONMENT, Exit, Failure, Problem};
use crate::outcome::Outcome;
use crate::ui::style;

/// The steps in the order in which they would start, told in waves: what is in one can run side by side.
///
/// # Errors
/// Where a recipe cannot be made ready, or needs what is not there.
pub(super) fn plan(
    catalog: &Catalog,
    variables: &Variables,
    graph: &Graph,
    layered: &Layered,
    jobs: usize,
) -> anyhow::Result<Outcome> {
    present(catalog, graph, layered)?;
    let mut text = String::new();
    let mut list = Vec::new();
    for (number, wave) in waves(graph).into_iter().enumerate() {
        for at in wave {
            let node = &graph.nodes[at];
            let entry = &catalog.entries[node.entry];
            let scope = Scope { catalog, variables, entry, values: &node.values, axes: &node.axes };
            if let Kind::Skip(reason) = &node.kind {
                let _ = writeln!(text, "{:>3}  {}  (skipped: {reason})", number + 1, node.label);
                list.push(json!({ "wave": number + 1, "recipe": node.label, "skipped": reason }));
                continue;
            }
            if node.kind != Kind::Run {
                continue;
            }
            let mut commands: Vec<String> = script::main(&scope)?.into_iter().map(|step| step.shown).collect();
            commands.extend(script::finally(&scope)?.map(|step| format!("finally: {}", step.shown)));
            let _ = writeln!(text, "{:>3}  {}{}{:#}", number + 1, style::BOLD, node.label, style::BOLD);
            for command in &commands {
                let _ = writeln!(text, "       {command}");
            }
            let given: serde_json::Map<String, Value> = entry
                .params
                .iter()
                .zip(&node.values)
                .map(|(param, value)| {
                    let value = match value {
                        _ if param.secret => json!("********"),
                        Held::One(value) => json!(value),
                        Held::Many(values) => json!(values),
                    };
                    (param.name.clone(), value)
                })
                .collect();
            list.push(json!({ "wave": number + 1, "recipe": node.label, "values": given, "commands": commands }));
        }
    }
    Ok(Outcome::answer(text, json!({ "dry_run": true, "jobs": jobs, "steps": list })))
}

/// The nodes by how much is before them.
pub(super) fn waves(graph: &Graph) -> Vec<Vec<usize>> {
    let mut depth = vec![0; graph.nodes.len()];
    let mut waves: Vec<Vec<usize>> = Vec::new();
    for at in graph.order() {
        let node = &graph.nodes[at];
        let before = node.needs.iter().chain(&node.awaits);
        // What runs nothing takes no time.
        let behind = before.map(|it| depth[*it] + usize::from(graph.nodes[*it].kind == Kind::Run));
        depth[at] = behind.max().unwrap_or_default();
        waves.resize_with(waves.len().max(depth[at] + 1), Vec::new);
        waves[depth[at]].push(at);
    }
    waves
}

/// Whether all tools and variables that recipes require are there; versions are not asked for.
///
/// # Errors
/// One failure (exit 122) of all that is missing.
fn present(catalog: &Catalog, graph: &Graph, layered: &Layered) -> Result<(), Failure> {
    judge(catalog, graph, layered, |_, _, _| None)
}

/// Whether all that recipes require is there, in versions that will do.
///
/// # Errors
/// As [`present`].
pub(super) fn check(catalog: &Catalog, graph: &Graph, layered: &Layered) -> Result<(), Failure> {
    let mut known: HashMap<Asked, Result<semver::Version, String>> = HashMap::new();
    judge(catalog, graph, layered, |name, path, tool| {
        let wanted = tool.version.as_deref().filter(|version| *version != "*")?;
        let found = known.entry((name.to_owned(), tool.command.clone())).or_insert_with(|| ask(path, tool));
        match found {
            Ok(version) if semver::VersionReq::parse(wanted).is_ok_and(|wanted| matches(&wanted, version)) => None,
            Ok(version) => Some(format!("`{name}` is there in version {version}, not {wanted}")),
            Err(reason) => Some(format!("the version of `{name}` could not be found out: {reason}")),
        }
    })
}

/// A tool, and what is run to hear its version.
type Asked = (String, Option<Vec<String>>);

/// A version before a release is as good as the release: nobody writes requirements with these in mind.
fn matches(wanted: &semver::VersionReq, version: &semver::Version) -> bool {
    wanted.matches(version) || wanted.matches(&semver::Version::new(version.major, version.minor, version.patch))
}

fn judge(
    catalog: &Catalog,
    graph: &Graph,
    layered: &Layered,
    mut version: impl FnMut(&str, &PathBuf, &FullTool) -> Option<String>,
) -> Result<(), Failure> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut done = std::collections::HashSet::new();
    for node in graph.nodes.iter().filter(|node| node.kind == Kind::Run) {
        let entry = &catalog.entries[node.entry];
        let Some(requires) = entry.recipe.requires.as_deref().filter(|_| done.insert(node.entry)) else { continue };
        let (tools, variables): (Vec<(String, FullTool)>, &[String]) = match requires {
            Requires::Tools(names) => (names.iter().map(|name| (name.clone(), FullTool::default())).collect(), &[]),
            Requires::Full(full) => {
                (full.tools.iter().map(|(name, tool)| (name.clone(), whole(tool))).collect(), &full.env)
            }
        };
        for (name, tool) in tools {
            let problem = match script::on_path(&name) {
                None => Some(format!("`{}` needs `{name}`, which is not on `PATH`", entry.name)),
                Some(path) => version(&name, &path, &tool).map(|reason| format!("`{}`: {reason}", entry.name)),
            };
            problems.extend(problem.map(|message| Problem { message, place: None, hint: tool.hint.clone() }));
        }
        let loaded = layered.of(entry, catalog)?;
        let is_set = |name: &str| ctx::variable(name).is_some() || loaded.get(name).is_some();
        for name in variables.iter().filter(|name| !is_set(name)) {
            let message = format!("`{}` needs the environment variable `{name}`", entry.name);
            problems.push(Problem::new(message).hint(format!("set it: `{name}=… prodev run …`")));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::of(format!("{} things that recipes need are missing", problems.len()), problems)
        .exit(Exit::Own(ENVIRONMENT)))
}

/// The tools that a recipe requires, each with its version; with its place, size and time where it tells none.
pub(super) fn versions(recipe: &Recipe) -> BTreeMap<String, String> {
    let tools: Vec<(String, FullTool)> = match recipe.requires.as_deref() {
        None => Vec::new(),
        Some(Requires::Tools(names)) => names.iter().map(|name| (name.clone(), FullTool::default())).collect(),
        Some(Requires::Full(full)) => full.tools.iter().map(|(name, tool)| (name.clone(), whole(tool))).collect(),
    };
    let version = |(name, tool): (String, FullTool)| {
        let Some(path) = script::on_path(&name) else { return (name, "(none)".to_owned()) };
        let seen = || {
            let meta = std::fs::metadata(&path);
            meta.map_or(String::new(), |it| format!("{} {} {:?}", path.display(), it.len(), it.modified().ok()))
        };
        let version = ask(&path, &tool).map_or_else(|_| seen(), |version| version.to_string());
        (name, version)
    };
    tools.into_iter().map(version).collect()
}

fn whole(tool: &Tool) -> FullTool {
    match tool {
        Tool::Version(version) => FullTool { version: Some(version.clone()), ..FullTool::default() },
        Tool::Full(full) => full.clone(),
    }
}

/// The first version in what a tool says of itself.
fn ask(path: &PathBuf, tool: &FullTool) -> Result<semver::Version, String> {
    let mut command = if let Some((program, arguments)) = tool.command.as_deref().and_then(<[String]>::split_first) {
        let mut command = command(program);
        command.args(arguments);
        command
    } else {
        let mut command = command(path);
        command.arg("--version");
        command
    };
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    let said = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    version(&said).ok_or_else(|| "it prints none".to_owned())
}

#[allow(clippy::disallowed_methods, reason = "tools are asked for their versions before recipes run them")]
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

/// The first thing in `text` that reads as a version: one to three numbers, and what may stand behind them.
fn version(text: &str) -> Option<semver::Version> {
    let words = text.split(|c: char| c.is_whitespace() || "(),;\"'/".contains(c));
    words.filter(|word| word.contains('.')).find_map(|word| {
        let word = word.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end_matches('.');
        let end = word.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(word.len());
        let mut numbers = word[..end].split('.').map(|number| number.parse().ok());
        let major: u64 = numbers.next()??;
        let mut next = || numbers.next().flatten().unwrap_or_default();
        Some(semver::Version::new(major, next(), next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_say() {
        let cases = [
            ("git version 2.39.5", Some("2.39.5")),
            ("Python 3.12.1", Some("3.12.1")),
            ("v20.11.0", Some("20.11.0")),
            ("cargo 1.95.0 (abc 2026-01-01)", Some("1.95.0")),
            ("Docker version 24.0.7, build afdd53b", Some("24.0.7")),
            ("GNU Make 4.3\nBuilt for x86_64", Some("4.3.0")),
            ("jq-1.7.1", Some("1.7.1")),
            ("no idea", None),
        ];
        for (text, expected) in cases {
            assert_eq!(version(text).map(|it| it.to_string()).as_deref(), expected, "{text}");
        }
    }
}
