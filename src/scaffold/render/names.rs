//! Names of generated files: rendered segment by segment, proven harmless, and all different.

use std::collections::{BTreeMap, HashMap};

use minijinja::Value;

use super::rules::{Effect, SUFFIX};
use crate::error::Problem;
use crate::plan::path::TreePath;
use crate::scaffold::jinja::{Jinja, has_markup};
use crate::scaffold::source::{SourceFile, Template};

/// Renders names; those that do not depend on an item only once.
pub(super) struct Names<'a> {
    jinja: &'a Jinja,
    known: HashMap<String, String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(jinja: &'a Jinja) -> Self {
        Self { jinja, known: HashMap::new() }
    }

    /// Where a file goes; `None` where a segment of its name comes out empty.
    pub(super) fn render(
        &mut self,
        template: &Template,
        source: &SourceFile,
        effect: &Effect,
        context: &Value,
    ) -> Result<Option<TreePath>, Problem> {
        let path = if effect.is_rendered(source) {
            source.path.strip_suffix(SUFFIX).unwrap_or(&source.path)
        } else {
            &source.path
        };
        let mut segments = Vec::new();
        let depth = path.matches('/').count();
        for (index, segment) in path.split('/').enumerate() {
            let rendered = if effect.verbatim && index == depth {
                segment.to_owned()
            } else {
                self.segment(template, source, segment, (effect, context))?
            };
            // A name that is nothing but a blank is one; only what renders to nothing says that there is no file.
            if rendered.trim().is_empty() && has_markup(segment) {
                return Ok(None);
            }
            segments.push(rendered);
        }
        let path = segments.join("/");
        let name = template.file("files", &source.path);
        TreePath::new(&path)
            .map(Some)
            .map_err(|why| Problem::new(format!("the path `{}` {why} (from `{name}`)", path.escape_debug())))
    }

    fn segment(
        &mut self,
        template: &Template,
        source: &SourceFile,
        segment: &str,
        (effect, context): (&Effect, &Value),
    ) -> Result<String, Problem> {
        if !has_markup(segment) {
            return Ok(segment.to_owned());
        }
        // With an item the same text has another meaning for every file, and in a `once` file it may be a secret.
        let shared = !effect.has_items() && !effect.once;
        if let Some(rendered) = self.known.get(segment).filter(|_| shared) {
            return Ok(rendered.clone());
        }
        let rendered = self.jinja.text(segment, context).map_err(|wrong| {
            let name = template.file("files", &source.path);
            Problem {
                message: format!("the name `{segment}` of `{name}`: {}", wrong.message),
                place: None,
                hint: wrong.hint,
            }
        })?;
        if shared {
            self.known.insert(segment.to_owned(), rendered.clone());
        }
        Ok(rendered)
    }
}

/// Files that would come to lie on each other, also where a file system ignores case.
pub(in crate::scaffold) fn collisions<'a>(paths: impl Iterator<Item = (&'a TreePath, &'a str)>) -> Vec<Problem> {
    let mut seen: BTreeMap<String, (&TreePath, &str)> = BTreeMap::new();
    let mut problems = Vec::new();
    for (path, source) in paths {
        let folded = path.folded();
        match seen.get(&folded) {
            Some((other, other_source)) if *other == path => {
                problems.push(
                    Problem::new(format!("`{path}` would be made twice, from `{other_source}` and from `{source}`"))
                        .hint("a `for_each` file must use its item in its name"),
                );
            }
            Some((other, _)) => {
                problems.push(Problem::new(format!("`{path}` and `{other}` are one file to some file systems")));
            }
            None => drop(seen.insert(folded, (path, source))),
        }
    }
    for (folded, (path, _)) in &seen {
        let mut folders = path.folders().zip(folded.match_indices('/'));
        if let Some((folder, _)) = folders.find(|(_, (at, _))| seen.contains_key(&folded[..*at])) {
            problems.push(Problem::new(format!("`{folder}` would be both a file and the folder of `{path}`")));
        }
    }
    problems
}
