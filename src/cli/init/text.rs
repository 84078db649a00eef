//! What was found, as a `prodev.toml` that explains itself.

use std::fmt::Write as _;

use super::branching::{Branching, Kind, Message};
use super::recipes::Suggestion;
use super::variables::{Variable, Variables};
use super::{Found, Role, import};
use crate::config::environment::VariableType;
use crate::config::message;

/// The whole file.
pub(super) fn write(found: &Found, role: Role) -> String {
    let mut text = match role {
        Role::Root => format!(
            "# What prodev knows of this project. `prodev config show` tells what follows from it,\n\
             # and `prodev config schema` describes every key.\n\n\
             [settings]\nprodev = {}\n",
            string(&format!(">={}", env!("CARGO_PKG_VERSION")))
        ),
        Role::Nested => "# What prodev knows of this directory, beside the root file of the project.\n\
                         # `prodev config schema --nested` describes every key.\n"
            .to_owned(),
    };
    if let Some(branching) = &found.branching {
        flow(&mut text, branching);
    }
    environment(&mut text, &found.variables);
    match &found.imported {
        Some(imported) => import::write(&mut text, imported),
        None => recipes(&mut text, &found.recipes),
    }
    if !found.notes.is_empty() {
        text.push('\n');
        for note in &found.notes {
            let _ = writeln!(text, "# {note}");
        }
    }
    text
}

fn flow(text: &mut String, found: &Branching) {
    let of = if found.is_from_git_flow { ", as git-flow is configured here" } else { "" };
    let _ = writeln!(text, "\n# How branches come together{of}. Branches and messages are held against it.\n[flow]");
    if found.develop.is_none() {
        let _ = writeln!(
            text,
            "preset = \"github\"  # topic branches on {}; \"gitflow\" adds develop and releases",
            plain(&found.main)
        );
    }
    let doubt = found.doubt.as_ref().map(|doubt| format!("  # {}", plain(doubt))).unwrap_or_default();
    let _ = writeln!(text, "main = {}{doubt}", string(&found.main));
    if let Some(develop) = &found.develop {
        let _ = writeln!(text, "develop = {}", string(develop));
    }
    if let Some(remote) = &found.remote {
        let _ = writeln!(text, "remote = {}", string(remote));
    }
    if let Some(prefix) = &found.tag_prefix {
        let _ = writeln!(text, "tag_prefix = {}", string(prefix));
    }
    for (name, kind) in &found.kinds {
        write_kind(text, name, kind);
    }
    if let Some(message) = &found.message {
        write_message(text, message);
    }
}

fn write_kind(text: &mut String, name: &str, kind: &Kind) {
    let note = match kind.count {
        0 => String::new(),
        1 => "  # 1 branch".to_owned(),
        count => format!("  # {count} branches"),
    };
    let _ = writeln!(text, "\n[flow.kinds.{name}]\nprefix = {}{note}", string(&kind.prefix));
}

fn write_message(text: &mut String, found: &Message) {
    let usual = message::Message::default();
    text.push_str("\n# Messages here are `type(scope): subject`.\n[flow.message]\n");
    if !found.types.is_empty() {
        let types: Vec<String> = usual.types.iter().chain(&found.types).map(|kind| string(kind)).collect();
        let _ = writeln!(text, "types = [{}]", types.join(", "));
    }
    let _ = writeln!(text, "max_length = {}", found.max_length.unwrap_or(usual.max_length));
}

fn environment(text: &mut String, found: &Variables) {
    if found.list.is_empty() {
        return;
    }
    let files = found.files.join(" and ");
    let _ = writeln!(text, "\n# The variables of {files} and what they may be.\n[env]");
    if !found.dialects.is_empty() {
        let names: Vec<String> = found.dialects.iter().map(|name| string(name)).collect();
        let _ = writeln!(text, "dialects = [{}]  # who reads the files", names.join(", "));
    }
    if let Some(order) = found.order {
        let _ = writeln!(text, "order = {}", string(order));
    }
    for variable in &found.list {
        write_variable(text, variable);
    }
}

fn write_variable(text: &mut String, found: &Variable) {
    let _ = writeln!(text, "\n[env.vars.{}]", found.name);
    if let Some(doc) = &found.doc {
        let _ = writeln!(text, "doc = {}", string(doc));
    }
    let kind = match found.kind {
        VariableType::Bool => "bool",
        VariableType::Int => "int",
        VariableType::Port => "port",
        VariableType::Url => "url",
        VariableType::Email => "email",
        _ => "string",
    };
    let _ = writeln!(text, "type = \"{kind}\"");
    if found.secret {
        text.push_str("secret = true\n");
    }
    if let Some(example) = &found.example {
        let _ = writeln!(text, "example = {}", string(example));
    }
}

fn recipes(text: &mut String, found: &[Suggestion]) {
    text.push_str("\n# Recipes: commands by name.\n");
    if found.is_empty() {
        text.push_str("#\n# [recipes.test]\n# doc = \"Run the tests\"\n# run = \"./test.sh\"\n");
        return;
    }
    let mut source = "";
    for recipe in found {
        if recipe.source != source {
            source = recipe.source;
            let _ = writeln!(text, "# From {source}:");
        }
        let _ = writeln!(text, "[recipes.{}]", key(&recipe.name));
        if !recipe.doc.is_empty() {
            let _ = writeln!(text, "doc = {}", string(&recipe.doc));
        }
        let _ = writeln!(text, "run = {}\n", string(&recipe.run));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

/// A TOML string in one line, whatever is in it.
fn string(value: &str) -> String {
    let one_line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    toml_edit::Value::from(one_line).to_string()
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).to_string()
}

/// A text that can stand in a comment.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
