//! `[flow]` in the text of a prodev.toml: which keys are to be said, and how they get into it with every comment kept. Pure.

use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

use crate::config::flow::Flow;
use crate::config::kind::{Kind, Preset, Strategy, Update};
use crate::config::value::Map;
use crate::error::{Failure, fail};

/// A key of the file, as `["flow", "main"]`, and what it is to be.
pub(super) type Setting = (Vec<String>, Value);

const COMMENT: &str = "# Git-Flow: which branches there are and how they come together. `prodev flow config` shows all that follows from it.\n";

/// All that has to be said so that `flow` holds, beside what its preset says.
pub(super) fn said(flow: &Flow) -> Vec<Setting> {
    let mut list: Vec<Setting> = Vec::new();
    let mut say = |path: &[&str], value: Value| list.push((path.iter().map(ToString::to_string).collect(), value));
    say(&["flow", "preset"], preset(flow.preset).into());
    say(&["flow", "main"], flow.main.as_str().into());
    if let Some(develop) = flow.develop() {
        say(&["flow", "develop"], develop.into());
    }
    if flow.remote != "origin" {
        say(&["flow", "remote"], flow.remote.as_str().into());
    }
    if !flow.tag_prefix.is_empty() {
        say(&["flow", "tag_prefix"], flow.tag_prefix.as_str().into());
    }
    for (name, is) in [("push", flow.push), ("keep", flow.keep)] {
        if is {
            say(&["flow", name], true.into());
        }
    }
    for (name, base) in &flow.bases {
        let parent = base.parent.as_deref().unwrap_or(&flow.main);
        say(&["flow", "bases", name, "parent"], parent.into());
    }
    let plain = Flow { kinds: Map::new(), ..flow.clone() }.kinds();
    for (name, kind) in flow.kinds() {
        let usual = plain.get(&name).cloned().unwrap_or_default();
        for (key, value) in different(&kind, &usual) {
            say(&["flow", "kinds", &name, key], value);
        }
    }
    list
}

/// As it is written.
pub(crate) fn preset(preset: Preset) -> &'static str {
    match preset {
        Preset::Gitflow => "gitflow",
        Preset::Github => "github",
        Preset::Gitlab => "gitlab",
    }
}

/// The keys in which a kind is otherwise than `usual`.
fn different(kind: &Kind, usual: &Kind) -> Vec<(&'static str, Value)> {
    let mut list: Vec<(&str, Value)> = Vec::new();
    let texts = [
        ("prefix", &kind.prefix, &usual.prefix),
        ("parent", &kind.parent, &usual.parent),
        ("start", &kind.start, &usual.start),
    ];
    for (key, is, was) in texts {
        list.extend(is.as_ref().filter(|_| is != was).map(|is| (key, is.as_str().into())));
    }
    if let Some(targets) = kind.merge_into.as_ref().filter(|_| kind.merge_into != usual.merge_into) {
        list.push(("merge_into", Value::Array(targets.iter().collect::<Array>())));
    }
    if let Some(strategy) = kind.strategy.filter(|_| kind.strategy != usual.strategy) {
        let name = match strategy {
            Strategy::Merge => "merge",
            Strategy::Squash => "squash",
            Strategy::Rebase => "rebase",
            Strategy::FfOnly => "ff-only",
        };
        list.push(("strategy", name.into()));
    }
    if let Some(update) = kind.update.filter(|_| kind.update != usual.update) {
        list.push(("update", if update == Update::Rebase { "rebase" } else { "merge" }.into()));
    }
    for (key, is, was) in
        [("tag", kind.tag, usual.tag), ("several", kind.several, usual.several), ("keep", kind.keep, usual.keep)]
    {
        list.extend(is.filter(|_| is != was).map(|is| (key, is.into())));
    }
    list
}

