//! Asking the person at the terminal, one question at a time, in the way that fits its kind.

use serde_json::Value as Json;

use super::{Choice, Session};
use crate::scaffold::manifest::{Kind, Question};
use crate::scaffold::values;
use crate::ui::{self, Field};

impl Session<'_> {
    /// The answer of the person at the terminal, checked.
    pub(super) fn ask(
        &mut self,
        name: &str,
        question: &Question,
        default: Option<&Json>,
        choices: Option<&[Choice]>,
    ) -> anyhow::Result<Json> {
        let prompt = question.prompt.as_ref().map_or_else(|| name.to_owned(), |prompt| self.text(prompt));
        if let Some(help) = &question.help {
            let help = self.text(help);
            self.inquiry.ui.aside(&help);
        }
        let prompt = match question.placeholder.as_ref().filter(|_| default.is_none()) {
            Some(placeholder) => format!("{prompt} (such as {})", self.text(placeholder)),
            None => prompt,
        };
        let ui = self.inquiry.ui;
        match (question.kind, choices) {
            (Kind::Bool, _) => loop {
                let value = Json::from(ui.ask_bool(&prompt, default.and_then(Json::as_bool))?);
                match self.check(question, choices, value) {
                    Ok(value) => return Ok(value),
                    Err(why) => ui.warn(&why),
                }
            },
            (Kind::Multi, Some(choices)) => loop {
                let chosen =
                    |choice: &Choice| default.and_then(Json::as_array).is_some_and(|list| list.contains(&choice.value));
                let taken = ui.ask_several(&prompt, &shown(choices, chosen))?;
                let values =
                    taken.iter().filter_map(|at| choices.get(*at)).map(|choice| choice.value.clone()).collect();
                match self.check(question, Some(choices), values) {
                    Ok(value) => return Ok(value),
                    Err(why) => ui.warn(&why),
                }
            },
            (_, Some(choices)) => loop {
                let chosen = |choice: &Choice| default == Some(&choice.value);
                let taken = ui.ask_choice(&prompt, &shown(choices, chosen))?;
                let value = choices.get(taken).map(|choice| choice.value.clone()).unwrap_or_default();
                match self.check(question, Some(choices), value) {
                    Ok(value) => return Ok(value),
                    Err(why) => ui.warn(&why),
                }
            },
            (kind, None) => {
                let read =
                    |text: &str| values::from_text(kind, text).and_then(|value| self.check(question, None, value));
                let check = |text: &str| match read(text) {
                    Ok(Json::String(text)) if text.is_empty() && default.is_none() => {
                        Err("an answer is needed".to_owned())
                    }
                    Ok(_) => Ok(()),
                    Err(why) => Err(why),
                };
                let field = Field { prompt: &prompt, default: default.map(values::show), check: &check };
                let text = match kind {
                    Kind::Text => ui.ask_editor(&field)?,
                    Kind::Secret => ui.ask_secret(&field)?,
                    _ => ui.ask_text(&field)?,
                };
                read(&text).map_err(|why| crate::error::fail(why).into())
            }
        }
    }
}

fn shown(choices: &[Choice], chosen: impl Fn(&Choice) -> bool) -> Vec<ui::Choice> {
    choices
        .iter()
        .map(|choice| ui::Choice {
            label: choice.label.clone(),
            disabled: choice.disabled.clone(),
            chosen: chosen(choice),
        })
        .collect()
}
