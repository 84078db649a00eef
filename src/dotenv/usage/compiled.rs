//! Rust and Go: macros, functions of the standard libraries, and what well-known libraries read off attributes and tags.

use std::collections::HashSet;

use super::reads::{Code, Read, Way};

pub(super) fn rust(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    let names = Names::of(code);
    for index in 0..code.len() {
        for shape in ["env ! ( $", "option_env ! ( $", "dotenv ! ( $"] {
            if let Some(behind) = code.shape(index, shape) {
                let way = if shape.starts_with("option") { tried(code, behind, true) } else { Way::Read };
                push(code, behind - 1, way, fallback(code, behind), &mut found);
            }
        }
        let Some(word) = code.word(index) else { continue };
        let behind = |function: &str| {
            let is_module = matches!(word, "env" | "dotenvy" | "dotenv") || names.modules.contains(word);
            is_module.then(|| code.shape(index + 1, &format!(": : {function} ( $"))).flatten()
        };
        for function in ["var", "var_os"] {
            if let Some(behind) = behind(function) {
                push(code, behind - 1, tried(code, behind, function == "var_os"), fallback(code, behind), &mut found);
            }
        }
        for function in ["set_var", "remove_var"] {
            if let Some(behind) = behind(function) {
                push(code, behind - 1, Way::Set, None, &mut found);
            }
        }
        let is_bare = !(index > 0 && (code.is_sign(index - 1, b':') || code.is_sign(index - 1, b'.')));
        if is_bare
            && names.functions.contains(word)
            && let Some(behind) = code.shape(index + 1, "( $")
        {
            push(code, behind - 1, tried(code, behind, false), fallback(code, behind), &mut found);
        }
        let is_attribute = index >= 2 && code.shape(index - 2, "# [").is_some();
        if is_attribute && matches!(word, "arg" | "clap" | "structopt" | "envconfig") && code.is_sign(index + 1, b'(') {
            attribute(code, index + 2, &mut found);
        }
        // clap's builder; with two arguments it is what a child gets.
        if word == "env"
            && index > 0
            && code.is_sign(index - 1, b'.')
            && let Some(behind) = code.shape(index + 1, "( $ )")
        {
            push(code, behind - 2, Way::Asked, None, &mut found);
        }
    }
    found
}

/// The names that a program has for what reads its environment.
struct Names<'a> {
    modules: HashSet<&'a str>,
    functions: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(code: &Code<'a, '_>) -> Self {
        let mut names = Self { modules: HashSet::new(), functions: HashSet::new() };
        for index in 0..code.len() {
            let Some(behind) = code.shape(index, "std : : env") else { continue };
            if code.word(behind) == Some("as") {
                names.modules.extend(code.word(behind + 1));
            }
            if code.shape(behind, ": :").is_none() {
                continue;
            }
            let items = if code.is_sign(behind + 2, b'{') { code.arguments(behind + 3) } else { vec![behind + 2] };
            // A path goes on where it is called, and ends where it is imported.
            for item in items.into_iter().filter(|item| !code.is_sign(item + 1, b'(')) {
                let own = if code.word(item + 1) == Some("as") { item + 2 } else { item };
                match code.word(item) {
                    Some("var" | "var_os") => names.functions.extend(code.word(own)),
                    Some("self") => names.modules.extend(code.word(own).filter(|word| *word != "self")),
                    _ => {}
                }
            }
        }
        names
    }
}

