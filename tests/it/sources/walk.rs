//! One project and one template, from its first version over the second to the third: what happens to a project in its life, in each place that it
//! can have.

use std::collections::BTreeMap;

use super::origin::{cut, publish, url};
use crate::sandbox::{Run, Sandbox};
use crate::terminal::Terminal;

const ONE: &str = "[template]\nname = 'tpl'\nversion = '1.0.0'\n[questions.package]\ndefault = 'shop'\n\
    [components.extra]\nfiles = ['extra']\n";

/// A question with a default, a rename, and something to run on either side of the merge.
const TWO: &str = "[questions.port]\ntype = 'int'\ndefault = 80\n[[renames]]\nsince = '2.0.0'\nfrom = 'notes.txt'\nto = 'docs/notes.md'\n\
    [[migrations]]\nversion = '2.0.0'\nstage = 'before'\nrun = 'sed -i s/colour/color/ settings; echo before-2 >> log'\n\
    [[migrations]]\nversion = '2.0.0'\nrun = 'echo after-2 $PRODEV_OLD_VERSION $PRODEV_NEW_VERSION >> log'\n";

/// And one without.
const THREE: &str = "[questions.owner]\n\
    [[migrations]]\nversion = '3.0.0'\nstage = 'before'\nrun = 'echo before-3 >> log'\n\
    [[migrations]]\nversion = '3.0.0'\nrun = ['sh', '-c', 'echo after-3 \"$1\" >> log', 'x', '{{ owner }}']\n";

const SETTINGS: &str = "colour = red\na = 1\nb = 2\nc = 3\nd = 4\nsize = 10\n";
const NOTES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

/// The template in its first version.
#[track_caller]
fn first() -> Sandbox {
    let sandbox = Sandbox::new();
    let files = [
        ("template.toml", ONE),
        ("CHANGELOG.md", "# Changelog\n\n## 1.0.0\n\n- Begin\n"),
        ("files/settings", SETTINGS),
        ("files/notes.txt", NOTES),
        ("files/src/{{ package }}/main.jinja", "package = {{ package }}\n"),
        ("files/LICENSE", "free\n"),
        ("files/extra", "extra\n"),
    ];
    publish(&sandbox, &files, Some("v1.0.0"));
    sandbox
}

/// The two versions after it.
#[track_caller]
fn later(sandbox: &Sandbox) {
    let second = ONE.replace("1.0.0", "2.0.0") + TWO;
    std::fs::remove_file(sandbox.path("../home/author/files/notes.txt")).unwrap();
    let files = [
        ("template.toml", second.as_str()),
        ("CHANGELOG.md", "# Changelog\n\n## 2.0.0\n\n- Ports\n\n## 1.0.0\n\n- Begin\n"),
        ("files/settings", &SETTINGS.replace("colour", "color").replace("c = 3", "c = three")),
        ("files/docs/notes.md", &NOTES.replace("10\n", "ten\n")),
        ("files/src/{{ package }}/port.jinja", "{{ port }}\n"),
    ];
    publish(sandbox, &files, Some("v2.0.0"));
    std::fs::remove_file(sandbox.path("../home/author/files/LICENSE")).unwrap();
    let files = [
        ("template.toml", &*(second.replace("2.0.0'\n[q", "3.0.0'\n[q") + THREE)),
        ("CHANGELOG.md", "# Changelog\n\n## 3.0.0\n\n- Owners\n\n## 2.0.0\n\n- Ports\n\n## 1.0.0\n\n- Begin\n"),
        ("files/settings", &SETTINGS.replace("colour", "color").replace("c = 3", "c = three").replace("10", "30")),
        ("files/owner.jinja", "{{ owner }}\n"),
    ];
    publish(sandbox, &files, Some("v3.0.0"));
}

/// A project in a folder.
struct Walk<'a> {
    sandbox: &'a Sandbox,
    at: &'a str,
}

impl<'a> Walk<'a> {
    fn run(&self, words: &str) -> Run<'a> {
        self.sandbox.run_args(&[&["-C", self.at], &words.split(' ').collect::<Vec<_>>()[..]].concat())
    }

    fn read(&self, path: &str) -> String {
        self.sandbox.read(&format!("{}/{path}", self.at))
    }

    fn write(&self, path: &str, text: &str) {
        self.sandbox.write(&format!("{}/{path}", self.at), text);
    }

    /// All that is in it, without what Git keeps.
    fn state(&self) -> BTreeMap<String, String> {
        let mut all = self.sandbox.snapshot(self.at);
        all.retain(|path, _| !path.starts_with(".git/"));
        all
    }
}