/// `source` with these keys set, and everything else as it is.
///
/// # Errors
/// Where it is no TOML, or something else than a table stands where one is needed.
pub(super) fn write(shown: &str, source: &str, settings: &[Setting]) -> Result<String, Failure> {
    let mut document: DocumentMut = source.parse().map_err(|error: toml_edit::TomlError| {
        fail(format!("`{shown}` is no TOML")).cause(error.message().to_owned())
    })?;
    let is_new = !document.contains_key("flow");
    for (path, new) in settings {
        set(document.as_item_mut(), path, new.clone())
            .ok_or_else(|| fail(format!("`{}` in `{shown}` is no table", path[..path.len() - 1].join("."))))?;
    }
    if is_new && let Some(table) = document.get_mut("flow").and_then(Item::as_table_mut) {
        let gap = if source.trim().is_empty() { "" } else { "\n" };
        table.decor_mut().set_prefix(format!("{gap}{COMMENT}"));
    }
    Ok(document.to_string())
}

fn set(mut item: &mut Item, path: &[String], new: Value) -> Option<()> {
    let (last, folders) = path.split_last()?;
    for (depth, name) in folders.iter().enumerate() {
        let table = item.as_table_like_mut()?;
        let is_outer = depth + 1 < folders.len();
        item = table.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            // `[flow.kinds]` says nothing that `[flow.kinds.feature]` does not say.
            table.set_implicit(is_outer && depth > 0);
            Item::Table(table)
        });
    }
    let table = item.as_table_like_mut()?;
    match table.get_mut(last).and_then(Item::as_value_mut) {
        Some(old) => {
            // Its comment stays.
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(last, value(new));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::project;

    fn setting(path: &str, value: &str) -> Setting {
        (path.split('.').map(str::to_owned).collect(), value.into())
    }

    #[test]
    fn a_new_file_says_what_is_not_usual() {
        let mut flow = Flow { main: "master".to_owned(), tag_prefix: "v".to_owned(), ..Flow::default() };
        let feature =
            Kind { prefix: Some("feat/".to_owned()), strategy: Some(super::Strategy::Squash), ..Kind::default() };
        flow.kinds.insert("feature".to_owned(), feature);
        let text = write("prodev.toml", "", &said(&flow)).unwrap();
        let expected = "[flow]\npreset = \"gitflow\"\nmain = \"master\"\ndevelop = \"develop\"\ntag_prefix = \"v\"\n\n\
                        [flow.kinds.feature]\nprefix = \"feat/\"\nstrategy = \"squash\"\n";
        assert_eq!(text, format!("{COMMENT}{expected}"));
        assert_eq!(project::policy("prodev.toml", &text).unwrap().flow.unwrap().kinds(), flow.kinds());
    }

    #[test]
    fn what_is_there_stays() {
        let source =
            "# mine\n[vars]\na = 'b' # so\n\n[flow] # ours\nmain = 'main'  # production\n[recipes.x]\nrun = 'y'\n";
        let text =
            write("prodev.toml", source, &[setting("flow.main", "trunk"), setting("flow.kinds.feature.prefix", "f/")]);
        let expected = "# mine\n[vars]\na = 'b' # so\n\n[flow] # ours\nmain = \"trunk\"  # production\n\n[flow.kinds.feature]\nprefix = \"f/\"\n\
                        [recipes.x]\nrun = 'y'\n";
        assert_eq!(text.unwrap(), expected);
        let text = write("prodev.toml", "flow = { main = 'a' }\n", &[setting("flow.main", "b")]).unwrap();
        assert_eq!(text, "flow = { main = \"b\" }\n");
        assert!(write("prodev.toml", "flow = 1\n", &[setting("flow.main", "b")]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            main in "[a-z]{1,8}", develop in "[A-Z]{1,8}", prefix in "[a-z]{1,4}[/-]", tag in "[vr-]{0,2}", keep in any::<bool>(),
        ) {
            prop_assume!(!tag.starts_with('-'));
            let mut flow = Flow { main, develop: Some(develop), tag_prefix: tag, keep, ..Flow::default() };
            flow.kinds.insert("bugfix".to_owned(), Kind { prefix: Some(prefix), keep: Some(true), ..Kind::default() });
            let text = write("prodev.toml", "[vars]\nx = '1'\n", &said(&flow)).unwrap();
            let read = project::policy("prodev.toml", &text).unwrap().flow.unwrap();
            prop_assert_eq!(read.effective(), flow.effective());
            prop_assert_eq!(write("prodev.toml", &text, &said(&flow)).unwrap(), text);
        }
    }
}
