//! Projects from repositories: updated to the newest version, to a branch or a commit, and changed in the one that they have.

use super::origin::{cut, manifest, publish, published, url};

#[test]
fn a_project_follows_versions_or_a_branch() {
    let sandbox = published();
    sandbox.run_args(&["new", &url(&sandbox), "shop", "--no-git"]).succeeds();
    sandbox.run("-C shop update --check").exits(0);
    publish(&sandbox, &[("template.toml", &manifest("1.1.0")), ("files/out", "two\n")], Some("v1.1.0"));
    publish(&sandbox, &[("template.toml", &manifest("2.0.0-rc.1")), ("files/out", "soon\n")], Some("v2.0.0-rc.1"));
    publish(&sandbox, &[("files/out", "later\n")], None);
    let run = sandbox.run("-C shop update --json").succeeds();
    let template = &run.json()["template"];
    assert_eq!(
        (&template["ref"], &run.json()["from"], &run.json()["to"]),
        (&"v1.1.0".into(), &"1.0.0".into(), &"1.1.0".into())
    );
    assert_eq!(sandbox.read("shop/out"), "two\n");
    sandbox.run("-C shop update --pre").succeeds();
    assert_eq!(sandbox.read("shop/out"), "soon\n");
    sandbox.run("-C shop update --ref main").succeeds();
    assert_eq!(sandbox.read("shop/out"), "later\n");
    assert!(sandbox.read("shop/.prodev/tpl/state.toml").contains("ref = \"main\"\n"));
    // From here on it follows the branch.
    publish(&sandbox, &[("files/out", "latest\n")], None);
    sandbox.run("-C shop update").succeeds();
    assert_eq!(sandbox.read("shop/out"), "latest\n");
    sandbox.run("-C shop update --ref v1.0.0").succeeds();
    assert_eq!(sandbox.read("shop/out"), "one\n");
    sandbox.run("-C shop update --ref nonsense").exits(2).changed_nothing();
}

#[test]
fn components_come_from_the_commit_that_is_recorded_without_a_network() {
    let sandbox = published();
    let more = format!("{}[components.extra]\nfiles = ['extra']\n", manifest("1.1.0"));
    publish(&sandbox, &[("template.toml", &more), ("files/extra", "extra\n")], Some("v1.1.0"));
    sandbox.run_args(&["new", &url(&sandbox), "shop", "--no-git"]).succeeds();
    let before = sandbox.snapshot("shop");
    publish(
        &sandbox,
        &[("template.toml", &more.replace("1.1.0", "1.2.0")), ("files/extra", "other\n")],
        Some("v1.2.0"),
    );
    cut(&sandbox);
    sandbox.run("-C shop add extra").succeeds();
    assert_eq!(sandbox.read("shop/extra"), "extra\n");
    sandbox.run("-C shop remove extra").succeeds();
    assert!(sandbox.snapshot("shop") == before);
}
