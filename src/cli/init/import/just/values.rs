//! Expressions of a justfile, as pieces of text and names.

use serde_json::Value;

use super::super::lines::named;
use super::File;
use crate::recipe::{Held, Piece};

/// Pieces, or why there can be none.
pub(super) type Pieces = Result<Vec<Piece>, String>;

impl File<'_> {
    /// What an expression is, as pieces; `params` hide assignments of their names.
    pub(super) fn pieces(&self, value: &Value, params: &[(String, Held)]) -> Pieces {
        if let Some(text) = value.as_str() {
            return Ok(vec![Piece::text(text)]);
        }
        let parts = value.as_array().map_or(&[][..], Vec::as_slice);
        let kind = parts.first().and_then(Value::as_str).unwrap_or_default();
        let joined = |between: &str| {
            let mut all = Vec::new();
            for (at, part) in parts[1..].iter().enumerate() {
                if at > 0 && !between.is_empty() {
                    all.push(Piece::text(between));
                }
                all.extend(self.pieces(part, params)?);
            }
            Ok(all)
        };
        match (kind, parts.len()) {
            ("variable", 2) => {
                let wanted = parts[1].as_str().unwrap_or_default();
                if let Some((param, held)) = params.iter().find(|(param, _)| param == wanted) {
                    return Ok(vec![named(param, held.clone())]);
                }
                match self.names.get(wanted) {
                    Some(Ok(pieces)) => Ok(pieces.clone()),
                    Some(Err(reason)) => Err(format!("`{wanted}`: {reason}")),
                    None => Err(format!("`{wanted}` is not known")),
                }
            }
            ("concatenate", 3) => joined(""),
            ("join", 3) => joined("/"),
            ("group", 2) => self.pieces(&parts[1], params),
            ("call", _) => self.call(&parts[1..], params),
            ("if", 4) => self.condition(parts, params),
            ("evaluate", _) => Err("a command in backquotes".to_owned()),
            _ => Err(format!("`{kind}` expressions")),
        }
    }

    fn call(&self, parts: &[Value], params: &[(String, Held)]) -> Pieces {
        let words: Vec<Option<&str>> = parts.iter().map(Value::as_str).collect();
        let environment = |name: &str, default: &str| Ok(vec![named(name, Held::Environment(default.to_owned()))]);
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:@,+%".contains(c));
        match words.as_slice() {
            [Some("env" | "env_var"), Some(name)] => environment(name, ""),
            [Some("env" | "env_var_or_default"), Some(name), Some(default)] if is_plain(default) => {
                environment(name, default)
            }
            [Some("invocation_directory")] => environment("PRODEV_INVOCATION_DIR", ""),
            [Some("quote"), _] => match self.pieces(&parts[1], params)?.as_slice() {
                [Piece::Name { name, held: Held::Word | Held::Words }] => Ok(vec![named(name, Held::Word)]),
                _ => Err("`quote` of several things".to_owned()),
            },
            [Some("uppercase"), _] => self.changed(&parts[1], params, str::to_uppercase),
            [Some("lowercase"), _] => self.changed(&parts[1], params, str::to_lowercase),
            [Some("trim"), _] => self.changed(&parts[1], params, |text| text.trim().to_owned()),
            [Some(function), ..] => Err(format!("the function `{function}`")),
            _ => Err("a function".to_owned()),
        }
    }

    /// What a function makes of a constant.
    fn changed(&self, value: &Value, params: &[(String, Held)], change: impl Fn(&str) -> String) -> Pieces {
        match self.constant_of(&self.pieces(value, params)?) {
            Some(text) => Ok(vec![Piece::text(change(&text))]),
            None => Err("a function of what is known only when it runs".to_owned()),
        }
    }

    /// One of two, where which is known already.
    fn condition(&self, parts: &[Value], params: &[(String, Held)]) -> Pieces {
        let unknown = || Err("`if` over what is known only when it runs".to_owned());
        let condition = parts[1].as_array().map_or(&[][..], Vec::as_slice);
        let [operator, one, other] = condition else { return unknown() };
        let sides = (self.constant_of(&self.pieces(one, params)?), self.constant_of(&self.pieces(other, params)?));
        let (Some(one), Some(other)) = sides else { return unknown() };
        match operator.as_str() {
            Some("==") => self.pieces(&parts[if one == other { 2 } else { 3 }], params),
            Some("!=") => self.pieces(&parts[if one == other { 3 } else { 2 }], params),
            _ => unknown(),
        }
    }
}

/// The names that an expression speaks of.
pub(super) fn spoken_of(value: &Value, found: &mut Vec<String>) {
    let Some(parts) = value.as_array() else { return };
    if let [kind, name] = parts.as_slice()
        && kind == "variable"
    {
        found.extend(name.as_str().map(str::to_owned));
    }
    for part in parts {
        spoken_of(part, found);
    }
}
