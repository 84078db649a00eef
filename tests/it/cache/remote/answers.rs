//! Servers that are not there, refuse, fail, or have something else than they should: the run goes on without them, and says so once.

use super::server::{Reply, Server};
use super::{filled, fresh, is_restored, runs_and_says, shared};
use crate::sandbox::Sandbox;

const WITHOUT: &str = "warning: this run goes on without the remote cache: it";

/// Two recipes, one after the other.
fn two(url: &str) -> Sandbox {
    let more =
        "[recipes.second]\nneeds = ['join']\ninputs = ['src/**']\noutputs = ['second']\nrun = 'echo 2 > second'\n";
    fresh(&format!("{}{more}", shared(url, "timeout = '5s'")))
}

#[test]
fn a_server_that_is_not_there_is_told_of_once() {
    let sandbox = two("http://127.0.0.1:1");
    let run = sandbox.run("run second").succeeds().stdout_is("joined\n");
    let warning = run.stderr.lines().next().unwrap_or_default();
    assert!(
        warning.starts_with(&format!("{WITHOUT} cannot be reached: Failed to connect to 127.0.0.1 port 1")),
        "{run}"
    );
    assert_eq!(run.stderr.matches("warning").count(), 1, "{run}");
    assert_eq!(super::made(&sandbox), "AB");
    // What is here needs nobody.
    sandbox.run("run join").succeeds().stderr_is("`join` was skipped: nothing has changed\n");
}

#[test]
fn a_server_that_refuses_is_asked_no_more() {
    let url = |status: u16| {
        let server = Server::new(move |_| Reply::Status(status));
        (server.url(), server)
    };
    for (status, said, hint) in [
        (500, "answers 500", ""),
        (503, "answers 503", ""),
        (429, "answers 429", ""),
        (407, "refuses it (407)", "hint: the proxy wants credentials: they belong to the address in `https_proxy`\n"),
    ] {
        let (url, server) = url(status);
        let sandbox = two(&url);
        let run = sandbox.run("run second").succeeds();
        let warning = format!("{WITHOUT} {said}\n{hint}");
        assert!(run.stderr.starts_with(&warning) && run.stderr.matches("warning").count() == 1, "{status}: {run}");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
    // Whoever may not read may be there to write.
    for (status, method) in [(401, "GET"), (403, "GET")] {
        let server =
            Server::new(move |request| if request.method == method { Reply::Status(status) } else { Reply::Kept });
        let sandbox = two(&server.url());
        let run = sandbox.run("run second").succeeds();
        let warning = format!(
            "warning: nothing is fetched from the remote cache: it refuses it ({status})\n\
             hint: say who asks: `token_env`, or `username_env` and `password_env`, of `[settings.cache.remote]`\n"
        );
        assert!(run.stderr.starts_with(&warning) && run.stderr.matches("warning").count() == 1, "{run}");
        assert_eq!((server.requests().len(), server.names("/ac/").len()), (1 + 4, 2), "{:?}", server.requests());
    }
}

#[test]
fn a_server_that_takes_nothing_is_read_all_the_same() {
    let full = filled();
    for (status, said) in
        [(401, "refuses it (401)"), (403, "refuses it (403)"), (405, "answers 405"), (507, "answers 507")]
    {
        let server =
            full.instead(move |request| if request.method == "PUT" { Reply::Status(status) } else { Reply::Kept });
        let sandbox = two(&server.url());
        let run = sandbox.run("run second").succeeds();
        assert!(run.stderr.contains(&format!("warning: nothing is sent to the remote cache: it {said}\n")), "{run}");
        assert_eq!((run.stderr.matches("warning").count(), super::runs(&sandbox)), (1, 0), "{run}");
        sandbox.write("src/a", "X");
        sandbox.run("run second").succeeds();
        // Of two that are on their way at once both may be told.
        let puts = server.requests().iter().filter(|request| request.starts_with("PUT")).count();
        assert!((2..=4).contains(&puts), "{:?}", server.requests());
    }
}

#[test]
fn who_asks_is_told_and_nobody_else_hears_of_it() {
    let full = filled();
    let checks = |wanted: &'static str| {
        move |request: &super::server::Request| {
            if request.header("authorization") == Some(wanted) { Reply::Kept } else { Reply::Status(401) }
        }
    };
    let bearer = full.instead(checks("Bearer s3cret-token"));
    let config = shared(&bearer.url(), "token_env = 'CACHE_TOKEN'");
    let sandbox = fresh(&config).env("CACHE_TOKEN", "s3cret-token");
    is_restored(&sandbox, "run --verbose join");
    let sandbox = fresh(&config);
    let run = sandbox.run("run join").succeeds();
    assert!(run.stderr.contains("it refuses it (401)\nhint: set `CACHE_TOKEN`\n"), "{run}");
    let sandbox = fresh(&config).env("CACHE_TOKEN", "wr0ng-token");
    let run = sandbox.run("run join").succeeds();
    assert!(run.stderr.contains("hint: ask whoever runs it what these credentials may do"), "{run}");
    assert!(!run.stderr.contains("wr0ng"), "{run}");
    let sandbox = fresh(&config).env("CACHE_TOKEN", "s3cret\ntoken");
    let run = sandbox.run("run join").succeeds();
    let said = format!("{WITHOUT} cannot be asked: the value of `CACHE_TOKEN` cannot be sent\n");
    assert!(run.stderr.starts_with(&said) && !run.stderr.contains("s3cret"), "{run}");

    // `ada:p"w\d`.
    let basic = full.instead(checks("Basic YWRhOnAid1xk"));
    let config = shared(&basic.url(), "username_env = 'WHO'\npassword_env = 'WORD'");
    is_restored(&fresh(&config).env("WHO", "ada").env("WORD", "p\"w\\d"), "run join");
}

