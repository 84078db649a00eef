//! Tokens of every kind, made up at random, and what only looks like one. No token stands here as a whole: other tools read this file, too.

use super::rules::KINDS;
use super::tokens::{Place, find};

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";

/// `length` characters of an alphabet, the same in every run.
fn random(alphabet: &str, length: usize, seed: u64) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % alphabet.len()
    };
    (0..length).map(|_| alphabet[next()]).collect()
}

fn mixed(length: usize, seed: u64) -> String {
    random(&[LOWER, UPPER, DIGITS].concat(), length, seed)
}

fn hex(length: usize, seed: u64) -> String {
    random(HEX, length, seed)
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn signed(seed: u64) -> String {
    let part = |text: &str| base64(text).trim_end_matches('=').to_owned();
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256","typ":"JWT"}"#),
        part(r#"{"sub":"1234567890","name":"Ada"}"#),
        mixed(43, seed)
    )
}

/// A text that has a secret, by the kind that it is.
fn planted(seed: u64) -> Vec<(&'static str, String)> {
    let upper = |length| random(&[UPPER, "234567"].concat(), length, seed);
    let pem = |head: &str| {
        format!("-----BEGIN {head}-----\n{}\n{}\n-----END {head}-----\n", mixed(64, seed), mixed(64, seed + 1))
    };
    let m = |length| mixed(length, seed);
    let h = |length| hex(length, seed);
    vec![
        ("aws-access-key", format!("aws_access_key_id = AKIA{}", upper(16))),
        ("aws-secret-key", format!("aws_secret_access_key = {}", m(40))),
        ("aws-secret-key", format!("\"SecretAccessKey\": \"{}/+{}\"", m(20), mixed(18, seed + 9))),
        ("github-token", format!("token: ghp_{}", m(36))),
        ("github-token", format!("GITHUB=github_pat_{}_{}", m(22), mixed(59, seed + 5))),
        ("gitlab-token", format!("x glpat-{}", m(20))),
        ("slack-token", format!("SLACK=xoxb-{}-{}-{}", random(DIGITS, 12, seed), random(DIGITS, 12, seed + 1), m(24))),
        ("slack-webhook", format!("https://hooks.slack.com/services/T{}/B{}/{}", upper(8), upper(8), m(24))),
        ("stripe-key", format!("key('sk_live_{}')", m(24))),
        ("stripe-key", format!("rk_live_{}", m(24))),
        ("google-api-key", format!("key=AIza{}", m(35))),
        ("google-oauth", format!("GOCSPX-{}", m(28))),
        ("private-key", pem("RSA PRIVATE KEY")),
        ("private-key", pem("OPENSSH PRIVATE KEY")),
        ("private-key", pem("PGP PRIVATE KEY BLOCK")),
        ("private-key", format!("{{\"private_key\": \"{}\"}}", pem("PRIVATE KEY").replace('\n', "\\n"))),
        ("jwt", format!("auth = \"{}\"", signed(seed))),
        ("sendgrid-key", format!("SG.{}.{}", m(22), mixed(43, seed + 3))),
        ("mailgun-key", format!("MG=key-{}", h(32))),
        ("mailchimp-key", format!("{}-us12", h(32))),
        ("twilio-key", format!("SK{}", h(32))),
        ("npm-token", format!("//registry.example/:_authToken=npm_{}", m(36))),
        ("pypi-token", format!("password = pypi-AgEIcHlwaS5vcmc{}", m(100))),
        ("rubygems-key", format!("rubygems_{}", h(48))),
        ("docker-token", format!("dckr_pat_{}", m(27))),
        ("digitalocean-token", format!("dop_v1_{}", h(64))),
        (
            "heroku-key",
            format!(
                "HEROKU_API_KEY={}-{}-{}-{}-{}",
                h(8),
                hex(4, seed + 1),
                hex(4, seed + 2),
                hex(4, seed + 3),
                hex(12, seed + 4)
            ),
        ),
        ("azure-key", format!("DefaultEndpointsProtocol=https;AccountName=x;AccountKey={}==;", m(86))),
        ("telegram-token", format!("{}:AA{}", random("123456789", 9, seed), m(33))),
        ("discord-webhook", format!("https://discord.com/api/webhooks/{}/{}", random("123456789", 18, seed), m(68))),
        ("discord-token", format!("DISCORD=M{}.{}.{}", m(23), m(6), m(27))),
        ("shopify-token", format!("shpat_{}", h(32))),
        ("square-token", format!("sq0atp-{}", m(22))),
        ("facebook-token", format!("EAACEdEose0cBA{}", m(80))),
        ("newrelic-key", format!("NRAK-{}", upper(27))),
        ("sentry-token", format!("sntrys_{}", m(60))),
        ("grafana-token", format!("glsa_{}_{}", m(32), h(8))),
        ("vault-token", format!("hvs.{}", m(90))),
        ("terraform-token", format!("{}.atlasv1.{}", m(14), m(67))),
        ("openai-key", format!("sk-{}T3BlbkFJ{}", m(20), mixed(20, seed + 2))),
        ("openai-key", format!("sk-proj-{}", m(60))),
        ("anthropic-key", format!("sk-ant-api03-{}AA", m(93))),
        ("huggingface-token", format!("hf_{}", m(34))),
        ("databricks-token", format!("dapi{}", h(32))),
        ("atlassian-token", format!("ATATT3xFfGF0{}", m(170))),
        ("postman-key", format!("PMAK-{}-{}", h(24), h(34))),
        ("linear-key", format!("lin_api_{}", m(40))),
        ("age-key", format!("AGE-SECRET-KEY-1{}", random(&[UPPER, DIGITS].concat(), 58, seed))),
        ("dotenvx-private-key", format!("DOTENV_PRIVATE_KEY_PRODUCTION=\"{}\"", h(64))),
        ("url-password", format!("DATABASE_URL=postgres://app:{}@db.internal:5432/app", m(16))),
        ("url-password", format!("redis://:{}@cache:6379/0", m(20))),
        ("authorization-header", format!("curl -H 'Authorization: Bearer {}' x", m(40))),
        ("authorization-header", format!("Authorization: Basic {}", base64(&format!("ada:{}", m(12))))),
        ("docker-auth", format!("{{\"auths\": {{\"r\": {{\"auth\": \"{}\"}}}}}}", base64(&format!("ada:{}", m(16))))),
        ("netrc-password", format!("machine example.org login ada password {}", m(12))),
        ("named-secret", format!("DB_PASSWORD={}!", m(12))),
        ("named-secret", format!("secret_key: '{}'", m(50))),
        ("named-secret", format!("const apiKey = \"{}\";", h(32))),
        ("named-secret", format!("client_secret=\"{}\"", m(40))),
        ("named-secret", format!("  password: \"Tr0ub4dor&{}\"", m(3))),
        ("named-secret", format!("DATADOG_API_KEY = {}", h(32))),
        ("named-secret", format!("os.environ.setdefault(\"SECRET_KEY\", \"{}\")", m(50))),
        ("named-secret", format!("- name: DB_PASSWORD\n  value: \"{}!\"", m(12))),
        ("named-secret", format!("<add key=\"ApiKey\" value=\"{}\" />", m(32))),
        ("named-secret", format!("<password>{}!</password>", m(12))),
        ("named-secret", format!("SECRET_KEY = env(\"SECRET_KEY\", default=\"{}\")", m(50))),
        ("named-secret", format!("app.config['SECRET_KEY'] = '{}'", m(32))),
    ]
}

#[test]
fn every_kind_of_token_is_found_and_named() {
    for seed in 1..40 {
        for (kind, text) in planted(seed) {
            for text in [text.clone(), format!("first line\n{text}\nlast line\n"), format!("    {text}")] {
                let place =
                    if text.contains("const ") || text.contains("os.environ") { Place::Code } else { Place::Settings };
                let found: Vec<&str> = find(text.as_bytes(), place).into_iter().map(|hit| hit.kind).collect();
                assert!(found.contains(&kind), "{kind} is not in {found:?}: {text}");
                assert!(found.len() <= 2, "{found:?}: {text}");
            }
        }
    }
}

/// What was found in texts that have no secret.
fn wrong(place: Place, texts: &[String]) -> Vec<String> {
    let hits = texts.iter().flat_map(|text| find(text.as_bytes(), place).into_iter().map(move |hit| (hit.kind, text)));
    hits.map(|(kind, text)| format!("{kind}: {text}")).collect()
}

#[test]
fn what_only_looks_like_a_secret_is_left_alone() {
    for seed in 1..40 {
        let (m, h) = (|length| mixed(length, seed), |length| hex(length, seed));
        let texts = [
            format!("sha256 = \"{}\"", h(64)),
            format!("commit {}", h(40)),
            format!("\"integrity\": \"sha512-{}==\"", m(86)),
            format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} ada@host", m(43)),
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", m(64)),
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", m(64)),
            format!("API_KEY=\"encrypted:{}\"", m(160)),
            format!("DOTENV_PUBLIC_KEY=\"02{}\"", h(64)),
            "API_KEY=your-api-key-here".to_owned(),
            "API_TOKEN=<token>".to_owned(),
            "SECRET_KEY=changeme".to_owned(),
            "PASSWORD=xxxxxxxxxxxx".to_owned(),
            "password = ${DB_PASSWORD}".to_owned(),
            "token: ${{ secrets.GITHUB_TOKEN }}".to_owned(),
            "api_key: '{{ vault_api_key }}'".to_owned(),
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE".to_owned(),
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            format!("background: url(data:image/png;base64,{})", m(200)),
            format!("id = \"{}-{}-{}-{}-{}\"", h(8), h(4), h(4), h(4), h(12)),
            format!("password_hash = \"$2b$12${}\"", m(53)),
            format!("password: $argon2id$v=19$m=65536,t=3,p=4${}", m(40)),
            format!("stripe_key = \"pk_live_{}\"", m(24)),
            format!("token_digest = {}", h(64)),
            "DATABASE_URL=postgres://user:password@localhost:5432/app".to_owned(),
            "DATABASE_URL=postgres://${USER}:${PASSWORD}@localhost/app".to_owned(),
            "https://example.org:8080/path@2x.png".to_owned(),
            "password_label: \"Enter your password\"".to_owned(),
            "password: \"Please enter a password of 8 characters\"".to_owned(),
            "PASSWORD_HASHERS = ['django.contrib.auth.hashers.PBKDF2PasswordHasher']".to_owned(),
            "TOKEN_URL=https://auth.example.org/oauth/token".to_owned(),
            "tls_private_key: /etc/ssl/private/server.key".to_owned(),
            "AUTH_TOKEN_LIFETIME=86400000000".to_owned(),
            "tokenizer = \"bert-base-uncased-2018\"".to_owned(),
            "Begin it with -----BEGIN PRIVATE KEY----- and end it with -----END PRIVATE KEY-----".to_owned(),
            "secret_name = projects/123456/secrets/db-password".to_owned(),
        ];
        let offences = wrong(Place::Settings, &texts);
        assert!(offences.is_empty(), "{}", offences.join("\n"));
        let code = [
            "const token = getToken(request, 12345);".to_owned(),
            "password: process.env.DB_PASSWORD_2,".to_owned(),
            "api_key = os.environ[\"API_KEY_V2\"]".to_owned(),
            "token = secrets.token_urlsafe(32)".to_owned(),
            "let token: Option<String> = parse_token2(input)?;".to_owned(),
            "expect(screen.getByLabelText(\"password\")).toBe(\"visible-element-1\")".to_owned(),
            "if password == confirmation_password_2:".to_owned(),
        ];
        let offences = wrong(Place::Code, &code);
        assert!(offences.is_empty(), "{}", offences.join("\n"));
    }
}

#[test]
fn every_kind_is_told_apart() {
    for (index, kind) in KINDS.iter().enumerate() {
        assert!(KINDS[..index].iter().all(|other| other.id != kind.id), "{} is there twice", kind.id);
        assert!(regex::bytes::RegexBuilder::new(kind.pattern).unicode(false).build().is_ok(), "{}", kind.id);
        assert!(!kind.marks.is_empty(), "{}", kind.id);
    }
}

#[test]
fn machines_files_are_full_of_digests() {
    let text = format!("\"token\": \"{}\", key: ghp_{}", mixed(40, 1), mixed(36, 2));
    let kinds: Vec<&str> = find(text.as_bytes(), Place::Generated).into_iter().map(|hit| hit.kind).collect();
    assert_eq!(kinds, ["github-token"]);
}
