//! Slots of shared files, and the fragments with which components fill them.
//!
//! `fragments/SLOT/COMPONENT.ext[.jinja]` is what a component puts into a slot; `A+B` is what two components together put there. A slot
//! that stands alone on its line stands for whole lines: indented as it is, and gone where nobody fills it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Kwargs, from_args, merge_maps};
use minijinja::{Error, ErrorKind, State, Value};

use super::components::Selection;
use super::filters::{charge, vault};
use super::jinja::Jinja;
use super::manifest::Delimiters;
use super::render::SUFFIX;
use super::source::{Source, SourceFile, Template};
use crate::error::Problem;

/// The function that `alone_on_its_line` puts in the place of `slot`.
const LINES: &str = "__slot_lines";

/// In the context of fragments this name is set.
const INSIDE: &str = "__fragment";

/// What ordinary files see, and what `once` files see.
#[derive(Clone)]
pub(super) struct Contexts {
    pub(super) open: Value,
    pub(super) once: Value,
}

/// The fragments of the selected components, by slot, in the order of the components. A slot that nobody fills is there, empty.
struct Slots {
    fragments: BTreeMap<String, Vec<Fragment>>,
    contexts: Contexts,
    /// What was rendered, by fragment and context: the same secret wherever a fragment stands.
    rendered: Mutex<HashMap<(String, bool), String>>,
}

struct Fragment {
    /// As the author would name it.
    name: String,
    text: String,
    is_rendered: bool,
}

