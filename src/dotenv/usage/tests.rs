//! Tables of code: what each language's reader finds, and what it does not take for a read.

use super::reads::{Read, Way};
use super::source::{Kind, reads};

/// `X` for a read, `X=d` with a default, `(X)` where it is set.
fn found(kind: Kind, source: &str) -> String {
    let mut reads: Vec<Read> = reads(kind, source);
    reads.sort_by_key(|read| read.at);
    let shown = reads.iter().map(|read| match (&read.way, &read.default) {
        (Way::Set, _) => format!("({})", read.name),
        (Way::Read, Some(default)) => format!("{}={default}", read.name),
        (Way::Read, None) => read.name.clone(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn table(kind: Kind, cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(found(kind, source), *expected, "{source}");
    }
}

#[test]
fn python() {
    table(
        Kind::Python,
        &[
            ("os.environ['A']", "A"),
            ("x = os.environ[\"A\"] + environ['B']", "A B"),
            ("os.environ.get('A')", "A"),
            ("os.environ.get('A', 'd')", "A=d"),
            ("os.environ.get('A', None)", "A"),
            ("os.environ.get('A', default())", "A"),
            ("os.environ.get('A', 'a' + b)", "A"),
            ("os.environ.get(\n    'A',\n    '1',\n)", "A=1"),
            ("os.getenv('A', 8_000)", "A=8000"),
            ("getenv(key='A')", ""),
            ("int(os.getenv('A', '-1'))", "A=-1"),
            ("os.environ['A'] = '1'", "(A)"),
            ("os.environ['A'] == '1'", "A"),
            ("del os.environ['A']", "(A)"),
            ("os.environ.setdefault('A', 'b')", "(A)"),
            ("if 'A' in os.environ: pass", "(A)"),
            ("f\"{os.environ['A']} {{os.environ['B']}}\"", "A"),
            ("# os.environ['A']\n'''os.environ['B']'''\n\"os.getenv('C')\"", ""),
            ("request.environ['A']", ""),
            ("os.environ[name]", ""),
            ("import environ\nenv = environ.Env(DEBUG=(bool, False), X=str)\nenv('A')", "DEBUG=false X A"),
            ("env('A', default=1)", "A=1"),
            ("env('A', str)", "A"),
            ("env.bool('A', default=False)", "A=false"),
            ("env.integer('A', 10, minimum=1)", "A=10"),
            ("env.float('A', 1.5)", "A=1.5"),
            ("env.list('lower')", ""),
            ("env.db()", "DATABASE_URL"),
            ("env.db('DB_URL', default='sqlite:///x')", "DB_URL=sqlite:///x"),
            ("env.cache(default='x')", "CACHE_URL"),
            ("from environ import Env\nreader = Env()\nreader.str('A')", "A"),
            ("self.env('A')", ""),
            ("raise env.Missing('A', 'is not set')", ""),
            ("from decouple import config\nconfig('A', default='x', cast=int)", "A=x"),
            ("config('A')", ""),
            ("get_env('A', 'x')", "A=x"),
        ],
    );
}

#[test]
fn javascript() {
    table(
        Kind::JavaScript,
        &[
            ("process.env.A", "A"),
            ("process.env['A']", "A"),
            ("process.env?.A", "A"),
            ("process?.env.A", "A"),
            ("process.env?.['A']", "A"),
            ("process.env.A || 'd'", "A=d"),
            ("Number(process.env.A ?? 3000)", "A=3000"),
            ("process.env.A === 'x'", "A"),
            ("process.env.A = 'x'", "(A)"),
            ("delete process.env.A", "(A)"),
            ("const { A, B: b, C = 'd', D: e = 1, ...rest } = process.env", "A B C=d D=1"),
            ("const { A } = import.meta.env;", "A"),
            ("import.meta.env.VITE_A", "VITE_A"),
            ("const env = process.env;\nenv.A; env.lower; x.env.B", "A"),
            ("Deno.env.get('A') ?? 'd'", "A=d"),
            ("Bun.env.A", "A"),
            ("// process.env.A\n/* process.env.B */\n'process.env.C'", ""),
            ("`${process.env.A} process.env.B`", "A"),
            ("/process.env.A/.test(x)", ""),
            ("process.env[name]", ""),
            ("getEnv('A', 'x')", "A=x"),
        ],
    );
}

#[test]
fn rust() {
    table(
        Kind::Rust,
        &[
            ("env!(\"A\")", "A"),
            ("option_env!(\"A\")", "A"),
            ("std::env::var(\"A\")", "A"),
            ("env::var_os(\"A\")", "A"),
            ("env::var(\"A\").unwrap_or(\"d\".into())", "A=d"),
            ("std::env::var(\"A\").unwrap_or_else(|_| \"d\".to_owned())", "A=d"),
            ("use std::env::var;\nvar(\"A\")", "A"),
            ("var(\"A\")", ""),
            ("env::set_var(\"A\", \"b\")", "(A)"),
            ("#[arg(long, env = \"A\", default_value = \"d\")]", "A=d"),
            ("// env!(\"A\")\n/* /* */ env!(\"B\") */ \"env!(\\\"C\\\")\"", ""),
            ("fn f<'a>(x: &'a str) { env!(\"A\"); let c = '\"'; env!(\"B\") }", "A B"),
        ],
    );
}

#[test]
fn go() {
    table(
        Kind::Go,
        &[
            ("os.Getenv(\"A\")", "A"),
            ("v, ok := os.LookupEnv(`A`)", "A"),
            ("os.Setenv(\"A\", \"b\")", "(A)"),
            ("viper.BindEnv(\"a\", \"A\", \"B\")", "A B"),
            ("Port int `env:\"PORT,required\" envDefault:\"8080\"`", "PORT=8080"),
            ("Port int `envconfig:\"PORT\" default:\"8080\"`", "PORT=8080"),
            ("getEnv(\"A\", \"d\")", "A=d"),
            ("// os.Getenv(\"A\")\n\"os.Getenv(B)\"", ""),
        ],
    );
}

#[test]
fn shell() {
    table(
        Kind::Shell,
        &[
            ("echo $A ${B} \"${C}\"", "A B C"),
            ("echo '$A' \\$B \"it's $C\"", "C"),
            ("echo ${A:-d} ${B-e} ${C:?gone} ${#D}", "A=d B=e C D"),
            ("# $A\necho a#$B", "B"),
            ("A=1\necho $A", "(A) (A)"),
            ("A=${A:-d}\necho $A", "(A) A=d (A)"),
            ("A=\"${A:-d}\"", "(A) A=d"),
            (": \"${A:=d}\"\necho $A", "A=d (A) (A)"),
            ("for X in 1; do echo $X; done", "(X) (X)"),
            ("while read -r LINE; do echo $LINE; done", "(LINE) (LINE)"),
            ("cat <<EOF\n$A\nEOF\ncat <<'EOF'\n$B\nEOF\necho $C", "A C"),
            ("echo $lower $1 $$ $?", ""),
            ("export A", ""),
        ],
    );
}

#[test]
fn compose_files() {
    table(
        Kind::Compose,
        &[
            ("image: a:${TAG:-latest}", "TAG=latest"),
            ("command: echo $$A ${B}", "B"),
            ("# ${A}\nx: 'a' # ${B}", ""),
            ("environment:\n  A: ${A:-x}", "(A) A"),
            ("environment:\n  - A\n  - B=${C}\n  D: x\nvolumes:\n  - E", "A (B) C (D)"),
            ("  environment:\n    A:\n    B: 1\n  other:\n    C:", "A (B)"),
        ],
    );
}

#[test]
fn workflows() {
    table(
        Kind::Workflow,
        &[
            ("run: echo $A \"${B}\" '$C'", "A B"),
            ("env:\n  A: ${{ secrets.B }}\nrun: echo $A", "(A) A"),
            ("if: ${{ env.A == 'x' && matrix.env.B }}", "A"),
            ("run: A=1 && echo $A # $B", "(A) A"),
        ],
    );
}