/// How a call reads: it fails without the variable where its result is unwrapped, or handed on as an error, in the chain behind it.
fn tried(code: &Code, behind: usize, mut is_option: bool) -> Way {
    let mut at = code.close(behind) + 1;
    loop {
        if code.is_sign(at, b'?') {
            // Of an `Option` it hands on that there is nothing.
            return if is_option { Way::Asked } else { Way::Read };
        }
        let method = code.word(at + 1).filter(|_| code.is_sign(at, b'.') && code.is_sign(at + 2, b'('));
        match method {
            Some("unwrap" | "expect") => return Way::Read,
            Some("unwrap_or_else") => {
                let first = code.shape(at + 3, "| _ |").or_else(|| code.shape(at + 3, "| |")).unwrap_or(at + 3);
                return if code.word(first) == Some("panic") { Way::Read } else { Way::Asked };
            }
            Some("ok") => is_option = true,
            Some("ok_or" | "ok_or_else") => is_option = false,
            Some(
                "map_err" | "map" | "and_then" | "context" | "with_context" | "wrap_err" | "wrap_err_with"
                | "inspect_err" | "as_deref" | "as_ref" | "filter",
            ) => {}
            _ => return Way::Asked,
        }
        at = code.close(at + 3) + 1;
    }
}

/// What is taken where nothing is set: the text in `.unwrap_or("x".into())`, `.unwrap_or_else(|_| String::from("x"))` and their like in the chain behind a
/// call.
fn fallback(code: &Code, behind: usize) -> Option<String> {
    let mut at = behind;
    // The call itself may have more arguments.
    at = code.close(at) + 1;
    while code.is_sign(at, b'.') || code.is_sign(at, b'?') {
        if code.is_sign(at, b'?') {
            at += 1;
            continue;
        }
        let (Some(method), true) = (code.word(at + 1), code.is_sign(at + 2, b'(')) else { return None };
        if matches!(method, "unwrap_or" | "unwrap_or_else" | "map_or" | "or" | "unwrap_or_default") {
            let first = code.shape(at + 3, "| _ |").or_else(|| code.shape(at + 3, "| |")).unwrap_or(at + 3);
            let wrapped = ["String : : from (", "Some (", "Ok (", "Cow : : Borrowed ("];
            let text = wrapped.iter().find_map(|shape| code.shape(first, shape)).unwrap_or(first);
            return code.text(text).map(str::to_owned).or_else(|| code.literal(first));
        }
        at = code.close(at + 3) + 1;
    }
    None
}

fn attribute(code: &Code, index: usize, found: &mut Vec<Read>) {
    let arguments = code.arguments(index);
    let value = |key: &str| {
        arguments.iter().find_map(|start| code.shape(*start, &format!("{key} = $"))).map(|behind| behind - 1)
    };
    let typed = arguments.iter().find_map(|start| code.shape(*start, "default_value_t ="));
    let default = ["default_value", "default"].iter().find_map(|key| value(key)).and_then(|at| code.text(at));
    let default = default.map(str::to_owned).or_else(|| typed.and_then(|at| code.literal(at)));
    let behind = code.close(index) + 2;
    let field = (behind..behind + 24).find(|at| code.is_sign(at + 1, b':') && !code.is_sign(at + 2, b':'));
    // What has a value of its own for nothing.
    let goes_on = field.is_some_and(|field| matches!(code.word(field + 2), Some("Option" | "bool" | "Vec")));
    let way = if goes_on && default.is_none() { Way::Asked } else { Way::Read };
    if let Some(at) = value("env").or_else(|| value("from")) {
        push(code, at, way, default, found);
        return;
    }
    // `#[arg(env)]` takes the name of the field.
    let is_bare = |start: &usize| code.word(*start) == Some("env") && !code.is_sign(start + 1, b'=');
    let is_asked = arguments.iter().any(|start| is_bare(start) && !code.is_sign(start + 1, b'('));
    if let Some((field, name)) = field.filter(|_| is_asked).and_then(|field| Some((field, code.word(field)?))) {
        found.push(Read { name: name.to_ascii_uppercase(), at: code.at(field), way, default });
    }
}

