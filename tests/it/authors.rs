//! What `docs/templates.md` and the schema tell template authors is true: the examples run, the tables have every key, the schema fits.

use std::fs;

use serde_json::Value;

use crate::sandbox::Sandbox;

fn document() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/templates.md")).unwrap()
}

/// The TOML block that begins with this line.
#[track_caller]
fn block(document: &str, first: &str) -> String {
    let start =
        document.find(&format!("```toml\n{first}\n")).expect("the block is in the document") + "```toml\n".len();
    document[start..].split("```").next().unwrap().to_owned()
}

fn schema() -> Value {
    serde_json::from_str(&Sandbox::new().run("template schema").succeeds().stderr_is("").changed_nothing().stdout)
        .unwrap()
}

#[test]
fn the_example_is_a_template() {
    let document = document();
    let manifest = block(&document, "[template]") + &block(&document, "[messages]");
    let (_, slots) = document.split_once("## Slots and fragments").unwrap();
    let shared: Vec<&str> = slots.lines().filter_map(|line| line.strip_prefix("    ")).take(3).collect();
    let shared = shared.join("\n") + "\n";
    let sandbox = Sandbox::new()
        .file("t/template.toml", &manifest)
        .file("t/files/settings.py.jinja", &shared)
        .file("t/files/shop/cache/redis.py", "")
        .file("t/files/shop/tasks/mail.py", "")
        .file("t/files/.env.jinja", "KEY={{ random_secret() }}\n")
        .file("t/fragments/apps/cache.py.jinja", "\"{{ package }}.cache\",\n")
        .file("t/fragments/apps/cache+celery.py", "\"glue\",\n");
    sandbox
        .run_args(&["new", "t", "my-shop", "--defaults", "--no-git", "--set", "project_name=My Shop"])
        .succeeds()
        .stderr_is("created `my-shop`: 3 files from shop 1.2.0 with core, cache\n\ncd my-shop and have fun\n");
    assert_eq!(sandbox.read("my-shop/settings.py"), "INSTALLED_APPS = [\n    \"my_shop.cache\",\n]\n");
    sandbox.run("new t all --defaults --no-git --preset full").succeeds();
    assert_eq!(sandbox.read("all/settings.py"), "INSTALLED_APPS = [\n    \"shop.cache\",\n    \"glue\",\n]\n");
    sandbox.run("new t less --defaults --no-git --preset minimal").succeeds();
    assert_eq!(sandbox.read("less/settings.py"), "INSTALLED_APPS = [\n]\n");
    assert!(!sandbox.exists("less/shop"));
}

#[test]
fn the_tables_have_every_key() {
    let document = document();
    let schema = schema();
    for (heading, definition) in [
        ("### `[questions.NAME]`", "Question"),
        ("### `[components.NAME]`", "Component"),
        ("### `[[files]]`", "Rule"),
        ("### `[[renames]]`", "Rename"),
    ] {
        let (_, section) = document.split_once(heading).unwrap();
        let rows =
            section.lines().skip(1).take_while(|line| !line.starts_with('#')).filter(|line| line.starts_with("| `"));
        let told: Vec<&str> = rows
            .flat_map(|row| row.split('|').nth(1).unwrap().split(','))
            .map(|key| key.trim().trim_matches('`'))
            .collect();
        let known = schema["$defs"][definition]["properties"].as_object().unwrap();
        for key in known.keys() {
            assert!(told.contains(&key.as_str()), "{heading} does not tell of `{key}`");
        }
        for key in told {
            assert!(known.contains_key(key), "{heading} tells of `{key}`, which does not exist");
        }
    }
}

#[test]
fn the_names_of_filters_are_true() {
    let document = document();
    let row = document.lines().find(|line| line.contains("| `snake_case`, ")).unwrap();
    let cells: Vec<Vec<&str>> = row
        .split('|')
        .map(|cell| cell.split('`').skip(1).step_by(2).collect())
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect();
    let (filters, given, expected) = (&cells[0], cells[1][0], &cells[1][1..]);
    let lines: Vec<String> = filters.iter().map(|filter| format!("{{{{ '{given}' | {filter} }}}}")).collect();
    let sandbox = Sandbox::new()
        .file("t/template.toml", "[template]\nname = 't'\nversion = '1.0.0'\n")
        .file("t/files/out.jinja", &lines.join("\n"));
    sandbox.run("new t p --no-git").succeeds();
    assert_eq!(sandbox.read("p/out").lines().collect::<Vec<_>>(), expected);
}

#[test]
fn litter_is_no_part_of_a_template() {
    let sandbox =
        Sandbox::new().file("t/template.toml", "[template]\nname = 't'\nversion = '1.0.0'\n").file("t/files/kept", "");
    for litter in [".git/config", ".DS_Store", "__pycache__/x.py", "x.pyc", "x~", "x.swp"] {
        assert!(document().contains(litter.split('/').next().unwrap().trim_start_matches('x')), "{litter}");
        sandbox.write(&format!("t/files/{litter}"), "");
    }
    sandbox.run("new t p --no-git").succeeds().stderr_is("created `p`: 1 file from t 1.0.0\n");
}

#[test]
fn the_schema_fits_our_templates_and_no_broken_ones() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let json = |text: &str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path().join("template.toml");
        let template = json(&fs::read_to_string(&path).unwrap());
        let errors: Vec<String> = validator.iter_errors(&template).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    }
    let head = "[template]\nname = 't'\nversion = '1.0.0'\n";
    assert!(validator.is_valid(&json(head)));
    for broken in [
        "",
        "[template]\nname = 't'",
        "[template]\nname = 't'\nversion = '1.0.0'\nnmae = 't'",
        &format!("{head}[question.x]"),
        &format!("{head}[questions.x]\ntype = 'integer'"),
        &format!("{head}[questions.x]\nchoices = 3"),
        &format!("{head}[questions.x]\nchoices = [{{ label = 'x' }}]"),
        &format!("{head}[questions.x]\nvalidator = {{ expr = 'x' }}"),
        &format!("{head}[components.x]\nrequires = 'y'"),
        &format!("{head}[presets]\nx = 'y'"),
        &format!("{head}[[files]]\nonce = true"),
        &format!("{head}[[files]]\nmatch = 'x'\ndelimiters = {{ variable = ['x'] }}"),
    ] {
        assert!(!validator.is_valid(&json(broken)), "the schema takes\n{broken}");
    }
    let answer = Sandbox::new().run("template schema --json").succeeds().json();
    assert!(jsonschema::validator_for(answer.get("schema").unwrap_or(&answer)).is_ok());
}

#[test]
fn templates_are_listed_with_the_users_own() {
    let sandbox = Sandbox::new().file("../home/.config/prodev/config.toml", "[templates]\nours = 'gh:acme/{}'\n");
    let run = sandbox.run("template list").succeeds().stderr_is("").changed_nothing();
    assert!(run.stdout.contains("\nrust-cli       0.1.0    A Rust command-line program"), "{run}");
    assert!(run.stdout.ends_with("\nours           yours    gh:acme/{}\n"), "{run}");
    let json = sandbox.run("template list --json").succeeds().json();
    let last = json["templates"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["name"], &last["source"]), (&"ours".into(), &"gh:acme/{}".into()));
    sandbox
        .run("template show rust-cil")
        .fails(2, "error: there is no template `rust-cil`\nhint: did you mean `rust-cli`?\n");
    sandbox.run("template show").exits(2).changed_nothing();
}
