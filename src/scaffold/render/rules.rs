//! What `[[files]]` and `[components]` say about one file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use minijinja::Value;
use regex::{Captures, Regex};

use crate::error::Problem;
use crate::scaffold::components::Selection;
use crate::scaffold::jinja::Jinja;
use crate::scaffold::manifest::{Delimiters, Rule, Text};
use crate::scaffold::source::{SourceFile, Template};

/// All rules of a template, ready to be asked.
pub(super) struct Rules<'a> {
    template: &'a Template,
    by_glob: Vec<(GlobSet, &'a Rule)>,
    owners: Vec<(GlobSet, &'a str)>,
}

/// What all rules together say about a file that is generated.
#[derive(Debug, Clone, Default)]
pub(super) struct Effect<'a> {
    pub(super) once: bool,
    pub(super) skip_if_exists: bool,
    pub(super) verbatim: bool,
    pub(super) executable: Option<bool>,
    /// The component whose file it is.
    pub(super) owner: Option<&'a str>,
    pub(super) delimiters: Option<&'a Delimiters>,
    /// One file for each of these, under this name. Shared, since every one of those files has them.
    items: Option<(&'a str, Arc<[Value]>)>,
}

/// One rule for more files is a mistake.
const MOST_ITEMS: usize = 100_000;

impl Effect<'_> {
    pub(super) fn is_rendered(&self, source: &SourceFile) -> bool {
        !self.verbatim && source.path.ends_with(SUFFIX)
    }

    /// Whether there is one file per item.
    pub(super) fn has_items(&self) -> bool {
        self.items.is_some()
    }

    /// What the file's name and text see: `base`, and where there is one file per item, the item. Beside it what tells this file from all
    /// others: its path in the template, and the item.
    pub(super) fn contexts(&self, path: &str, base: &Value) -> Vec<(String, Value)> {
        match &self.items {
            None => vec![(path.to_owned(), base.clone())],
            Some((name, items)) => {
                let key = |item: &Value| format!("{path}#{}", item.to_string().escape_default());
                items.iter().map(|item| (key(item), with(base, name, item))).collect()
            }
        }
    }
}

fn with(base: &Value, name: &str, item: &Value) -> Value {
    let mut names: BTreeMap<String, Value> = BTreeMap::new();
    for key in base.try_iter().into_iter().flatten() {
        if let Ok(value) = base.get_item(&key) {
            names.insert(key.to_string(), value);
        }
    }
    names.insert(name.to_owned(), item.clone());
    Value::from_pairs(names)
}

/// What marks a file that is rendered.
pub(in crate::scaffold) const SUFFIX: &str = ".jinja";

impl<'a> Rules<'a> {
    /// # Errors
    /// Globs that are none.
    pub(super) fn new(template: &'a Template) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut set = |globs: &mut dyn Iterator<Item = &'a String>, what: &str| {
            let mut builder = GlobSetBuilder::new();
            for text in globs {
                match glob(text) {
                    Ok(glob) => drop(builder.add(glob)),
                    Err(error) => problems.push(Problem::new(format!("{what}: `{text}` is no glob: {}", error.kind()))),
                }
            }
            builder.build().unwrap_or_else(|_| GlobSet::empty())
        };
        let manifest = &template.manifest;
        let rules =
            manifest.files.iter().map(|rule| (set(&mut rule.globs.iter(), "a rule of `[[files]]`"), rule)).collect();
        let owners = manifest.components.iter().map(|(name, component)| {
            (set(&mut component.files.iter(), &format!("the files of `components.{name}`")), name.as_str())
        });
        let owners = owners.collect();
        if problems.is_empty() { Ok(Self { template, by_glob: rules, owners }) } else { Err(problems) }
    }

