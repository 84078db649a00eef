//! `prodev template test`: a template held against its own answer sets: that each renders, to what it rendered before, and that a project of the
//! version before comes to this one without a conflict.

mod case;
mod earlier;
mod golden;

use std::fmt::Write as _;
use std::path::Path;

use rayon::prelude::*;
use serde_json::{Value as Json, json};

use self::case::Case;
use super::check;
use super::source::{self, Age, Finder, Origin, Template, Wanted};
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::{Answer, Change, Outcome, object};
use crate::plan::tree::{Entry, Git, Site, Tree};
use crate::plan::{Plan, Step};
use crate::ui::style::{BOLD, ERROR, GOOD};

/// Render a template with its answer sets, and compare what comes out
///
/// Every `tests/NAME.toml` beside template.toml is a set of answers: `[answers]`, and `with`, `without`, `preset` and `dir` at the top. Each
/// must render, the same twice, and to the files in `tests/NAME/` where --bless has put them. Where the template is in a repository with
/// versions, a project of the version before must come to this one without a conflict. Exit 1 where a set fails. No task is run.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev template test
  prodev template test ./my-template --only default
  prodev template test --bless")]
pub(crate) struct Args {
    /// The template's folder
    #[arg(default_value = ".", value_hint = clap::ValueHint::DirPath)]
    template: String,
    /// Only the answer set of this name; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Take what comes out as what is right: write it to `tests/NAME/`
    #[arg(long)]
    bless: bool,
}

/// What became of one answer set.
struct Report {
    name: String,
    /// How many files came out.
    files: usize,
    /// Whether they were compared with what came out before.
    is_compared: bool,
    /// The version from which a project was updated.
    from: Option<String>,
    /// What is wrong, each with more lines about it.
    problems: Vec<(String, String)>,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let finder = Finder { dir: &ctx.dir, age: Age::Now, ui: Some(&ctx.ui) };
    let template = source::find(Wanted::newest(&args.template), finder)?;
    let Origin::Folder(root) = &template.origin else {
        return Err(fail(format!("`{}` is no folder, where a template is worked on", args.template))
            .hint("name a folder with a `template.toml`, such as `./my-template`")
            .exit(Exit::Usage)
            .into());
    };
    check::check(&template)?;
    let cases = case::read(root, template.shown(), &args.only)?;
    if args.bless {
        return bless(root, &template, &cases);
    }
    let earlier = earlier::version(root, &template)?;
    if let Some(tag) = &earlier {
        // Fetched once for all of them.
        earlier::old(root, tag, Age::Now)?;
    }
    // What a command stands on is not for several threads.
    let (dir, source) = (ctx.dir.clone(), args.template.as_str());
    let reports: Vec<Report> = cases
        .par_iter()
        .map(|case| judge(case, &template, root, earlier.as_deref(), (&dir, source)))
        .collect::<anyhow::Result<_>>()?;
    Ok(told(&reports, &template.manifest.template.name.text))
}

/// Writes what comes out now to where it is compared with.
fn bless(root: &Path, template: &Template, cases: &[Case]) -> anyhow::Result<Outcome> {
    let cases: Vec<&Case> = cases.iter().filter(|case| case.fails.is_none()).collect();
    let entries: Vec<Vec<Entry>> = cases
        .par_iter()
        .map(|case| golden::entries(root, &case.name, &case.render(template)?.rendering))
        .collect::<anyhow::Result<_>>()?;
    let entries: Vec<Entry> = entries.into_iter().flatten().collect();
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let tree = Tree { target: root.to_owned(), site: Site::Folder, entries, git: Git::Leave, open: None };
    Ok(Outcome::Change(Box::new(Change {
        plan: Plan::new([Step::Tree(tree)]),
        done: format!("{GOOD}blessed{GOOD:#} what `{}` gives for {}", template.shown(), names.join(", ")),
        json: object(json!({ "template": template.manifest.template.name.text, "cases": names })),
        ..Change::default()
    })))
}

fn judge(
    case: &Case,
    template: &Template,
    root: &Path,
    earlier: Option<&str>,
    (dir, source): (&Path, &str),
) -> anyhow::Result<Report> {
    let mut report = Report { name: case.name.clone(), files: 0, is_compared: false, from: None, problems: Vec::new() };
    let rendered = match (case.render(template), &case.fails) {
        (Ok(rendered), None) => rendered,
        (Ok(_), Some(expected)) => {
            report.problems.push((format!("it renders, and should fail with `{expected}`"), String::new()));
            return Ok(report);
        }
        (Err(error), Some(expected)) if case::words(&error).contains(expected.as_str()) => return Ok(report),
        (Err(error), expected) => {
            let message = match expected {
                Some(expected) => format!("it does not fail with `{expected}`"),
                None => "it does not render".to_owned(),
            };
            report.problems.push((message, case::words(&error)));
            return Ok(report);
        }
    };
    report.files = rendered.rendering.files.len();
    let again = case.render(template)?;
    let plain = |rendered: &case::Rendered| golden::kept(&rendered.rendering);
    for (path, content) in plain(&rendered) {
        if plain(&again).get(&path) != Some(&content) {
            report.problems.push((format!("`{path}` comes out otherwise the second time"), String::new()));
        }
    }
    if let Some(differences) = golden::compare(root, &case.name, &rendered.rendering)? {
        report.is_compared = true;
        report.problems.extend(differences);
    }
    if let Some(version) = earlier {
        report.from = Some(version.to_owned());
        match earlier::update(case, root, version, (dir, source)) {
            Ok(problems) => report.problems.extend(problems),
            Err(error) => {
                report
                    .problems
                    .push((format!("a project of {version} does not come to this version"), case::words(&error)));
            }
        }
    }
    Ok(report)
}

fn told(reports: &[Report], template: &str) -> Outcome {
    let mut text = String::new();
    for report in reports {
        let is_good = report.problems.is_empty();
        let (style, word) = if is_good { (GOOD, "ok") } else { (ERROR, "failed") };
        let mut about = vec![if report.files == 1 { "1 file".to_owned() } else { format!("{} files", report.files) }];
        about.extend(report.is_compared.then(|| "as before".to_owned()).filter(|_| is_good));
        about.extend(report.from.as_ref().map(|version| format!("from {version}")));
        let _ = writeln!(text, "{style}{word:<7}{style:#} {BOLD}{}{BOLD:#} ({})", report.name, about.join(", "));
        for (message, more) in &report.problems {
            let _ = writeln!(text, "  {message}");
            for line in more.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    let failed = reports.iter().filter(|report| !report.problems.is_empty()).count();
    let cases: Vec<Json> = reports
        .iter()
        .map(|report| {
            let problem = |(message, more): &(String, String)| json!({ "message": message, "about": more });
            json!({
                "name": report.name,
                "ok": report.problems.is_empty(),
                "files": report.files,
                "compared": report.is_compared,
                "from": report.from,
                "problems": report.problems.iter().map(problem).collect::<Vec<Json>>(),
            })
        })
        .collect();
    Outcome::Answer(Answer {
        text,
        json: object(json!({ "template": template, "failed": failed, "cases": cases })),
        exit: (failed > 0).then_some(Exit::Failed),
    })
}
