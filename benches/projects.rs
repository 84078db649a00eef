//! Projects that were made from a template which has a second edition by now: the same ones by prodev, copier and cruft, each in a repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::templates;

/// What every text of the second edition has in it.
const SECOND: &str = "second edition";

/// Whether the project in `folder` is of the second edition.
pub(crate) fn is_second(folder: &Path) -> bool {
    // cookiecutter's project is what others have in their project's package.
    let texts = ["part_00/module_0000.py", "harbour/part_00/module_0000.py"];
    texts.iter().any(|text| fs::read_to_string(folder.join(text)).is_ok_and(|text| text.contains(SECOND)))
}

/// How a project is left: as the first edition made it, or of the edition that is the newest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    Old,
    Newest,
}

/// Who made the project, and with which program.
pub(crate) struct Maker<'a> {
    pub(crate) name: &'a str,
    pub(crate) program: &'a Path,
}

/// Makes the project, and gives its folder. `place` holds template and project; both lie beside each other there.
pub(crate) fn project(place: &Path, files: usize, maker: &Maker, edition: Edition) -> PathBuf {
    let home = place.join("home");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join(".gitconfig"), "[user]\n\tname = Bench\n\temail = bench@example.org\n").unwrap();
    let kind = if maker.name == "cruft" { "cookiecutter" } else { maker.name };
    let template = templates::write(place, files).join(kind);
    if maker.name == "copier" {
        fs::write(template.join("{{_copier_conf.answers_file}}.jinja"), "{{ _copier_answers|to_nice_yaml }}\n")
            .unwrap();
    }
    git(&home, &template, &["init", "-q"]);
    commit(&home, &template, "v1.0.0");
    let project = place.join("harbour");
    let words: &[&str] = match maker.name {
        "prodev" => &["new", "[TEMPLATE]", "harbour", "--defaults", "--no-git", "-q"],
        "copier" => &["copy", "--defaults", "--quiet", "[TEMPLATE]", "harbour"],
        _ => &["create", "[TEMPLATE]", "--no-input"],
    };
    let second = || {
        templates::second_edition(&template, SECOND);
        commit(&home, &template, "v2.0.0");
    };
    if edition == Edition::Newest {
        second();
    }
    let words = words.iter().map(|word| word.replace("[TEMPLATE]", &template.to_string_lossy()));
    run(Command::new(maker.program).args(words), &home, place);
    git(&home, &project, &["init", "-q"]);
    commit(&home, &project, "made");
    if edition == Edition::Old {
        second();
    }
    project
}

fn commit(home: &Path, repository: &Path, tag: &str) {
    git(home, repository, &["add", "-A"]);
    git(home, repository, &["commit", "-q", "-m", tag]);
    git(home, repository, &["tag", tag]);
}

fn git(home: &Path, repository: &Path, words: &[&str]) {
    run(Command::new("git").args(words), home, repository);
}

fn run(command: &mut Command, home: &Path, folder: &Path) {
    let command = command.env("HOME", home).current_dir(folder).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
