//! What `[[contributions]]` say wrong, each by itself.

use super::Check;
use crate::error::Problem;
use crate::scaffold::manifest::Contribution;

impl Check<'_> {
    pub(super) fn contribution(&mut self, index: &str, contribution: &Contribution) {
        let Contribution { to, component, when, text, after, before, keys, format, .. } = contribution;
        for text in [Some(to), text.as_ref(), after.as_ref(), before.as_ref()].into_iter().flatten() {
            self.text(text);
        }
        if let Some(when) = when {
            self.expression(when);
        }
        let components = &self.template.manifest.components;
        if let Some(name) = component.as_ref().filter(|name| !components.contains_key(&name.text)) {
            let problem = Problem::new(format!("there is no component `{}`", name.text));
            let problem = problem.suggest(&name.text, components.keys().map(String::as_str));
            self.problems.push(problem.at(self.template.place(&name.span)));
        }
        let wrong = match (text, keys) {
            (None, None) => Some("a contribution has `text` or `keys`"),
            (Some(_), Some(_)) => Some("a contribution has either `text` or `keys`: make it two"),
            (Some(_), None) if format.is_some() => Some("`format` says how `keys` are written; lines have none"),
            (None, Some(_)) if after.is_some() || before.is_some() => {
                Some("keys have no place of their own: `after` and `before` are for `text`")
            }
            (Some(_), None) if after.is_some() && before.is_some() => {
                Some("lines go either `after` or `before` a line")
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            self.at(&["contributions", index], Problem::new(wrong));
        }
        if let Some(table) = keys
            && table.value.as_table().is_none_or(toml::Table::is_empty)
        {
            self.report("`keys` is a table of keys and their values".to_owned(), &table.span);
        }
    }
}
