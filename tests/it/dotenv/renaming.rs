//! `env check --fix --unsafe` where a name gets another form: whoever refers to it follows, or it stays.

use crate::sandbox::Sandbox;

#[test]
fn references_follow_a_name_in_all_files() {
    let sandbox = Sandbox::new()
        .file(".env", "port=80\nLOG_LEVEL=\"${port:-1}$port\"\n")
        .file(".env.local", "APP_PORT=${port}\nNOTE='$port'\n")
        .file(".env.example", "port=\n");
    let said = "\
diff --git a/.env b/.env
--- a/.env
+++ b/.env
@@ -1,2 +1,2 @@
-port=********
-LOG_LEVEL=\"${port:-1}$port\"
+PORT=80
+LOG_LEVEL=\"${PORT:-1}$PORT\"
diff --git a/.env.example b/.env.example
--- a/.env.example
+++ b/.env.example
@@ -1 +1 @@
-port=
+PORT=
diff --git a/.env.local b/.env.local
--- a/.env.local
+++ b/.env.local
@@ -1,2 +1,2 @@
-APP_PORT=${port}
+APP_PORT=${PORT}
 NOTE=********
would mend 1 finding in `.env`, 1 of them with another meaning now: 1 lowercase-key; and 2 references to names that are changed
would mend 1 finding in `.env.example`, 1 of them with another meaning now: 1 lowercase-key
would mend 1 reference to a name that is changed in `.env.local`
nothing was changed (--dry-run)
";
    let dry = sandbox.run("env check --fix --unsafe --dry-run").succeeds().changed_nothing();
    assert_eq!(dry.stderr, said);
    sandbox.honest("env check --fix --unsafe");
    assert_eq!(sandbox.read(".env"), "PORT=80\nLOG_LEVEL=\"${PORT:-1}$PORT\"\n");
    assert_eq!(sandbox.read(".env.local"), "APP_PORT=${PORT}\nNOTE='$port'\n");
    sandbox.run("env check --fix --unsafe").succeeds().changed_nothing();
}

#[test]
fn a_name_stays_where_something_would_be_lost() {
    let stays = |sandbox: &Sandbox, words: &str, reason: &str| {
        let run = sandbox.run(words).changed_nothing();
        assert!(run.stderr.contains(&format!("`port` stays as it is: {reason}\n")), "{run}");
        let json = sandbox.run(&format!("{words} --json")).json();
        assert_eq!(json["kept"][0], serde_json::json!({ "name": "port", "reason": reason }));
    };
    let both = Sandbox::new().file(".env", "port=1\nPORT=2\n");
    stays(&both, "env check --fix --unsafe", "`PORT` is there, too");
    let beside = Sandbox::new().file(".env", "port=1\n").file(".env.local", "X=$port\n");
    stays(
        &beside,
        "env check --fix --unsafe .env",
        "`.env.local` has it, too, and is not to be mended: name that file as well",
    );
    let declared = Sandbox::new().file(".env", "port=1\n").file("prodev.toml", "[env.vars.port]\n");
    stays(&declared, "env check --fix --unsafe", "it is declared so");
    let read = Sandbox::new().file(".env", "port=1\nX=\\$port\n");
    let words = "env check --fix --unsafe --dialect compose --dialect python";
    stays(&read, words, "what refers to it would not be read alike by everybody afterwards");
    for (file, source) in [
        ("app.py", "import os\n\nos.environ['port']\n"),
        ("app.py", "import os\n\nos.getenv('port', '80')\n"),
        ("server.ts", "\n\nlisten(process.env.port ?? 80);\n"),
        ("main.rs", "\n\nstd::env::var(\"port\").ok();\n"),
        ("main.go", "\n\nos.Getenv(\"port\")\n"),
        ("run.sh", "#!/bin/sh\n\nserve --port \"$port\"\n"),
        ("compose.yaml", "services:\n  a:\n    ports: [\"${port}:80\"]\n"),
        ("compose.yaml", "services:\n  a: { }\n\n  b:\n    environment:\n      - port\n"),
        ("prodev.toml", "[recipes.a]\n\nrun = 'serve $port'\n"),
        ("app.rb", "\n\nENV.fetch('port')\n"),
        ("Makefile", "a:\n\n\tserve $(port)\n"),
        ("tests/test_a.py", "import os\n\nos.environ['port']\n"),
    ] {
        let read = Sandbox::new().file(".env", "port=1\n").file(file, source);
        let line = if source.contains("- port") { 6 } else { 3 };
        let reason = format!("`{file}:{line}` reads it by this name: change both by hand");
        stays(&read, "env check --fix --unsafe", &reason);
    }
    // What only looks like it, and what the code sets for itself, keeps nothing from getting its form.
    let own = Sandbox::new()
        .file(".env", "port=1\n")
        .file("run.sh", "port=80\necho $port\n")
        .file("a.json", "{\"port\": 80, \"a\": \"$ports\"}\n")
        .file("a.py", "# os.environ['port']\nport = {'port': 1}['port']\n");
    own.run("env check --fix --unsafe").succeeds();
    assert_eq!(own.read(".env"), "PORT=1\n");
    let allowed = Sandbox::new().file(".env", "port=1 # prodev:allow\n").file(".env.local", "port=1\n");
    stays(&allowed, "env check --fix --unsafe", "not each of its lines may be changed");
}