    /// What holds for a file; `None` where it is not generated.
    ///
    /// # Errors
    /// A file of two components, or an expression that does not work.
    pub(super) fn effect(
        &self,
        source: &SourceFile,
        selection: &Selection,
        jinja: &Jinja,
        context: &Value,
    ) -> Result<Option<Effect<'a>>, Problem> {
        let names = names_of(&source.path);
        let path = names[0];
        let fits = |globs: &GlobSet| names.iter().any(|name| globs.is_match(name));
        let owners: Vec<&str> = self.owners.iter().filter(|(globs, _)| fits(globs)).map(|(_, name)| *name).collect();
        match owners.as_slice() {
            [] => {}
            [owner] if selection.has(owner) => {}
            [_] => return Ok(None),
            [first, second, ..] => {
                return Err(Problem::new(format!(
                    "`files/{path}` belongs to two components, `{first}` and `{second}`"
                ))
                .hint("make it a file of neither, with a `when` in `[[files]]`"));
            }
        }
        let mut effect = Effect { owner: owners.first().copied(), ..Effect::default() };
        let mut excluded = false;
        let mut for_each = None;
        let mut item = "item";
        for (_, rule) in self.by_glob.iter().filter(|(globs, _)| fits(globs)) {
            if let Some(when) = &rule.when
                && !self.evaluate(when, jinja, context)?.is_true()
            {
                return Ok(None);
            }
            excluded = rule.exclude.unwrap_or(excluded);
            effect.once = rule.once.unwrap_or(effect.once);
            effect.skip_if_exists = rule.skip_if_exists.unwrap_or(effect.skip_if_exists);
            effect.verbatim = rule.verbatim.unwrap_or(effect.verbatim);
            effect.executable = rule.executable.or(effect.executable);
            effect.delimiters = rule.delimiters.as_ref().or(effect.delimiters);
            for_each = rule.for_each.as_ref().or(for_each);
            item = rule.item.as_deref().unwrap_or(item);
        }
        if excluded {
            return Ok(None);
        }
        if let Some(expression) = for_each {
            let list = self.evaluate(expression, jinja, context)?;
            let place = || self.template.place(&expression.span);
            let items = list.try_iter().map_err(|_| Problem::new("`for_each` must come out as a list").at(place()))?;
            let items: Vec<Value> = items.take(MOST_ITEMS + 1).collect();
            if items.len() > MOST_ITEMS {
                return Err(Problem::new(format!("`for_each` gives more than {MOST_ITEMS} items")).at(place()));
            }
            effect.items = Some((item, items.into()));
        }
        Ok(Some(effect))
    }

    fn evaluate(&self, expression: &Text, jinja: &Jinja, context: &Value) -> Result<Value, Problem> {
        jinja.evaluate(&expression.text, context).map_err(|wrong| self.template.wrong(wrong, expression))
    }
}

/// The names by which globs know a file: without the suffix, and as it is called.
pub(in crate::scaffold) fn names_of(path: &str) -> [&str; 2] {
    [path.strip_suffix(SUFFIX).unwrap_or(path), path]
}

/// A glob over paths with `/`, where `*` stays within a segment. Markup in it stands for itself: it is matched against names as the template has them.
///
/// # Errors
/// As `globset` says.
pub(in crate::scaffold) fn glob(text: &str) -> Result<Glob, globset::Error> {
    static MARKUP: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}").ok());
    let escaped = match &*MARKUP {
        Some(markup) => markup.replace_all(text, |found: &Captures| globset::escape(&found[0])),
        None => Cow::Borrowed(text),
    };
    GlobBuilder::new(&escaped).literal_separator(true).backslash_escape(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_names_as_they_are_written() {
        for (pattern, path, expected) in [
            ("*.py", "a.py", true),
            ("*.py", "a/b.py", false),
            ("**/*.py", "a/b.py", true),
            ("{a,{b,c}}/*", "c/x", true),
            ("{{ package }}/**", "{{ package }}/a/b", true),
            ("{{ package }}/**", " package /a/b", false),
            ("{{ package }}/{a,b}.py", "{{ package }}/b.py", true),
            ("{% if x == 'a' %}LICENSE{% endif %}", "{% if x == 'a' %}LICENSE{% endif %}", true),
        ] {
            let glob = glob(pattern).expect("a glob").compile_matcher();
            assert_eq!(glob.is_match(path), expected, "{pattern} on {path}");
        }
    }
}
