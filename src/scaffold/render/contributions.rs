//! What a template puts into files that are not its own, under these answers.

use minijinja::Value;
use serde_json::Value as Json;

use crate::error::Problem;
use crate::plan::path::TreePath;
use crate::scaffold::components::Selection;
use crate::scaffold::contribution::{Contribution, Format, Part, Place};
use crate::scaffold::jinja::{Jinja, has_markup};
use crate::scaffold::manifest::{self, Text};
use crate::scaffold::source::Template;
use crate::scaffold::values;

/// In the order of the components, and of `template.toml`.
///
/// # Errors
/// All that does not work.
pub(super) fn render(
    template: &Template,
    selection: &Selection,
    jinja: &Jinja,
    context: &Value,
) -> Result<Vec<Contribution>, Vec<Problem>> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let order = |contribution: &manifest::Contribution| {
        let name = contribution.component.as_ref().map(|name| name.text.as_str());
        name.and_then(|name| template.manifest.components.get_index_of(name))
    };
    let mut all: Vec<&manifest::Contribution> = template.manifest.contributions.iter().collect();
    all.sort_by_key(|contribution| order(contribution));
    let pass = Pass { template, jinja, context };
    for contribution in all {
        if contribution.component.as_ref().is_none_or(|component| selection.has(&component.text)) {
            match pass.parts(contribution) {
                Ok(parts) => found.extend(parts),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

struct Pass<'a> {
    template: &'a Template,
    jinja: &'a Jinja,
    context: &'a Value,
}

impl Pass<'_> {
    fn parts(&self, from: &manifest::Contribution) -> Result<Vec<Contribution>, Problem> {
        if let Some(when) = &from.when {
            let wrong = |wrong: crate::scaffold::jinja::Wrong| self.at(wrong, when);
            if !self.jinja.evaluate(&when.text, self.context).map_err(wrong)?.is_true() {
                return Ok(Vec::new());
            }
        }
        let to = self.text(&from.to)?;
        if to.trim().is_empty() {
            return Ok(Vec::new());
        }
        let path = TreePath::new(&to)
            .map_err(|why| self.problem(format!("the path `{}` {why}", to.escape_debug()), &from.to))?;
        let mut parts = Vec::new();
        if let Some(text) = &from.text {
            let mut lines = self.text(text)?.replace("\r\n", "\n");
            if lines.trim().is_empty() {
                return Ok(Vec::new());
            }
            if !lines.ends_with('\n') {
                lines.push('\n');
            }
            let place = match (&from.after, &from.before) {
                (Some(marker), _) => Place::After(self.text(marker)?),
                (None, Some(marker)) => Place::Before(self.text(marker)?),
                (None, None) => Place::End,
            };
            parts.push(Part::Lines { text: lines, place });
        }
        if let Some(table) = &from.keys {
            let format = from.format.or_else(|| Format::of(&to)).ok_or_else(|| {
                self.problem(format!("the name `{to}` does not tell how the file is written"), &from.to)
                    .hint("say it with `format = \"toml\"`, `\"yaml\"` or `\"json\"`")
            })?;
            let mut value = values::from_toml(&table.value);
            self.fill(&mut value, table)?;
            let mut keys = Vec::new();
            leaves(&value, &mut Vec::new(), &mut keys);
            parts.extend(keys.into_iter().map(|(keys, value)| Part::Key { format, keys, value }));
        }
        let owner = from.component.as_ref().map(|component| component.text.clone());
        let whole = |part| Contribution { to: path.clone(), owner: owner.clone(), part, create: from.create };
        Ok(parts.into_iter().map(whole).collect())
    }

    /// Renders the strings of a value.
    fn fill(&self, value: &mut Json, table: &manifest::Literal) -> Result<(), Problem> {
        match value {
            Json::String(text) if has_markup(text) => {
                let placed = Text { text: text.clone(), span: table.span.clone() };
                *text = self.text(&placed)?;
                Ok(())
            }
            Json::Array(items) => items.iter_mut().try_for_each(|item| self.fill(item, table)),
            Json::Object(map) => map.values_mut().try_for_each(|value| self.fill(value, table)),
            _ => Ok(()),
        }
    }

    fn text(&self, text: &Text) -> Result<String, Problem> {
        self.jinja.text(&text.text, self.context).map_err(|wrong| self.at(wrong, text))
    }

    fn at(&self, wrong: crate::scaffold::jinja::Wrong, text: &Text) -> Problem {
        self.template.wrong(wrong, text)
    }

    fn problem(&self, message: String, text: &Text) -> Problem {
        Problem::new(message).at(self.template.place(&text.span))
    }
}

/// Tables are the way to values; an empty one is a value itself.
fn leaves(value: &Json, above: &mut Vec<String>, found: &mut Vec<(Vec<String>, Json)>) {
    match value {
        Json::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                above.push(key.clone());
                leaves(value, above, found);
                above.pop();
            }
        }
        _ if above.is_empty() => {}
        _ => found.push((above.clone(), value.clone())),
    }
}
