//! The values of variables that are not set: their declared defaults, with the references in them.

use std::collections::HashMap;

use super::super::evaluate::{Assignment, Found, Reference};
use super::super::expand::{self, Names};
use super::super::syntax::Quote;
use super::judge::is_nothing;
use crate::config::environment::Environment;
use crate::error::Problem;

/// The defaults of all variables that have one and are not in `set`, in the order of the declarations. A `$` in one is a reference, to what is set
/// and to the defaults before it; `$$` is a dollar.
///
/// # Errors
/// Every default that cannot be read.
pub(in super::super) fn defaults(
    environment: &Environment,
    set: &HashMap<&str, &str>,
) -> Result<Vec<Assignment>, Vec<Problem>> {
    let mut seen = Seen { set, made: Vec::new(), references: Vec::new() };
    let mut problems = Vec::new();
    for (name, variable) in &environment.vars {
        let Some(default) = &variable.default else { continue };
        if set.get(name.as_str()).is_some_and(|value| !is_nothing(variable, value)) {
            continue;
        }
        let text = default.to_string();
        let value = if text.contains('$') { expand::template(&text, &mut seen) } else { Ok(text) };
        match value {
            Ok(value) => {
                let references = std::mem::take(&mut seen.references);
                seen.made.push(Assignment {
                    key: name.clone(),
                    value: Some(value),
                    span: 0..0,
                    quote: Quote::None,
                    references,
                    is_of_environment: false,
                });
            }
            Err(fault) => problems.push(Problem::new(format!("the default of {}", fault.words(name)))),
        }
    }
    if problems.is_empty() { Ok(seen.made) } else { Err(problems) }
}

/// What a default can refer to.
struct Seen<'a> {
    set: &'a HashMap<&'a str, &'a str>,
    made: Vec<Assignment>,
    references: Vec<Reference>,
}

impl Names for Seen<'_> {
    fn find(&mut self, name: &str) -> Option<String> {
        let set = self.set.get(name).map(|value| (*value).to_owned());
        let value = set.or_else(|| self.made.iter().find(|one| one.key == name)?.value.clone());
        let found = if value.is_some() { Found::Earlier } else { Found::Nowhere };
        self.references.push(Reference { name: name.to_owned(), found });
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_refer_to_what_is_set_and_to_those_before() {
        let environment: Environment = toml::from_str(
            "[vars.HOST]\ndefault = 'h'\n[vars.PORT]\ndefault = 80\n[vars.URL]\ndefault = 'http://${HOST}:$PORT/$$x'\n\
             [vars.EMPTY]\ndefault = 'd'\n[vars.KEPT]\ndefault = 'd'\nallow_empty = true",
        )
        .expect("this is a section");
        let set = HashMap::from([("PORT", "81"), ("EMPTY", ""), ("KEPT", "")]);
        let made = defaults(&environment, &set).expect("these can be read");
        let made: Vec<_> =
            made.iter().map(|one| (one.key.as_str(), one.value.as_deref().unwrap_or_default())).collect();
        assert_eq!(made, [("HOST", "h"), ("URL", "http://h:81/$x"), ("EMPTY", "d")]);
        let broken: Environment = toml::from_str("[vars.A]\ndefault = '${'").expect("this is a section");
        assert!(defaults(&broken, &HashMap::new()).is_err());
    }
}