/// What stands in the arguments of a program is seen by all users of the machine.
#[test]
fn no_argument_holds_a_credential() {
    let server = filled();
    let sandbox = fresh(&shared(&server.url(), "token_env = 'CACHE_TOKEN'"));
    let curl = crate::proof::find("curl").unwrap();
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> '{}'\nexec '{}' \"$@\"\n",
        sandbox.path("../cache/seen").display(),
        curl.display()
    );
    sandbox.write("../cache/bin/curl", script);
    std::fs::set_permissions(sandbox.path("../cache/bin/curl"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let path = format!("{}:{}", sandbox.path("../cache/bin").display(), std::env::var("PATH").unwrap());
    let sandbox = sandbox.env("PATH", &path).env("CACHE_TOKEN", "s3cret-token");
    is_restored(&sandbox, "run join");
    assert_eq!(sandbox.read("../cache/seen"), "-q -K -\n-q -K -\n");
}

#[test]
fn without_curl_there_is_no_remote_cache() {
    let sandbox = fresh(&shared("http://127.0.0.1:1", ""));
    for program in ["sh", "cat", "mkdir"] {
        let from = crate::proof::find(program).unwrap();
        std::fs::create_dir_all(sandbox.path("../cache/bin")).unwrap();
        std::os::unix::fs::symlink(from, sandbox.path("../cache/bin").join(program)).unwrap();
    }
    let path = sandbox.path("../cache/bin").display().to_string();
    let sandbox = sandbox.env("PATH", &path);
    runs_and_says(&sandbox, &format!("{WITHOUT} cannot be asked: there is no `curl`\nhint: install curl\n"));
}

#[test]
fn a_server_that_sends_elsewhere_does_not_get_credentials_sent_there() {
    let full = filled();
    let other = full.instead(|_| Reply::Kept);
    let place = other.url().replace("/team", "");
    let first = full.instead(move |request| match request.method.as_str() {
        "GET" => Reply::To(format!("{place}{}", request.path)),
        _ => Reply::Kept,
    });
    let sandbox = fresh(&shared(&first.url(), "token_env = 'CACHE_TOKEN'")).env("CACHE_TOKEN", "s3cret-token");
    is_restored(&sandbox, "run join");
    assert!(first.all().iter().all(|request| request.header("authorization") == Some("Bearer s3cret-token")));
    assert!(!other.all().is_empty());
    for request in other.all() {
        assert_eq!(request.header("authorization"), None, "{request:?}");
    }
    // In a circle, and where something is to be sent.
    let circle = Server::new(|request| Reply::To(request.path.clone()));
    runs_and_says(
        &fresh(&shared(&circle.url(), "")),
        &format!("{WITHOUT} sends elsewhere (307)\nhint: give the address that it is at as `url`\n"),
    );
    let elsewhere =
        Server::new(|request| if request.method == "PUT" { Reply::To("/x".to_owned()) } else { Reply::Kept });
    runs_and_says(
        &fresh(&shared(&elsewhere.url(), "")),
        "warning: nothing is sent to the remote cache: it sends elsewhere (307)\nhint: give the address that it is at as `url`\n",
    );
    // To no file of this machine.
    let file = Server::new(|_| Reply::To("file:///etc/passwd".to_owned()));
    let sandbox = fresh(&shared(&file.url(), ""));
    let run = sandbox.run("run join").succeeds();
    assert!(run.stderr.starts_with(&format!("{WITHOUT} sends elsewhere (307)")), "{run}");
}

/// What a recipe says whose result is of no use.
fn useless(why: &str) -> String {
    format!("warning: what the remote cache has of `join` is of no use: it {why}\n")
}

#[test]
fn what_is_not_what_its_name_says_is_not_used() {
    let full = filled();
    let name = full.name_of(b"AB");
    let shown = name.trim_start_matches("/team/").to_owned();
    let cases: [(&str, Reply, String); 7] = [
        (
            "another",
            Reply::Body(b"XY".to_vec()),
            useless(&format!("comes with something else than it should: `{shown}`")),
        ),
        ("longer", Reply::Body(b"ABC".to_vec()), useless(&format!("comes with more than it should: `{shown}`"))),
        ("huge", Reply::Body(vec![b'x'; 3_000_000]), useless(&format!("comes with more than it should: `{shown}`"))),
        (
            "in pieces",
            Reply::Chunks(vec![b"A".to_vec(), vec![b'B'; 100_000]]),
            useless(&format!("comes with more than it should: `{shown}`")),
        ),
        ("shorter", Reply::Body(b"A".to_vec()), useless("was cut off on its way")),
        ("empty", Reply::Body(Vec::new()), useless("was cut off on its way")),
        ("cut off", Reply::Part(2, b"A".to_vec()), useless("was cut off on its way")),
    ];
    for (case, reply, said) in cases {
        let cas = reply.clone();
        let server =
            full.instead(move |request| if request.is("GET", "/team/cas/") { cas.clone() } else { Reply::Kept });
        let sandbox = fresh(&shared(&server.url(), ""));
        runs_and_says(&sandbox, &said);
        // It has put right what was wrong.
        assert_eq!(
            (server.get(&name), server.all().iter().filter(|it| it.method == "PUT").count()),
            (b"AB".to_vec(), 2)
        );
        let stored = sandbox.snapshot("../cache/prodev");
        assert!(!stored.keys().any(|path| path.contains("drafts/")), "{case}: {stored:?}");
    }
    // The same bytes in pieces are the same.
    let server = full.instead(|request| {
        if request.is("GET", "/team/cas/") { Reply::Chunks(vec![b"A".to_vec(), b"B".to_vec()]) } else { Reply::Kept }
    });
    is_restored(&fresh(&shared(&server.url(), "")), "run join");
}

#[test]
fn a_result_that_is_none_is_not_used() {
    let full = filled();
    let name = full.names("/ac/").remove(0);
    let whole = full.get(&name);
    for (reply, why) in [
        (Reply::Body(b"<html>welcome</html>".to_vec()), "is no result"),
        (Reply::Body(whole[..whole.len() - 1].to_vec()), "is no result"),
        (Reply::Part(whole.len(), whole[..9].to_vec()), "was cut off on its way"),
        (Reply::Body(Vec::new()), "is none of prodev's"),
        (Reply::Body(vec![0x20; 30_000_000]), "is longer than any result"),
        (Reply::Body([&whole[..], &[0x20, 7]].concat()), "is that of something that failed"),
    ] {
        let server =
            full.instead(move |request| if request.is("GET", "/team/ac/") { reply.clone() } else { Reply::Kept });
        runs_and_says(&fresh(&shared(&server.url(), "")), &useless(why));
    }
}

#[test]
fn a_result_whose_content_is_gone_is_none() {
    let server = filled();
    server.forget(&server.name_of(b"AB"));
    runs_and_says(&fresh(&shared(&server.url(), "")), "");
    is_restored(&fresh(&shared(&server.url(), "")), "run join");
    // A changed byte anywhere in the result is a miss, or another way to the same.
    let name = server.names("/ac/").remove(0);
    for at in 0..server.get(&name).len() {
        server.change(&name, |bytes| bytes[at] ^= 0x15);
        let sandbox = fresh(&shared(&server.url(), "mode = 'read-only'"));
        sandbox.run("run join").succeeds();
        assert_eq!((super::made(&sandbox).as_str(), sandbox.list().len()), ("AB", 4), "{at}: {:?}", sandbox.list());
        server.change(&name, |bytes| bytes[at] ^= 0x15);
    }
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let full = filled();
    for folder in ["/team/ac/", "/team/cas/"] {
        let server = full.instead(
            move |request| if request.is("GET", folder) { Reply::Stuck(2, b"A".to_vec()) } else { Reply::Kept },
        );
        let sandbox = fresh(&shared(&server.url(), "timeout = '1s'"));
        let run = sandbox.run("run join").succeeds();
        assert!(run.stderr.starts_with(&format!("{WITHOUT} cannot be reached: Operation timed out after ")), "{run}");
        assert_eq!(run.stderr.matches("warning").count(), 1, "{run}");
    }
}

#[test]
fn what_is_too_large_for_a_server_does_not_keep_others_away() {
    let server = Server::new(|request| if request.body.len() > 1000 { Reply::Status(413) } else { Reply::Kept });
    let sandbox = two(&server.url());
    sandbox.write("src/a", "X".repeat(2000));
    let run = sandbox.run("run second").succeeds();
    let warning = "warning: `join` is not in the remote cache, which takes no files of this size (413)\n\
                   hint: nginx takes what is up to its `client_max_body_size`\n";
    assert!(run.stderr.contains(warning) && run.stderr.matches("warning").count() == 1, "{run}");
    assert_eq!(server.names("/ac/").len(), 1, "the other one");
}
