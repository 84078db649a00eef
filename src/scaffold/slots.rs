//! Slots of shared files, and the fragments with which components fill them.
//!
//! `fragments/SLOT/COMPONENT.ext[.jinja]` is what a component puts into a slot; `A+B` is what two components together put there. A slot
//! that stands alone on its line stands for whole lines: indented as it is, and gone where nobody fills it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Kwargs, from_args};
use minijinja::{Error, ErrorKind, Value};

use super::components::Selection;
use super::jinja::Jinja;
use super::manifest::Delimiters;
use super::render::SUFFIX;
use super::source::{Source, SourceFile, Template};
use crate::error::{Problem, nearest};

/// The texts in each slot, in the order of their components. A slot that nobody fills is there, empty.
type Filled = BTreeMap<String, Vec<String>>;

/// The function that `alone_on_its_line` puts in the place of `slot`.
const LINES: &str = "__slot_lines";

/// Renders the fragments of the selected components and gives the template the function `slot`.
///
/// # Errors
/// All fragments that are wrong.
pub(super) fn fill(
    template: &Template,
    jinja: &mut Jinja,
    selection: &Selection,
    context: &Value,
) -> Result<(), Vec<Problem>> {
    let order: Vec<&str> = template.manifest.components.keys().map(String::as_str).collect();
    let mut problems = Vec::new();
    let mut found: BTreeMap<String, Vec<(usize, &SourceFile, bool)>> = BTreeMap::new();
    for file in &template.fragments {
        match place(file, &order) {
            Ok((slot, owners)) => {
                let position = owners
                    .iter()
                    .filter_map(|owner| order.iter().position(|name| name == owner))
                    .max()
                    .unwrap_or_default();
                let wanted = owners.iter().all(|owner| selection.has(owner));
                found.entry(slot.to_owned()).or_default().push((position, file, wanted));
            }
            Err(problem) => problems.push(problem),
        }
    }
    let mut filled = Filled::new();
    for (slot, mut fragments) in found {
        fragments.sort_by_key(|(position, file, _)| (*position, file.path.clone()));
        let texts = filled.entry(slot).or_default();
        for (_, file, _) in fragments.iter().filter(|(_, _, wanted)| *wanted) {
            match render(template, jinja, file, context) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) if text.ends_with('\n') => texts.push(text),
                Ok(text) => texts.push(text + "\n"),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let filled = Arc::new(filled);
    let inline = Arc::clone(&filled);
    jinja.add_function("slot", move |_, arguments| {
        let (name, options): (&str, Kwargs) = from_args(arguments)?;
        let (texts, separator) = texts(&inline, name, &options)?;
        let texts: Vec<&str> = texts.iter().map(|text| text.trim_end_matches('\n')).collect();
        Ok(Value::from(texts.join(separator.as_deref().unwrap_or("\n"))))
    });
    jinja.add_function(LINES, move |_, arguments| {
        let (indent, name, options): (&str, &str, Kwargs) = from_args(arguments)?;
        let (texts, separator) = texts(&filled, name, &options)?;
        let text = texts.join(separator.as_deref().unwrap_or_default());
        let indented = |line: &str| if line == "\n" { line.to_owned() } else { format!("{indent}{line}") };
        Ok(Value::from(text.split_inclusive('\n').map(indented).collect::<String>()))
    });
    Ok(())
}

/// The slot of a fragment and the components that it needs.
fn place<'a>(file: &'a SourceFile, order: &[&str]) -> Result<(&'a str, Vec<&'a str>), Problem> {
    let path = &file.path;
    let Some((slot, name)) = path.split_once('/').filter(|(_, name)| !name.contains('/')) else {
        return Err(Problem::new(format!("`fragments/{path}` lies in no slot: `fragments/SLOT/COMPONENT`")));
    };
    let owners: Vec<&str> = name.split('.').next().unwrap_or_default().split('+').collect();
    match owners.iter().find(|owner| !order.contains(owner)) {
        Some(owner) => {
            let message = format!("`fragments/{path}` belongs to a component `{owner}` that is not there");
            Err(Problem::new(message).suggest(owner, order.iter().copied()))
        }
        None => Ok((slot, owners)),
    }
}

fn render(template: &Template, jinja: &Jinja, file: &SourceFile, context: &Value) -> Result<String, Problem> {
    let name = template.file("fragments", &file.path);
    let Source::File { bytes, .. } = &file.content else {
        return Err(Problem::new(format!("`{name}` is a link; a fragment is a file")));
    };
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::new(format!("`{name}` is not UTF-8")))?;
    if file.path.ends_with(SUFFIX) { jinja.render(&name, text, None, context) } else { Ok(text.to_owned()) }
}

/// What fills a slot, and what is to stand between.
fn texts<'a>(filled: &'a Filled, name: &str, options: &Kwargs) -> Result<(&'a [String], Option<String>), Error> {
    let separator: Option<String> = options.get("separator")?;
    options.assert_all_used()?;
    let texts = filled.get(name).ok_or_else(|| {
        let near = nearest(name, filled.keys().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        let message = format!("there is no slot `{name}` in `fragments/`{}", near.unwrap_or_default());
        Error::new(ErrorKind::InvalidOperation, message)
    })?;
    Ok((texts, separator))
}

/// Marks the slots that stand alone on their lines. Lines keep their numbers.
pub(super) fn alone_on_its_line<'a>(source: &'a str, delimiters: &Delimiters) -> Cow<'a, str> {
    if !source.contains("slot(") {
        return Cow::Borrowed(source);
    }
    let ((open, close), (comment, end)) = (&delimiters.variable, &delimiters.comment);
    let lines = source.split_inclusive('\n').map(|line| {
        let alone = || {
            let inner = line.trim().strip_prefix(open.as_str())?.strip_suffix(close.as_str())?;
            let arguments = inner.trim().strip_prefix("slot(")?.strip_suffix(')')?;
            (!arguments.contains(close.as_str())).then_some(arguments)
        };
        let Some(arguments) = alone() else { return Cow::Borrowed(line) };
        let indent = line[..line.len() - line.trim_start().len()].replace('\t', "\\t");
        let newline = if line.ends_with('\n') { "\n" } else { "" };
        // The empty comment is a block to Jinja, and a block alone at a line's end takes the newline with it.
        Cow::Owned(format!("{open} {LINES}(\"{indent}\", {arguments}) {close}{comment}{end}{newline}"))
    });
    Cow::Owned(lines.collect())
}