/// Gives the template the function `slot`. Fragments are rendered where they are used, with the delimiters of the file around them
/// and, in a `once` file, with its secrets.
///
/// # Errors
/// All fragments that have no place, or are no text.
pub(super) fn fill(
    template: &Template,
    jinja: &mut Jinja,
    selection: &Selection,
    contexts: Contexts,
) -> Result<(), Vec<Problem>> {
    let order: Vec<&str> = template.manifest.components.keys().map(String::as_str).collect();
    let mut problems = Vec::new();
    let mut found: BTreeMap<String, Vec<(usize, &SourceFile)>> = BTreeMap::new();
    for file in &template.fragments {
        match place(file, &order) {
            Ok((slot, owners)) => {
                let fragments = found.entry(slot.to_owned()).or_default();
                // Glue between two components comes where the later of them stands.
                let last = owners.iter().filter_map(|owner| order.iter().position(|name| name == owner)).max();
                if owners.iter().all(|owner| selection.has(owner)) {
                    fragments.push((last.unwrap_or_default(), file));
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    let mut fragments = BTreeMap::new();
    for (slot, mut files) in found {
        files.sort_by(|a, b| (a.0, &a.1.path).cmp(&(b.0, &b.1.path)));
        let read = files
            .into_iter()
            .filter_map(|(_, file)| read(template, file).map_err(|problem| problems.push(problem)).ok());
        fragments.insert(slot, read.collect());
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let inside = |context: Value| merge_maps([context, Value::from_pairs([(INSIDE, true)])]);
    let contexts = Contexts { open: inside(contexts.open), once: inside(contexts.once) };
    let slots = Arc::new(Slots { fragments, contexts, rendered: Mutex::default() });
    let inline = Arc::clone(&slots);
    jinja.add_function("slot", move |state, arguments, options| {
        let (name,): (&str,) = from_args(arguments)?;
        let (texts, separator) = inline.texts(state, name, options)?;
        let texts: Vec<&str> = texts.iter().map(|text| text.trim_end_matches('\n')).collect();
        Ok(Value::from(texts.join(separator.as_deref().unwrap_or("\n"))))
    });
    jinja.add_function(LINES, move |state, arguments, options| {
        let (indent, name): (&str, &str) = from_args(arguments)?;
        let (texts, separator) = slots.texts(state, name, options)?;
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

fn read(template: &Template, file: &SourceFile) -> Result<Fragment, Problem> {
    let name = template.file("fragments", &file.path);
    let Source::File { bytes, .. } = &file.content else {
        return Err(Problem::new(format!("`{name}` is a link; a fragment is a file")));
    };
    match std::str::from_utf8(bytes) {
        // The file that the fragment lands in decides about newlines.
        Ok(text) => Ok(Fragment { name, text: text.replace("\r\n", "\n"), is_rendered: file.path.ends_with(SUFFIX) }),
        Err(_) => Err(Problem::new(format!("`{name}` is not UTF-8"))),
    }
}

impl Slots {
    /// The texts of a slot, each ending with a newline, and what is to stand between them.
    fn texts(&self, state: &State, name: &str, options: &Kwargs) -> Result<(Vec<String>, Option<String>), Error> {
        let separator: Option<String> = options.get("separator")?;
        options.assert_all_used()?;
        if state.lookup(INSIDE).is_some() {
            return Err(Error::new(ErrorKind::InvalidOperation, "a fragment cannot have slots of its own"));
        }
        // A slot without fragments is one that later components may fill; a misspelt one leaves fragments without a slot, which `check` tells.
        let fragments = self.fragments.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut texts = Vec::new();
        for fragment in fragments {
            let mut text = self.render(state, fragment)?;
            if text.trim().is_empty() {
                continue;
            }
            if !text.ends_with('\n') {
                text.push('\n');
            }
            texts.push(text);
        }
        let between = separator.as_ref().map_or(0, String::len);
        charge(state, texts.iter().map(|text| text.len() + between).sum())?;
        Ok((texts, separator))
    }

    fn render(&self, state: &State, fragment: &Fragment) -> Result<String, Error> {
        if !fragment.is_rendered {
            return Ok(fragment.text.clone());
        }
        let once = vault(state).is_some();
        let key = (fragment.name.clone(), once);
        if let Some(text) = self.known().get(&key) {
            return Ok(text.clone());
        }
        let context = if once { &self.contexts.once } else { &self.contexts.open };
        let text = state.env().render_named_str(&fragment.name, &fragment.text, context.clone()).map_err(|error| {
            Error::new(ErrorKind::BadInclude, format!("`{}` does not work", fragment.name)).with_source(error)
        })?;
        Ok(self.known().entry(key).or_insert(text).clone())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<(String, bool), String>> {
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names of the slots that `text` has; `None` where one is computed.
pub(super) fn named_in(text: &str) -> Option<Vec<&str>> {
    text.match_indices("slot(")
        .map(|(at, found)| {
            let rest = &text[at + found.len()..];
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest[1..].split_once(quote).map(|(name, _)| name)
        })
        .collect()
}

/// Marks the slots that stand alone on their lines, but for those in `{% raw %}`. Lines keep their numbers.
pub(super) fn alone_on_its_line<'a>(source: &'a str, delimiters: &Delimiters) -> Cow<'a, str> {
    if !source.contains("slot(") {
        return Cow::Borrowed(source);
    }
    let ((open, close), (comment, end)) = (&delimiters.variable, &delimiters.comment);
    let mut is_raw = false;
    let lines = source.split_inclusive('\n').map(|line| {
        is_raw = raw_after(line, is_raw, &delimiters.block);
        let alone = || {
            let inner = line.trim().strip_prefix(open.as_str())?.strip_suffix(close.as_str())?;
            let arguments = inner.trim().strip_prefix("slot(")?.strip_suffix(')')?;
            (!is_raw && !arguments.contains(close.as_str())).then_some(arguments)
        };
        let Some(arguments) = alone() else { return Cow::Borrowed(line) };
        let indent = line[..line.len() - line.trim_start().len()].replace('\t', "\\t");
        let newline = if line.ends_with('\n') { "\n" } else { "" };
        // The empty comment is a block to Jinja, and a block alone at a line's end takes the newline with it.
        Cow::Owned(format!("{open} {LINES}(\"{indent}\", {arguments}) {close}{comment}{end}{newline}"))
    });
    Cow::Owned(lines.collect())
}

/// Whether what follows `line` is raw text, given whether the line began in some.
fn raw_after(line: &str, before: bool, (open, close): &(String, String)) -> bool {
    line.split(open.as_str()).skip(1).fold(before, |is_raw, tag| {
        let word = tag
            .split(close.as_str())
            .next()
            .unwrap_or_default()
            .trim_matches(|c: char| c.is_whitespace() || "-+".contains(c));
        match word {
            "raw" => true,
            "endraw" => false,
            _ => is_raw,
        }
    })
}
