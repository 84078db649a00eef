//! The rows of recipes: listed, started, ordered and skipped, beside just, task and make. Where programs are started, a loop that does nothing
//! but start them is the floor.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::contest::{Contestant, Reach, Row, Work};
use crate::rows::{answering, find};

const MEGABYTE: u64 = 1_000_000;

/// What each recipe does: a program is started for it, by everybody but task, which has a shell of its own.
const COMMAND: &str = "true";

/// How recipes hang together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Not at all.
    Apart,
    /// Each needs the one before it.
    Chain,
    /// The last one needs all others.
    Wide,
}

/// The rows that are wanted: files of ten thousand recipes need not be made for nothing.
pub(crate) fn rows(prodev: &Path, scratch: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Vec<Row> {
    let makers: [(&str, &dyn Fn(&'static str) -> Row); 9] = [
        ("run-list-10", &|name| listed(name, prodev, scratch, 10, 2_600)),
        ("run-list-1000", &|name| listed(name, prodev, scratch, 1000, 8_000)),
        ("run-one-10", &|name| one(name, prodev, scratch, 10, 3)),
        ("run-one-1000", &|name| one(name, prodev, scratch, 1000, 6)),
        ("run-chain", &|name| together(name, prodev, scratch, Shape::Chain)),
        ("run-wide", &|name| together(name, prodev, scratch, Shape::Wide)),
        ("run-deep-10000", &|name| linear(name, prodev, scratch, Shape::Chain)),
        ("run-wide-10000", &|name| linear(name, prodev, scratch, Shape::Wide)),
        ("run-unchanged", &|name| unchanged(name, prodev, scratch, &Work::Answers, 40)),
    ];
    let wanted = makers.into_iter().filter(|(name, _)| is_wanted(name)).map(|(name, row)| row(name));
    let cold = is_wanted("run-unchanged-cold").then(|| {
        let work = Work::AnswersAfterTouching(scratch.join("run-unchanged-cold/src"));
        unchanged("run-unchanged-cold", prodev, scratch, &work, 70)
    });
    wanted.chain(cold).collect()
}

fn listed(name: &'static str, prodev: &Path, scratch: &Path, count: usize, micros: u64) -> Row {
    let place = written(&scratch.join(name), count, Shape::Apart);
    Row {
        name,
        what: format!("{count} recipes listed"),
        runs: 30,
        contestants: vec![
            answering("prodev", Some(prodev.to_owned()), &["-C", &place, "run", "--list"]),
            answering("just", find("just"), &["-f", &format!("{place}/justfile"), "--list"]),
            answering("task", find("task"), &["-d", &place, "--list-all"]),
        ],
        reach: vec![Reach::Wall(Duration::from_micros(micros)), Reach::Memory(8 * MEGABYTE)],
    }
}

fn one(name: &'static str, prodev: &Path, scratch: &Path, count: usize, millis: u64) -> Row {
    let place = written(&scratch.join(name), count, Shape::Apart);
    Row {
        name,
        what: format!("one of {count} recipes run"),
        runs: 30,
        contestants: everybody(prodev, &place, &called(0), &[]),
        reach: vec![Reach::Wall(Duration::from_millis(millis))],
    }
}

fn together(name: &'static str, prodev: &Path, scratch: &Path, shape: Shape) -> Row {
    const COUNT: usize = 1000;
    let place = written(&scratch.join(name), COUNT, shape);
    let jobs = if shape == Shape::Wide { "2" } else { "1" };
    let mut contestants = everybody(prodev, &place, &called(COUNT - 1), &[jobs]);
    let this = std::env::current_exe().unwrap();
    contestants.push(answering("floor", Some(this), &["--spawn", &COUNT.to_string(), "--jobs", jobs]));
    let (what, reach) = match shape {
        Shape::Wide => (
            "1,000 recipes side by side, two at a time",
            vec![Reach::TimesOf(1.08, "floor"), Reach::Memory(12 * MEGABYTE)],
        ),
        _ => ("1,000 recipes, each of which needs another", vec![Reach::TimesOf(1.05, "floor")]),
    };
    Row { name, what: what.to_owned(), runs: 5, contestants, reach }
}

/// Twice as many recipes take twice as long.
fn linear(name: &'static str, prodev: &Path, scratch: &Path, shape: Shape) -> Row {
    let of = |who, count: usize| {
        let place = written(&scratch.join(name).join(who), count, shape);
        answering(who, Some(prodev.to_owned()), &["-C", &place, "run", "-q", "-j", "2", &called(count - 1)])
    };
    Row {
        name,
        what: match shape {
            Shape::Wide => "20,000 recipes side by side, and half as many".to_owned(),
            _ => "20,000 recipes, each of which needs another, and half as many".to_owned(),
        },
        runs: 1,
        contestants: vec![of("prodev", 20_000), of("half", 10_000)],
        reach: vec![Reach::TimesOf(2.2, "half")],
    }
}

/// Ten thousand files are looked at, and nothing has to be done. make looks at times alone.
fn unchanged(name: &'static str, prodev: &Path, scratch: &Path, work: &Work, millis: u64) -> Row {
    const FILES: usize = 10_000;
    let place = scratch.join(name);
    let text = (0..32).fold(String::new(), |text, line| text + &format!("{line:02} of a file like others\n"));
    for number in 0..FILES {
        let file = place.join(format!("src/{:03}/{number:05}.txt", number / 50));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("{number}\n{text}")).unwrap();
    }
    fs::write(
        place.join("prodev.toml"),
        "[recipes.built]\ninputs = [\"src/**\"]\noutputs = [\"out\"]\nrun = \"echo built > out\"\n",
    )
    .unwrap();
    fs::write(
        place.join("Taskfile.yml"),
        "version: '3'\ntasks:\n  built:\n    sources: ['src/**/*.txt']\n    generates: [done]\n    cmds: ['echo built > done']\n",
    )
    .unwrap();
    fs::write(place.join("Makefile"), "made: $(wildcard src/*/*.txt)\n\techo built > made\n").unwrap();
    // A file that was written just before it is read cannot be told by its times.
    std::thread::sleep(Duration::from_millis(2_100));
    let folder = place.to_string_lossy().into_owned();
    let mut contestants = vec![
        answering("prodev", Some(prodev.to_owned()), &["-C", &folder, "run", "-q", "built"]),
        answering("task", find("task"), &["-d", &folder, "-s", "built"]),
    ];
    if matches!(work, Work::Answers) {
        contestants.push(answering("make", find("make"), &["-C", &folder, "-s", "made"]));
    }
    for contestant in &mut contestants {
        contestant.work = work.clone();
    }
    let what = match work {
        Work::Answers => "10,000 files that are as they were",
        _ => "10,000 files that are as they were, with other times",
    };
    Row { name, what: what.to_owned(), runs: 10, contestants, reach: vec![Reach::Wall(Duration::from_millis(millis))] }
}

/// Everybody runs a recipe; `jobs` at a time where that is given.
fn everybody(prodev: &Path, place: &str, recipe: &str, jobs: &[&str]) -> Vec<Contestant> {
    let who = |name: &'static str, path: Option<PathBuf>, start: &[&str], flag: &str, quiet: &str| {
        let jobs: Vec<&str> = jobs.iter().flat_map(|count| [flag, count]).collect();
        answering(name, path, &[start, jobs.as_slice(), &[quiet, recipe]].concat())
    };
    vec![
        who("prodev", Some(prodev.to_owned()), &["-C", place, "run"], "-j", "-q"),
        who("just", find("just"), &["-f", &format!("{place}/justfile")], "--jobs", "-q"),
        who("task", find("task"), &["-d", place], "-C", "-s"),
        who("make", find("make"), &["-C", place], "-j", "-s"),
    ]
}

fn called(number: usize) -> String {
    format!("recipe-{number:05}")
}

/// The same recipes for everybody.
fn written(folder: &Path, count: usize, shape: Shape) -> String {
    let (mut ours, mut just, mut make) = (String::new(), String::new(), String::new());
    let mut task = "version: '3'\ntasks:\n".to_owned();
    for number in 0..count {
        let needs: Vec<String> = match shape {
            Shape::Chain if number > 0 => vec![called(number - 1)],
            Shape::Wide if number == count - 1 => (0..number).map(called).collect(),
            _ => Vec::new(),
        };
        let name = called(number);
        let quoted: Vec<String> = needs.iter().map(|need| format!("\"{need}\"")).collect();
        let _ = write!(ours, "[recipes.{name}]\ndoc = \"What number {number} does\"\n");
        if !needs.is_empty() {
            let _ = writeln!(ours, "needs = [{}]", quoted.join(", "));
        }
        let _ = writeln!(ours, "run = \"{COMMAND}\"\n");
        let parallel = if needs.len() > 1 { "[parallel]\n" } else { "" };
        let needs = needs.join(" ");
        let _ = writeln!(just, "# What number {number} does\n{parallel}{name}: {needs}\n    {COMMAND}\n");
        let _ = writeln!(make, ".PHONY: {name}\n{name}: {needs}\n\t{COMMAND}\n");
        let _ = writeln!(
            task,
            "  {name}:\n    desc: What number {number} does\n    deps: [{}]\n    cmds: ['{COMMAND}']",
            quoted.join(", ")
        );
    }
    fs::create_dir_all(folder).unwrap();
    for (name, text) in [("prodev.toml", ours), ("justfile", just), ("Makefile", make), ("Taskfile.yml", task)] {
        fs::write(folder.join(name), text).unwrap();
    }
    folder.to_string_lossy().into_owned()
}