#[test]
fn a_project_goes_from_version_to_version_wherever_it_is() {
    for (repository, at, flag) in
        [(None, "shop", ""), (None, "shop", " --no-git"), (Some("."), "services/the shop", "")]
    {
        let sandbox = first();
        if let Some(repository) = repository {
            sandbox.ask_git(&["init", "-q", repository]);
        }
        let template = url(&sandbox);
        let flags: Vec<&str> = flag.split_whitespace().collect();
        sandbox.run_args(&[&["new", &template, at], &flags[..]].concat()).succeeds();
        let shop = Walk { sandbox: &sandbox, at };
        let in_git = |args: &[&str]| (flag.is_empty()).then(|| sandbox.ask_git(&[&["-C", at], args].concat()));
        in_git(&["add", "-A"]);
        in_git(&["commit", "-q", "-m", "Generate"]);
        shop.run("update --check").exits(0).stdout_is("tpl 1.0.0 is the newest\n");

        // The user lives in it.
        shop.write("settings", &SETTINGS.replace("size = 10", "size = 99"));
        shop.write("notes.txt", &NOTES.replace("1\n2\n", "one\n2\n"));
        shop.write("own", "own\n");
        later(&sandbox);

        // What is there is told before anything is done.
        let check = shop.run("update --check --json --ref v2.0.0").exits(1).changed_nothing().json();
        assert_eq!((&check["to"], &check["changelog"]), (&"2.0.0".into(), &"## 2.0.0\n\n- Ports".into()));
        shop.run("update --ref v2.0.0").exits(4).changed_nothing();
        let run = shop.run("update --ref v2.0.0 --dry-run").succeeds().changed_nothing();
        assert!(run.stdout.starts_with("run       sed -i s/colour/color/ settings; echo before-2 >> log\n"), "{run}");
        assert!(run.stderr.contains("\n  echo after-2 $PRODEV_OLD_VERSION $PRODEV_NEW_VERSION >> log\n"), "{run}");
        let run = shop.run("update --ref v2.0.0 --trust").succeeds();
        assert!(run.stderr.find("- Ports") < run.stderr.find("run sed"), "{run}");
        for said in [
            "## 2.0.0\n\n- Ports\n",
            "new questions: port\n",
            "files of the template: 2 new, 1 changed, 1 removed\n",
            "the template renamed `notes.txt` to `docs/notes.md`: followed\n",
        ] {
            assert!(run.stderr.contains(said), "{said}\n{run}");
        }
        assert!(!run.stderr.contains("Owners"), "{run}");
        let settings = SETTINGS.replace("colour", "color").replace("c = 3", "c = three");
        assert_eq!(shop.read("settings"), settings.replace("10", "99"));
        assert_eq!(shop.read("docs/notes.md"), NOTES.replace("1\n2\n", "one\n2\n").replace("10\n", "ten\n"));
        assert_eq!(
            (shop.read("src/shop/port"), shop.read("log")),
            ("80\n".to_owned(), "before-2\nafter-2 1.0.0 2.0.0\n".to_owned())
        );
        assert!(!sandbox.exists(&format!("{at}/notes.txt")));
        in_git(&["add", "-A"]);
        in_git(&["commit", "-q", "-m", "Second"]);

        // A tag that was named is not followed for ever.
        shop.run("update --check").exits(1).stdout_is("tpl 2.0.0 -> 3.0.0\n");
        let run = shop.run("update --trust").exits(2).changed_nothing();
        assert!(run.stderr.contains("no answer for `owner`") && run.stderr.contains("--set owner="), "{run}");
        let before = shop.state();
        let run = shop.run("update --trust --set owner=us").exits(3);
        assert!(run.stderr.contains("\nConflicts:\n  settings: both changed the same lines\n"), "{run}");
        assert!(shop.read("settings").contains("<<<<<<< yours\nsize = 99\n=======\nsize = 30\n>>>>>>> tpl 3.0.0\n"));
        if let Some(status) = in_git(&["status", "--porcelain"]) {
            assert!(status.lines().any(|line| line.starts_with("UU ") && line.contains("settings")), "{status}");
        }
        shop.run("update").exits(3).changed_nothing();
        shop.run("update --abort").succeeds();
        let mut after = shop.state();
        // What ran before the merge is the user's.
        assert_eq!(shop.read("log"), "before-2\nafter-2 1.0.0 2.0.0\nbefore-3\n");
        after.insert("log".to_owned(), before["log"].clone());
        assert_eq!(after, before);

        // Once more, with what was before shown; and no migration twice.
        let run = shop.run("update --trust --set owner=us --diff3").exits(3);
        assert!(
            run.stderr.contains("`echo before-3 >> log` ran already, when this update was begun before\n"),
            "{run}"
        );
        assert!(shop.read("settings").contains("||||||| tpl 2.0.0\nsize = 10\n"), "{}", shop.read("settings"));
        shop.run("update --continue").exits(3).changed_nothing();
        shop.write("settings", &settings.replace("10", "99"));
        in_git(&["add", "settings"]);
        let run = shop.run("update --continue --dry-run").succeeds().changed_nothing();
        assert_eq!(run.stdout, "finish    the update\nrun       sh -c 'echo after-3 \"$1\" >> log' x us\n");
        shop.run("update --continue").succeeds();
        assert_eq!(shop.read("log"), "before-2\nafter-2 1.0.0 2.0.0\nbefore-3\nafter-3 us\n");
        assert_eq!((shop.read("owner"), sandbox.exists(&format!("{at}/LICENSE"))), ("us\n".to_owned(), false));
        shop.run("update --check").exits(0);

        // Without a network what was fetched is enough.
        cut(&sandbox);
        let run = shop.run("update").succeeds().changed_nothing();
        assert!(run.stderr.ends_with("nothing to do: tpl 3.0.0 is the newest\n"), "{run}");
        let there = shop.state();
        shop.run("add extra").succeeds();
        shop.run("remove extra").succeeds();
        assert_eq!(shop.state(), there);
        // The way back is one like any: the line that both have is still the user's.
        shop.run("update --ref v2.0.0 --no-tasks").exits(3);
        assert!(!sandbox.exists(&format!("{at}/owner")) && sandbox.exists(&format!("{at}/LICENSE")));
        shop.run("update --abort").succeeds();
        assert_eq!(shop.state(), there);
        shop.run("diff").succeeds().changed_nothing();
    }
}