pub(super) fn go(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    for index in 0..code.len() {
        for (shape, way) in [
            ("os . Getenv ( $", Way::Asked),
            ("os . LookupEnv ( $", Way::Asked),
            ("syscall . Getenv ( $", Way::Asked),
            ("os . Setenv ( $", Way::Set),
            ("os . Unsetenv ( $", Way::Set),
            ("t . Setenv ( $", Way::Set),
            ("b . Setenv ( $", Way::Set),
        ] {
            if let Some(behind) = code.shape(index, shape) {
                push(code, behind - 1, way, other(code, index, behind), &mut found);
            }
        }
        for shape in ["BindEnv ( $", "MustBindEnv ( $"] {
            if let Some(behind) = code.shape(index, shape) {
                for argument in code.arguments(behind - 1).into_iter().skip(1) {
                    push(code, argument, Way::Asked, None, &mut found);
                }
            }
        }
        // urfave/cli: `EnvVars: []string{"A", "B"}`, `EnvVar: "A"`, `Sources: cli.EnvVars("A")`.
        let list = ["EnvVars : [ ] string {", "cli . EnvVars (", "EnvVars ("];
        if let Some(first) = list.iter().find_map(|shape| code.shape(index, shape)) {
            for argument in code.arguments(first) {
                push(code, argument, Way::Asked, None, &mut found);
            }
        }
        if let Some(behind) = code.shape(index, "EnvVar : $") {
            push(code, behind - 1, Way::Asked, None, &mut found);
        }
        for shape in ["ExpandEnv ( $", "os . Expand ( $"] {
            if let Some(behind) = code.shape(index, shape) {
                expanded(code, behind - 1, &mut found);
            }
        }
        if let Some(text) = code.text(index) {
            tag(code, text, code.at(index), &mut found);
        }
    }
    found
}

/// What `cmp.Or(os.Getenv("A"), "d")` takes in the place of nothing.
fn other(code: &Code, index: usize, behind: usize) -> Option<String> {
    let start = index.checked_sub(4)?;
    code.shape(start, "cmp . Or (")?;
    code.shape(behind, ") ,").and_then(|at| code.literal(at))
}

/// The names in `"$A/${B}"`.
fn expanded(code: &Code, index: usize, found: &mut Vec<Read>) {
    let Some(text) = code.text(index) else { return };
    for (at, _) in text.match_indices('$') {
        let name = text[at + 1..].trim_start_matches('{');
        let length = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        if code.is_name(&name[..length]) {
            found.push(Read { name: name[..length].to_owned(), at: code.at(index), way: Way::Asked, default: None });
        }
    }
}

/// The tag of a struct's field: `env:"PORT" envDefault:"8080"`.
fn tag(code: &Code, text: &str, at: usize, found: &mut Vec<Read>) {
    let value = |key: &str| {
        let (_, behind) = text.split_once(&format!("{key}:\""))?;
        behind.split_once('"').map(|(value, _)| value)
    };
    let Some(name) = value("env").or_else(|| value("envconfig")) else { return };
    // `env:"A,required"`, and sethvargo's `env:"A, default=5432"`.
    let (name, options) = name.split_once(',').unwrap_or((name, ""));
    let options = || options.split(',').map(str::trim);
    if code.is_loud(name) {
        let of_tag = || options().find_map(|part| part.strip_prefix("default="));
        let default = value("envDefault").or_else(|| value("default")).or_else(|| value("env-default"));
        let default = default.or_else(of_tag).map(str::to_owned);
        let is_required = options().any(|part| matches!(part, "required" | "notEmpty"))
            || ["required", "env-required"].iter().any(|key| value(key) == Some("true"));
        let way = if is_required || default.is_some() { Way::Read } else { Way::Asked };
        found.push(Read { name: name.to_owned(), at, way, default });
    }
}

fn push(code: &Code, index: usize, way: Way, default: Option<String>, found: &mut Vec<Read>) {
    if let Some(name) = code.named(index).filter(|name| code.is_name(name)) {
        found.push(Read {
            name: name.to_owned(),
            at: code.at(index),
            way,
            default: default.filter(|_| way != Way::Set),
        });
    }
}
