//! The choices of a question, and which of them an answer means.

use serde_json::Value as Json;

use crate::scaffold::values;

/// A choice, ready to be shown and taken.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) value: Json,
    pub(super) label: String,
    /// Why it cannot be taken.
    pub(super) disabled: Option<String>,
}

impl Choice {
    pub(super) fn plain(value: Json) -> Self {
        Self { label: values::show(&value), value, disabled: None }
    }

    /// A choice from an expression: a value, or an object with `value`, `label`, `disabled`.
    pub(super) fn from_json(json: Json) -> Self {
        let Some(value) = json.get("value").filter(|_| json.is_object()) else { return Self::plain(json) };
        let label = json.get("label").map_or_else(|| values::show(value), values::show);
        Self { value: value.clone(), label, disabled: json.get("disabled").and_then(reason_of) }
    }
}

/// A text is a reason, `true` is one without words; anything empty or false is none.
pub(super) fn reason_of(value: &Json) -> Option<String> {
    match value {
        Json::String(reason) if !reason.is_empty() => Some(reason.clone()),
        Json::Bool(true) => Some("not here".to_owned()),
        _ => None,
    }
}

/// The choice that `given` means: by its value, or by the text of it.
pub(super) fn choose(choices: &[Choice], given: &Json) -> Result<Json, String> {
    let text = values::show(given);
    let found = choices
        .iter()
        .find(|choice| choice.value == *given)
        .or_else(|| choices.iter().find(|choice| values::show(&choice.value) == text));
    match found {
        Some(Choice { disabled: Some(reason), .. }) => Err(format!("`{text}` is not available: {reason}")),
        Some(choice) => Ok(choice.value.clone()),
        None => {
            let known: Vec<String> = choices.iter().map(|choice| values::show(&choice.value)).collect();
            let near = crate::error::nearest(&text, known.iter().map(String::as_str))
                .map(|near| format!(", did you mean `{near}`?"));
            Err(format!("`{text}` is none of {}{}", crate::error::listed(&known), near.unwrap_or_default()))
        }
    }
}
