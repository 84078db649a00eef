//! The same template three times: as prodev, as cookiecutter and as copier read it.

use std::fs;
use std::path::{Path, PathBuf};

/// Every so manieth file is a binary one.
const BINARY: usize = 40;

/// How many files share a folder.
const FOLDER: usize = 20;

/// What a template asks: name and default.
const QUESTIONS: [(&str, &str); 5] = [
    ("project_name", "Harbour Office"),
    ("package", "harbour"),
    ("author", "Ada Lovelace"),
    ("domain", "harbour.example.org"),
    ("port", "8080"),
];

/// Writes folders `prodev`, `cookiecutter` and `copier` that generate `files` equal files of about 1.5 KB, and says where.
pub(crate) fn write(root: &Path, files: usize) -> PathBuf {
    prodev(&root.join("prodev"));
    cookiecutter(&root.join("cookiecutter"));
    copier(&root.join("copier"));
    for number in 0..files {
        let folder = format!("part_{:02}", number / FOLDER);
        if number % BINARY == BINARY / 2 {
            let name = format!("{folder}/image_{number:04}.png");
            let bytes = binary(number);
            for package in
                ["prodev/files/{{ package }}", "cookiecutter/{{ cookiecutter.package }}", "copier/{{ package }}"]
            {
                put(&root.join(package).join(&name), &bytes);
            }
        } else {
            let name = format!("{folder}/module_{number:04}.py");
            let text = text(number);
            put(&root.join("prodev/files/{{ package }}").join(format!("{name}.jinja")), text.as_bytes());
            put(&root.join("copier/{{ package }}").join(format!("{name}.jinja")), text.as_bytes());
            let text = QUESTIONS.iter().fold(text, |text, (name, _)| {
                text.replace(&format!("{{{{ {name}"), &format!("{{{{ cookiecutter.{name}"))
                    .replace(&format!("if {name}"), &format!("if cookiecutter.{name}"))
            });
            put(&root.join("cookiecutter/{{ cookiecutter.package }}").join(&name), text.as_bytes());
        }
    }
    root.to_owned()
}

/// Changes every file of a template that `write` wrote, and its version.
pub(crate) fn second_edition(template: &Path, mark: &str) {
    let files = ignore::WalkBuilder::new(template).standard_filters(false).build().map(Result::unwrap);
    for file in files.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
        let mut bytes = fs::read(file.path()).unwrap();
        match file.path().extension().and_then(|ending| ending.to_str()) {
            Some("png") => bytes.extend(mark.bytes()),
            Some("py" | "jinja") if bytes.starts_with(b"\"\"\"") => {
                let text = String::from_utf8(bytes).unwrap();
                bytes = text.replacen("Module ", &format!("The {mark} of module "), 1).into_bytes();
            }
            Some("toml") => bytes = String::from_utf8(bytes).unwrap().replacen("1.0.0", "2.0.0", 1).into_bytes(),
            _ => continue,
        }
        fs::write(file.path(), bytes).unwrap();
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn prodev(root: &Path) {
    let head = "[template]\nname = \"bench\"\ndescription = \"For measuring\"\nversion = \"1.0.0\"\n";
    let questions = QUESTIONS.map(|(name, default)| format!("\n[questions.{name}]\ndefault = \"{default}\"\n"));
    put(&root.join("template.toml"), format!("{head}{}", questions.concat()).as_bytes());
}

fn cookiecutter(root: &Path) {
    let answers: serde_json::Map<_, _> =
        QUESTIONS.map(|(name, default)| (name.to_owned(), default.into())).into_iter().collect();
    put(&root.join("cookiecutter.json"), serde_json::Value::Object(answers).to_string().as_bytes());
}

fn copier(root: &Path) {
    let questions = QUESTIONS.map(|(name, default)| format!("{name}:\n  type: str\n  default: \"{default}\"\n"));
    put(&root.join("copier.yml"), questions.concat().as_bytes());
}

/// Bytes that no one takes for text: the head of a PNG, zeros, and noise.
fn binary(number: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0".to_vec();
    let mut state = number as u64 + 1;
    bytes.extend((0..1500).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    }));
    bytes
}

/// A module as people write them, with a dozen variables, a condition and a loop.
fn text(number: usize) -> String {
    let head = format!(
        "\"\"\"Module {number} of {{{{ project_name }}}}, by {{{{ author }}}}.\"\"\"\n\n\
         from {{{{ package }}}}.settings import DOMAIN, PORT\n\n\
         NAME = \"{{{{ package | upper }}}}_{number}\"\n\
         URL = \"https://{{{{ domain }}}}:{{{{ port }}}}/{number}\"\n\n\
         {{% if port == \"8080\" %}}\nDEBUG = True\n{{% else %}}\nDEBUG = False\n{{% endif %}}\n\
         {{% for index in range(4) %}}\nFIELD_{{{{ index }}}} = \"{{{{ package }}}}.field_{{{{ index }}}}\"\n{{% endfor %}}\n\n"
    );
    let tasks = (0..5).map(|function| {
        format!(
            "def task_{number}_{function}(request, store):\n    \
             \"\"\"Task {function} of {{{{ project_name }}}}: reads from the store and answers.\"\"\"\n    \
             entry = store.get(\"{{{{ package }}}}/{number}/{function}\")\n    \
             if entry is None:\n        raise LookupError(f\"{{entry}} is not in {{{{ domain }}}}\")\n    \
             return {{\"owner\": \"{{{{ author }}}}\", \"entry\": entry, \"port\": PORT, \"domain\": DOMAIN}}\n\n\n"
        )
    });
    head + &tasks.collect::<Vec<_>>().concat()
}
