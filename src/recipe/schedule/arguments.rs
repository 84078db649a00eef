//! `with` of a schedule as words of a command line: what `prodev run RECIPE` gets.

use crate::config::parameter::Manner;
use crate::config::recipe::Recipe;
use crate::config::value::{Map, OneOrMany, Scalar};

/// Options first, then `--`, so that no value is taken for one. Before a value that is told by its place the defaults of the others are given, too.
///
/// # Errors
/// Where a parameter without a value or default stands before one with a value: its place cannot be left empty.
pub(crate) fn of(recipe: &Recipe, with: &Map<OneOrMany<Scalar>>) -> Result<Vec<String>, String> {
    let mut options = Vec::new();
    let mut positional = Vec::new();
    // The first that has nothing to stand in its place.
    let mut gap: Option<&str> = None;
    // Defaults that are needed once a value comes behind them.
    let mut held = Vec::new();
    for parameter in &recipe.params {
        let (full, value) = (parameter.full(), with.get(parameter.name()));
        let values = || value.into_iter().flat_map(OneOrMany::as_slice).map(ToString::to_string);
        match full.manner() {
            Manner::Flag => {
                options.extend(values().filter(|value| value == "true").map(|_| format!("--{}", full.name)));
            }
            Manner::Option => options.extend(values().map(|value| format!("--{}={value}", full.name))),
            Manner::Positional | Manner::Variadic if value.is_some() => {
                if let Some(gap) = gap {
                    return Err(format!("`{}` cannot be given without `{gap}`, which stands before it", full.name));
                }
                positional.append(&mut held);
                positional.extend(values());
            }
            Manner::Positional | Manner::Variadic => match full.default {
                Some(default) => held.push(default.to_string()),
                None => gap = gap.or(Some(parameter.name())),
            },
        }
    }
    if !positional.is_empty() {
        options.push("--".to_owned());
    }
    options.extend(positional);
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_find_their_places() {
        let cases = [
            ("", "", ""),
            ("params = ['a', 'b']", "a = 'x y'\nb = '-z'", "--|x y|-z"),
            (
                "params = ['a', {name = 'v', flag = true}, {name = 'o', option = true}]",
                "a = 1\nv = true\no = 'p q'",
                "--v|--o=p q|--|1",
            ),
            ("params = [{name = 'v', flag = true}]", "v = false", ""),
            ("params = ['a', {name = 'rest', variadic = true}]", "a = 1\nrest = ['--x', 'y']", "--|1|--x|y"),
            ("params = [{name = 'a', default = 'd'}, {name = 'b', default = 'e'}]", "b = 2", "--|d|2"),
            ("params = [{name = 'a', default = 'd'}]", "", ""),
        ];
        for (recipe, with, expected) in cases {
            let recipe: Recipe = toml::from_str(&format!("run = 'true'\n{recipe}")).expect(recipe);
            let with: Map<OneOrMany<Scalar>> = toml::from_str(with).expect(with);
            assert_eq!(of(&recipe, &with).expect(expected).join("|"), expected, "{with:?}");
        }
    }

    #[test]
    fn no_value_slips_into_the_place_of_another() {
        let recipe = "run = 'true'\nparams = [{name = 'a', env = 'A'}, 'b']";
        let recipe: Recipe = toml::from_str(recipe).expect("this is a recipe");
        let with: Map<OneOrMany<Scalar>> = toml::from_str("b = 1").expect("this is a table");
        assert_eq!(of(&recipe, &with), Err("`b` cannot be given without `a`, which stands before it".to_owned()));
    }
}
