//! Tables of code: what each language's reader finds, and what it does not take for a read.

use super::reads::{Read, Way};
use super::source::{Kind, reads};

/// `X` for a read, `X=d` with a default, `X?` where the code goes on without it, `(X)` where it is set.
fn found(kind: Kind, source: &str) -> String {
    let known = ["quiet", "api-key"].map(str::to_owned).into();
    let mut reads: Vec<Read> = reads(kind, source, &known);
    reads.sort_by_key(|read| read.at);
    let shown = reads.iter().map(|read| match (&read.way, &read.default) {
        (Way::Set, _) => format!("({})", read.name),
        (_, Some(default)) => format!("{}={default}", read.name),
        (Way::Asked, None) => format!("{}?", read.name),
        (Way::Read, None) => read.name.clone(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn table(kind: Kind, cases: &[(&str, &str)]) {
    let wrong = cases.iter().map(|(source, expected)| (source, found(kind, source), expected));
    let wrong = wrong.filter(|(_, found, expected)| found != *expected);
    let told: Vec<String> =
        wrong.map(|(source, found, expected)| format!("{source}\n  is     {found}\n  should {expected}")).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn python() {
    table(
        Kind::Python,
        &[
            ("os.environ['A']", "A"),
            ("x = os.environ[\"A\"] + environ['B']", "A B"),
            ("os.environ.get('A')", "A?"),
            ("int(os.environ.get('A'))\nPath(os.getenv('B'))\nstr(os.getenv('C'))", "A B C?"),
            ("os.environ['quiet'] + env('quiet') + env('silent')", "quiet quiet"),
            ("os.environ.get('A', 'd')", "A=d"),
            ("os.environ.get('A', None)", "A?"),
            ("os.environ.get('A', default())", "A?"),
            ("os.environ.get('A', 'a' + b)", "A?"),
            ("os.environ.get(\n    'A',\n    '1',\n)", "A=1"),
            ("os.getenv('A', 8_000)", "A=8000"),
            ("getenv(key='A')", "A?"),
            ("int(os.getenv('A', '-1'))", "A=-1"),
            ("os.environ['A'] = '1'", "(A)"),
            ("os.environ['A'] == '1'", "A"),
            ("del os.environ['A']", "(A)"),
            ("os.environ.setdefault('A', 'b')", "(A)"),
            ("if 'A' in os.environ: pass", "A?"),
            ("x = 'A' not in os.environ", "A?"),
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
fn python_by_other_names() {
    table(
        Kind::Python,
        &[
            ("from os import getenv as e\ne('A', 'd')", "A=d"),
            ("from os import (path, getenv as e, environ as m)\ne('A')\n'B' in m\nm['C']", "A? B? C"),
            ("import os as o\no.environ['A'], o.getenv('B')", "A B?"),
            ("import os\nget = os.environ.get\nget('A')\ng = os.getenv\ng('B', '1')", "A? B=1"),
            ("e = os.environ\ne['A']; e.get('B'); e['C'] = '1'", "A B? (C)"),
            ("e: dict = os.environ\ne['A']", "A"),
            ("e = os.environ.copy()\ne['A'] = '1'\ne['lower']\ne['B']", "(A) B"),
            ("e = dict(os.environ)\ne.get('A', None)", "A?"),
            ("config = dotenv_values('.env')\nconfig['A']\nconfig['name']", "A"),
            ("config = {**dotenv_values('.env'), **os.environ}\nconfig['A']", "A"),
            ("os.environ.pop('A', None)\nos.environ.pop('B')\nos.environ.pop('C', 'd')", "A? B C=d"),
            ("os.environ.get('A') or 'd'", "A=d"),
            ("os.environ.get('A', '') or 'd'", "A=d"),
            ("os.environ.get('A') or compute()", "A?"),
            ("os.environb[b'A']", "A"),
            ("os.environ.setdefault('A', 'd')", "(A)"),
            ("NAME = 'A'\nos.environ[NAME]\nos.getenv(NAME, 'd')", "A A=d"),
            ("NAME = 'A'\nNAME = 'B'\nos.environ[NAME]", ""),
            ("NAME: Final = 'A'\nos.environ[NAME]", "A"),
            ("PREFIX = 'A_'\nos.environ[PREFIX + 'B']", ""),
            ("os.path.expandvars('$A/${B}/é$C')", "A? B? C?"),
            ("request.environ.get('A')", ""),
            ("environ = request.environ\n", ""),
            ("self.getenv_of('A')", ""),
            ("from decouple import config as c\nc('A', cast=bool, default=False)", "A=false"),
            ("from decouple import AutoConfig\nconfig = AutoConfig('x')\nconfig('A')", "A"),
            (
                "from starlette.config import Config\nconfig = Config('.env')\nconfig('A', cast=bool, default=False)",
                "A=false",
            ),
            ("import decouple\ndecouple.config('A')", ""),
            ("env('A', cast=bool, default=None)", "A?"),
            ("env.get_value('A', cast=str, default='d')", "A=d"),
            ("from environs import Env\ne = Env()\ne.int('A', 5)\ne.list('B', default=[])", "A=5 B?"),
            (
                "with env.prefixed('X_'):\n    env('A')\n    with env.prefixed('Y_'):\n        env('B')\nenv('C')",
                "X_A X_Y_B C",
            ),
            ("@click.option('--a', envvar='A', default='d')\n@click.option('--b', envvar=['B', 'C'])", "A? B? C?"),
        ],
    );
}

#[test]
fn python_classes_of_settings() {
    table(
        Kind::Python,
        &[
            (
                "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='X_')\n    a: str\n    b: int = 5\n    \
                 c: Optional[str] = None\n    sub: Sub\n    def f(self):\n        d: str = 'x'\n\nother: str\n",
                "X_A X_B=5 X_C?",
            ),
            (
                "class S(pydantic.BaseSettings, X):\n    a: str = Field(..., alias='ALIAS')\n    b: str = Field('d', env='BENV')\n    \
                 c: str = Field(\n        default='d',\n        description='x: y',\n    )\n    d: str = Field()\n    e: list[str] = []\n",
                "ALIAS BENV=d C=d D E?",
            ),
            (
                "class S(BaseSettings):\n    a: Annotated[str, Field(min_length=1)]\n    b: Annotated[int, Field(gt=0)] = 5\n    \
                 c: typing.Annotated[typing.Optional[str], Field(alias='C_ALIAS')] = None\n    d: Annotated[int, Field(default=3)]\n    \
                 e: Annotated[Sub, 'x']\n    f: typing.Optional[str] = None\n    g: Annotated[list[str], NoDecode, Field(default_factory=list)]\n",
                "A B=5 C_ALIAS? D=3 F? G?",
            ),
            ("class S(BaseModel):\n    a: str\n", ""),
        ],
    );
}

#[test]
fn javascript_by_other_names() {
    table(
        Kind::JavaScript,
        &[
            ("const {env: e2} = process;\ne2.A; e2.lower", "A?"),
            ("const { env } = process;\nenv.A", "A?"),
            ("import {env as E} from \"process\"\nE.A", "A?"),
            ("import { env } from 'node:process'\nenv['A'] ?? 'd'", "A=d"),
            ("import p from 'node:process'\np.env.A", "A?"),
            ("import * as p from 'process'\np.env.A", "A?"),
            ("const { env } = require('process')\nenv.A", "A?"),
            ("const p = require('node:process'); p.env.A", "A?"),
            ("require('process').env.A", "A?"),
            ("const p = process; p.env.A", "A?"),
            ("globalThis.process.env.A", "A?"),
            ("other.process2.env.A", ""),
            ("process.env[\"X\"] ?? \"d\"", "X=d"),
            ("process.env.A! + process.env!.B + (process.env.C as string)", "A B? C"),
            ("(process.env.A as string) || 'd'", "A=d"),
            ("process.env.A as string ?? 'd'", "A=d"),
            ("(process as any).env.A; (import.meta as any).env.VITE_A", "A? VITE_A?"),
            ("process.env.A ? process.env.A : 'd'", "A=d A?"),
            (
                "if (!process.env.A) throw new Error()\nif (!process.env.B) { process.exit(1) }\nif (!process.env.C) skip()",
                "A B C?",
            ),
            ("process.env.A ??= 'd'", "A=d"),
            ("'A' in process.env", "A?"),
            ("process.env.hasOwnProperty('A')", "A?"),
            ("Object.hasOwn(process.env, 'A')", "A?"),
            ("process.env.toString()", ""),
            ("import.meta.env?.VITE_X; import.meta.env['VITE_Y']", "VITE_X? VITE_Y?"),
            ("const { A = 'd' }: NodeJS.ProcessEnv = process.env", "A=d"),
            ("function f({ A, B = 'd' } = process.env) {}", "A? B=d"),
            ("const all = { ...process.env };\nall.A", "A?"),
            ("const KEY = 'A';\nprocess.env[KEY]", "A?"),
            ("const KEY: string = 'A';\nprocess.env[KEY]", "A?"),
            ("Deno.env.has('A'); Deno.env.set('B', 'c')", "A? (B)"),
            ("import { A, B as b } from '$env/static/private'", "A B"),
            ("import { A } from 'astro:env/server'", "A"),
            (
                "this.configService.get<string>('A', 'd'); config.getOrThrow('B'); config.get('db.host'); config.get('C')",
                "A=d B C?",
            ),
            ("const env = loadEnv(mode, cwd);\nenv.VITE_A", "VITE_A?"),
            (
                "createEnv({ server: { A: z.string().url(), B: z.coerce.number().default(3000), C: z.string().optional() }, runtimeEnv: process.env })",
                "A B=3000 C?",
            ),
            (
                "cleanEnv(process.env, { A: str(), B: port({ default: 3000 }), C: str({ choices: ['x'], default: 'x' }) })",
                "A B=3000 C=x",
            ),
            ("const s = { A: z.string() }", ""),
        ],
    );
}

#[test]
fn javascript() {
    table(
        Kind::JavaScript,
        &[
            ("process.env.A", "A?"),
            ("process.env['A']", "A?"),
            ("process.env.quiet; env.quiet; getEnv('quiet')", "quiet? quiet?"),
            ("process.env?.A", "A?"),
            ("process?.env.A", "A?"),
            ("process.env?.['A']", "A?"),
            ("process.env.A || 'd'", "A=d"),
            ("Number(process.env.A ?? 3000)", "A=3000"),
            ("process.env.A === 'x'", "A?"),
            ("process.env.A = 'x'", "(A)"),
            ("delete process.env.A", "(A)"),
            ("const { A, B: b, C = 'd', D: e = 1, ...rest } = process.env", "A? B? C=d D=1"),
            ("const { A } = import.meta.env;", "A?"),
            ("import.meta.env.VITE_A", "VITE_A?"),
            ("const env = process.env;\nenv.A; env.lower; x.env.B", "A?"),
            ("Deno.env.get('A') ?? 'd'; Deno.env.get('B')!; Deno.env.get('C')", "A=d B C?"),
            ("Bun.env.A", "A?"),
            ("// process.env.A\n/* process.env.B */\n'process.env.C'", ""),
            ("`${process.env.A} process.env.B`", "A?"),
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
            ("option_env!(\"A\"); option_env!(\"B\").unwrap()", "A? B"),
            ("option_env!(\"A\").unwrap_or(\"d\")", "A=d"),
            ("std::env::var(\"A\")", "A?"),
            (
                "env::var(\"A\")?; env::var(\"B\").unwrap(); env::var_os(\"C\").expect(\"C\"); env::var(\"D\").context(\"D\")?",
                "A B C D",
            ),
            (
                "env::var(\"A\").ok(); env::var(\"B\").is_ok(); env::var(\"C\").ok()?; env::var(\"D\").ok().ok_or(Error)?",
                "A? B? C? D",
            ),
            ("env::var(\"A\").unwrap_or_else(|_| panic!(\"A\")); let Ok(b) = env::var(\"B\") else { return }", "A B?"),
            ("env::var_os(\"A\")", "A?"),
            ("env::var(\"A\").unwrap_or(\"d\".into())", "A=d"),
            ("std::env::var(\"A\").unwrap_or_else(|_| \"d\".to_owned())", "A=d"),
            ("use std::env::var;\nvar(\"A\")", "A?"),
            ("var(\"A\")", ""),
            ("use std::env::{self, var as v, VarError};\nv(\"A\"); env::var(\"B\")", "A? B?"),
            ("use std::env as e;\ne::var_os(\"A\")", "A?"),
            ("dotenvy::var(\"A\")", "A?"),
            ("env::var(\"A\").ok().as_deref().unwrap_or(\"d\")", "A=d"),
            ("env::var(\"A\").unwrap_or_else(|_| String::from(\"d\"))", "A=d"),
            ("env::var(\"A\").map_err(|_| Error)?.parse()?", "A"),
            ("env::var(\"A\").unwrap_or_default()", "A?"),
            ("env::var(\"A\").map_or(5, |it| it.len())", "A=5"),
            ("const NAME: &str = \"A\";\nenv::var(NAME)", "A?"),
            ("const NAME: &'static str = \"A\";\nstd::env::var(NAME).is_ok()", "A?"),
            ("#[arg(long, env)]\ndatabase_url: String", "DATABASE_URL"),
            ("#[arg(long, env, default_value_t = 80)]\npub(crate) port: u16", "PORT=80"),
            ("#[clap(env = \"A\")]", "A"),
            ("#[arg(long, env = \"A\")]\na: Option<String>,\n#[arg(long, env)]\nb_c: bool", "A? B_C?"),
            ("#[envconfig(from = \"A\", default = \"d\")]", "A=d"),
            ("Arg::new(\"a\").env(\"A\")", "A?"),
            ("Command::new(\"x\").env(\"A\", \"1\")", ""),
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
            ("os.Getenv(\"A\")", "A?"),
            ("v, ok := os.LookupEnv(`A`)", "A?"),
            ("os.Setenv(\"A\", \"b\")", "(A)"),
            ("viper.BindEnv(\"a\", \"A\", \"B\")", "A? B?"),
            ("Port int `env:\"PORT,required\" envDefault:\"8080\"`", "PORT=8080"),
            ("Port int `envconfig:\"PORT\" default:\"8080\"`", "PORT=8080"),
            ("getEnv(\"A\", \"d\")", "A=d"),
            ("cmp.Or(os.Getenv(\"A\"), \"d\")", "A=d"),
            ("const key = \"A\"", ""),
            ("const KEY = \"A\"\nos.Getenv(KEY)", "A?"),
            ("const KEY string = \"A\"\nos.Getenv(KEY)", "A?"),
            ("os.ExpandEnv(\"$A/${B}\")", "A? B?"),
            ("v.BindEnv(\"a\", \"A\")", "A?"),
            ("&cli.StringFlag{EnvVars: []string{\"A\", \"B\"}}", "A? B?"),
            ("&cli.StringFlag{Sources: cli.EnvVars(\"A\")}", "A?"),
            ("Port int `env:\"PORT, default=5432\"`", "PORT=5432"),
            ("Port int `env:\"PORT,notEmpty\"`", "PORT"),
            ("Port int `env:\"PORT\"`; Host string `envconfig:\"HOST_NAME\" required:\"true\"`", "PORT? HOST_NAME"),
            ("Port int `env:\"PORT\" env-default:\"5\"`", "PORT=5"),
            ("// os.Getenv(\"A\")\n\"os.Getenv(B)\"", ""),
        ],
    );
}

#[test]
fn shell() {
    table(
        Kind::Shell,
        &[
            ("echo $A ${B} \"${C}\"", "A? B? C?"),
            ("set -eu\necho $A ${B}", "A B"),
            ("#!/bin/sh -u\necho $A", "A"),
            ("set -euo pipefail\necho $A ${B:-d} ${C+x} $((D))", "A B=d C? D"),
            ("set -o nounset\necho $A", "A"),
            ("set -e -- -u\necho $A $quiet $lower", "A? quiet?"),
            ("echo '$A' \\$B \"it's $C\"", "C?"),
            ("echo ${A:-d} ${B-e} ${C:?gone} ${#D}", "A=d B=e C D?"),
            ("# $A\necho a#$B", "B?"),
            ("A=1\necho $A", "(A) (A)"),
            ("A=${A:-d}\necho $A", "(A) A=d (A)"),
            ("A=\"${A:-d}\"", "(A) A=d"),
            (": \"${A:=d}\"\necho $A", "A=d (A) (A)"),
            ("for X in 1; do echo $X; done", "(X) (X)"),
            ("while read -r LINE; do echo $LINE; done", "(LINE) (LINE)"),
            ("cat <<EOF\n$A\nEOF\ncat <<'EOF'\n$B\nEOF\necho $C", "A? C?"),
            ("echo ${A%/} ${B^^} ${C/x/y} ${D[@]} ${E:1:2} ${F+x} ${G:+x}", "A? B? C? D? E? F? G?"),
            ("[ -v A ] && [[ -v B ]]", "A? B?"),
            ("printenv A; env | grep B", "A?"),
            ("test -n \"$A\" || exit", "A?"),
            ("echo $((A + 1)) $(( B ))", "A? B?"),
            ("A=1 B=\"$C\" command \"$D\"", "(A) (B) C? D?"),
            ("export A=1 B=2\necho $A$B", "(A) (B) (A) (B)"),
            ("echo \"${A:-${B:-d}}\"", "A? B=d"),
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
            ("command: echo $$A ${B} ${C:?}", "B? C"),
            ("x: ${quiet} ${lower}\nenvironment:\n  - quiet", "quiet? quiet?"),
            ("# ${A}\nx: 'a' # ${B}", ""),
            ("environment:\n  A: ${A:-x}", "(A) A"),
            ("environment:\n  - A\n  - B=${C}\n  D: x\nvolumes:\n  - E", "A? (B) C? (D)"),
            ("  environment:\n    A:\n    B: 1\n  other:\n    C:", "A? (B)"),
        ],
    );
}

#[test]
fn workflows() {
    table(
        Kind::Workflow,
        &[
            ("run: echo $A \"${B}\" '$C'", "A? B?"),
            ("env:\n  A: ${{ secrets.B }}\nrun: echo $A", "(A) A?"),
            ("if: ${{ env.A == 'x' && matrix.env.B }}", "A?"),
            ("run: A=1 && echo $A # $B", "(A) A?"),
        ],
    );
}
