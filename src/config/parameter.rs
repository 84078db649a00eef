//! `params` of a recipe: what it can be given on the command line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strict::table;
use super::value::{Pattern, Scalar};

/// A parameter: its name, or more
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Parameter {
    /// A positional parameter that must be given
    Name(String),
    /// More to say
    Full(#[serde(deserialize_with = "table")] Box<FullParameter>),
}

/// A parameter. Without `flag`, `option` or `variadic` it is positional
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub(crate) struct FullParameter {
    /// Its name; the script sees it as a variable, with `_` for `-`
    pub(crate) name: String,
    /// What it is for
    #[serde(default)]
    pub(crate) doc: Option<String>,
    /// `--NAME`, without a value
    #[serde(default)]
    pub(crate) flag: bool,
    /// `--NAME VALUE`
    #[serde(default)]
    pub(crate) option: bool,
    /// All that follows
    #[serde(default)]
    pub(crate) variadic: bool,
    /// The letter of a flag or option
    #[serde(default)]
    pub(crate) short: Option<String>,
    /// What its value is
    #[serde(default, rename = "type", skip_serializing_if = "ParameterType::is_any")]
    pub(crate) kind: ParameterType,
    /// Its value where none is given
    #[serde(default)]
    pub(crate) default: Option<Scalar>,
    /// The environment variable that holds its value where none is given
    #[serde(default)]
    pub(crate) env: Option<String>,
    /// Ask for it on a terminal where none is given: the question
    #[serde(default)]
    pub(crate) prompt: Option<String>,
    /// The values that it can have
    #[serde(default)]
    pub(crate) choices: Vec<Scalar>,
    /// What the whole value must match
    #[serde(default)]
    pub(crate) pattern: Option<Pattern>,
    /// The smallest number
    #[serde(default)]
    pub(crate) min: Option<f64>,
    /// The largest number
    #[serde(default)]
    pub(crate) max: Option<f64>,
    /// The fewest values of a variadic one
    #[serde(default)]
    pub(crate) at_least: Option<usize>,
    /// The most values of a variadic one
    #[serde(default)]
    pub(crate) at_most: Option<usize>,
    /// An option that must be given
    #[serde(default)]
    pub(crate) required: bool,
    /// It is never shown, and not kept in the history
    #[serde(default)]
    pub(crate) secret: bool,
}

/// What a parameter's value is
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ParameterType {
    /// Any text
    #[default]
    String,
    /// A whole number
    Int,
    /// A number
    Float,
    /// `true` or `false`
    Bool,
    /// A path, completed as one
    Path,
}

impl ParameterType {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_any(&self) -> bool {
        *self == Self::String
    }
}

/// How a parameter is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Positional,
    Variadic,
    Flag,
    Option,
}

impl Parameter {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Full(full) => &full.name,
        }
    }

    /// The parameter with all that can be said of one.
    pub(crate) fn full(&self) -> FullParameter {
        match self {
            Self::Name(name) => FullParameter { name: name.clone(), ..FullParameter::default() },
            Self::Full(full) => FullParameter::clone(full),
        }
    }

    /// The variable that the script finds it in.
    pub(crate) fn variable(&self) -> String {
        self.name().replace('-', "_")
    }
}

impl FullParameter {
    /// How it is given; the first where a file names several.
    pub(crate) fn manner(&self) -> Manner {
        if self.flag {
            Manner::Flag
        } else if self.option {
            Manner::Option
        } else if self.variadic {
            Manner::Variadic
        } else {
            Manner::Positional
        }
    }

    /// Whether a call without a value for it cannot run.
    pub(crate) fn is_required(&self) -> bool {
        let can_be_absent = self.default.is_some() || self.env.is_some() || self.prompt.is_some();
        match self.manner() {
            Manner::Positional => !can_be_absent,
            Manner::Variadic => self.at_least.is_some_and(|count| count > 0) && !can_be_absent,
            Manner::Option => self.required && !can_be_absent,
            Manner::Flag => false,
        }
    }

    /// Why `value` cannot be its value, if so. The pattern is not looked at where it does not compile.
    pub(crate) fn refuse(&self, value: &str) -> Option<String> {
        if !self.choices.is_empty() && !self.choices.iter().any(|choice| choice.to_string() == value) {
            if self.secret {
                return Some("it must be one of `choices`".to_owned());
            }
            let choices: Vec<String> = self.choices.iter().map(ToString::to_string).collect();
            return Some(format!("it must be {}", crate::error::listed(&choices)));
        }
        let number = match self.kind {
            ParameterType::String | ParameterType::Path => None,
            ParameterType::Bool if matches!(value, "true" | "false") => None,
            ParameterType::Bool => return Some("it must be `true` or `false`".to_owned()),
            ParameterType::Int => match value.parse::<i64>() {
                #[allow(clippy::cast_precision_loss, reason = "the bounds are floats too")]
                Ok(number) => Some(number as f64),
                Err(_) => return Some("it must be a whole number".to_owned()),
            },
            ParameterType::Float => match value.parse::<f64>() {
                Ok(number) => Some(number),
                Err(_) => return Some("it must be a number".to_owned()),
            },
        };
        match (number, self.min, self.max) {
            (Some(number), Some(min), _) if number < min => return Some(format!("it must be at least {min}")),
            (Some(number), _, Some(max)) if number > max => return Some(format!("it must be at most {max}")),
            _ => {}
        }
        let pattern = self.pattern.as_ref()?;
        let whole = regex::Regex::new(&format!("^(?:{})$", &**pattern)).ok()?;
        (!whole.is_match(value)).then(|| format!("it must match `{}`", &**pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(source: &str) -> FullParameter {
        toml::from_str(&format!("name = 'x'\n{source}")).expect("this is a parameter")
    }

    #[test]
    fn values_are_held_against_type_bounds_choices_and_pattern() {
        let cases = [
            ("type = 'int'\nmin = 1\nmax = 9", "5", None),
            ("type = 'int'\nmin = 1", "0", Some("it must be at least 1")),
            ("type = 'int'\nmax = 9", "10", Some("it must be at most 9")),
            ("type = 'int'", "x", Some("it must be a whole number")),
            ("type = 'float'", "1.5", None),
            ("type = 'bool'", "yes", Some("it must be `true` or `false`")),
            ("choices = ['a', 1]", "1", None),
            ("choices = ['a', 1]", "b", Some("it must be `a`, `1`")),
            ("pattern = 'a+|b'", "aa", None),
            ("pattern = 'a+|b'", "ab", Some("it must match `a+|b`")),
        ];
        for (source, value, expected) in cases {
            assert_eq!(parameter(source).refuse(value).as_deref(), expected, "{source} {value}");
        }
    }

    #[test]
    fn what_must_be_given_is_known() {
        let cases = [
            ("", true),
            ("default = ''", false),
            ("env = 'X'", false),
            ("variadic = true", false),
            ("variadic = true\nat_least = 1", true),
            ("option = true", false),
            ("option = true\nrequired = true", true),
            ("flag = true", false),
        ];
        for (source, required) in cases {
            assert_eq!(parameter(source).is_required(), required, "{source}");
        }
    }
}
