//! Asking the person at the terminal, one question at a time, in the way that fits its kind.

use serde_json::Value as Json;

use super::{Choice, Session};
use crate::scaffold::manifest::{self, Kind};
use crate::scaffold::values;
use crate::ui::{self, Field};

impl Session<'_> {
    /// The answer of the person at the terminal, checked.
    pub(super) fn ask(
        &mut self,
        name: &str,
        question: &manifest::Question,
        default: Option<&Json>,
        choices: Option<&[Choice]>,
    ) -> anyhow::Result<Json> {
        let prompt = question.prompt.as_ref().map_or_else(|| name.to_owned(), |prompt| self.text(prompt));
        let help = question.help.as_ref().map(|help| self.text(help));
        let hint = match (&question.placeholder, question.kind) {
            (Some(placeholder), _) => format!("(such as {})", self.text(placeholder)),
            (None, Kind::Json) => "(JSON)".to_owned(),
            (None, Kind::Yaml) => "(YAML)".to_owned(),
            (None, Kind::Multi) => "(separated by commas)".to_owned(),
            _ => String::new(),
        };
        let asked = ui::Question { prompt: &prompt, help: help.as_deref() };
        let ui = self.inquiry.ui;
        let does = |value: Json| self.check(question, choices, value).map(|_| ());
        let value = match (question.kind, choices) {
            (Kind::Bool, _) => {
                let default = default.and_then(Json::as_bool);
                Json::from(ui.ask_bool(&asked, default, &|yes| does(Json::from(*yes)))?)
            }
            (Kind::Multi, Some(choices)) => {
                let chosen =
                    |choice: &Choice| default.and_then(Json::as_array).is_some_and(|list| list.contains(&choice.value));
                let values = |taken: &Vec<usize>| -> Json {
                    taken.iter().filter_map(|at| choices.get(*at)).map(|choice| choice.value.clone()).collect()
                };
                values(&ui.ask_several(&asked, &shown(choices, chosen), &|taken| does(values(taken)))?)
            }
            (_, Some(choices)) => {
                let chosen = |choice: &Choice| default == Some(&choice.value);
                let value = |taken: &usize| choices.get(*taken).map(|choice| choice.value.clone()).unwrap_or_default();
                value(&ui.ask_choice(&asked, &shown(choices, chosen), &|taken| does(value(taken)))?)
            }
            (kind, None) => {
                let check = |text: &String| match values::from_text(kind, text)? {
                    Json::String(text) if text.is_empty() && default.is_none() => Err("an answer is needed".to_owned()),
                    value => does(value),
                };
                let typed = default.map(|default| values::as_typed(kind, default));
                let field = Field { question: asked, default: typed, hint, check: &check };
                let text = match kind {
                    Kind::Text => ui.ask_editor(&field)?,
                    Kind::Secret => ui.ask_secret(&field)?,
                    _ => ui.ask_text(&field)?,
                };
                values::from_text(kind, &text).map_err(|why| crate::error::fail(why).hint(HINT))?
            }
        };
        self.check(question, choices, value).map_err(|why| crate::error::fail(why).hint(HINT).into())
    }
}

/// What was accepted at the prompt and is refused a moment later has changed meanwhile.
const HINT: &str = "give the answer with `--set NAME=VALUE`";

fn shown(choices: &[Choice], chosen: impl Fn(&Choice) -> bool) -> Vec<ui::Choice> {
    choices
        .iter()
        .map(|choice| ui::Choice {
            label: choice.label.clone(),
            disabled: choice.disabled.clone(),
            chosen: chosen(choice),
            ..ui::Choice::default()
        })
        .collect()
}