#[test]
fn a_leap_over_a_version_brings_both() {
    let sandbox = first();
    sandbox.run_args(&["new", &url(&sandbox), "shop", "--no-git"]).succeeds();
    later(&sandbox);
    let run = sandbox.run("-C shop update --trust --set owner=us").succeeds();
    assert!(run.stderr.contains("## 3.0.0\n\n- Owners\n\n## 2.0.0\n\n- Ports\n"), "{run}");
    assert!(run.stderr.contains("\nnew questions: port\n"), "{run}");
    assert_eq!(sandbox.read("shop/log"), "before-2\nbefore-3\nafter-2 1.0.0 3.0.0\nafter-3 us\n");
    assert_eq!(
        (sandbox.read("shop/src/shop/port"), sandbox.read("shop/owner")),
        ("80\n".to_owned(), "us\n".to_owned())
    );
    sandbox.run("-C shop update").succeeds().changed_nothing();
}

#[test]
fn at_a_terminal_of_80_columns_it_is_asked_for_and_shown() {
    let sandbox = first();
    sandbox.run_args(&["new", &url(&sandbox), "shop", "--no-git"]).succeeds();
    sandbox.write("shop/settings", SETTINGS.replace("size = 10", "size = 99"));
    later(&sandbox);
    let Some(terminal) = Terminal::start_sized(&sandbox, "-C shop update", (80, 60)) else { return };
    terminal.sees("port").presses("Enter").sees("owner").types("us").presses("Enter");
    terminal.sees("Do you trust it?").types("y").exits(3);
    let screen = terminal.screen();
    for said in
        ["- Owners", "the template renamed `notes.txt` to `docs/notes.md`: followed", "prodev update --continue"]
    {
        assert!(screen.contains(said), "{said}\n{screen}");
    }
    assert_eq!(sandbox.read("shop/log"), "before-2\nbefore-3\n");
    sandbox.write("shop/settings", "settled\n");
    // What was agreed to is not asked for again.
    sandbox.run("-C shop update --continue").succeeds();
    assert_eq!(sandbox.read("shop/log"), "before-2\nbefore-3\nafter-2 1.0.0 3.0.0\nafter-3 us\n");
}

#[test]
fn a_commit_that_is_gone_is_told_and_an_update_goes_on_without_it() {
    let sandbox = first();
    sandbox.run_args(&["new", &url(&sandbox), "shop", "--no-git"]).succeeds();
    // The author starts anew, and nothing of what was is left anywhere.
    std::fs::remove_dir_all(sandbox.path("../home/author")).unwrap();
    std::fs::remove_dir_all(sandbox.path("../home/origin.git")).unwrap();
    std::fs::remove_dir_all(sandbox.path("../cache")).unwrap();
    std::fs::create_dir_all(sandbox.path("../cache")).unwrap();
    publish(
        &sandbox,
        &[("template.toml", &ONE.replace("1.0.0", "1.1.0")), ("files/settings", "new\n"), ("files/extra", "")],
        Some("v1.1.0"),
    );
    let run = sandbox.run("-C shop add extra").exits(2).changed_nothing();
    assert!(
        run.stderr.contains("` has no tag, branch or commit `")
            && run.stderr.ends_with("hint: `prodev update` goes to a version that is there\n"),
        "{run}"
    );
    sandbox.run("-C shop update").succeeds();
    assert_eq!(sandbox.read("shop/settings"), "new\n");
    sandbox.run("-C shop add extra").succeeds();
}
