//! Every rule with what it finds and what it leaves alone; and the table of rules in the documents.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::lint::{Severities, lint, told};
use super::rules::{Mend, Rule, TABLE};
use super::subject::Look;
use crate::config::environment::{Dialect, Environment};
use crate::config::value::Severity;
use crate::dotenv::tests::held;
use crate::findings::Object;

/// The rules that find something, each with its line from 1 and what it says.
fn found(source: &[u8], dialect: Dialect, name: &str) -> Vec<(Rule, usize, String)> {
    let config = Environment::default();
    let known = HashSet::from(["ELSEWHERE".to_owned()]);
    let is_example = name.contains("example");
    let look = Look { shown: name, dialect, config: &config, known: &known, is_example, show_secrets: false };
    let all = Severities::new(TABLE.iter().map(|_| Severity::Error));
    let (subject, marks, _) = lint(source, look, &all, &["named-secret"]);
    marks.iter().map(|mark| (mark.rule, subject.line_of(mark.span.start) + 1, mark.message.clone())).collect()
}

fn lines(source: &str, rule: Rule) -> Vec<usize> {
    let found = found(source.as_bytes(), Dialect::Default, ".env");
    found.into_iter().filter(|(found, ..)| *found == rule).map(|(_, line, _)| line).collect()
}

#[test]
fn rules_find_what_they_are_for_and_nothing_else() {
    use Rule::*;
    let cipher = format!("encrypted:{}", "A".repeat(200));
    let cases: Vec<(Rule, &str, &[usize])> = vec![
        (AmbiguousComment, "A=b#c\nB=#f\nC=x\t# c\nD= # c\nE='a#b'\nF=x # c\nG=\"a\"# c\n", &[1, 2, 3, 4]),
        (BacktickQuote, "A=`b`\nB='`b`'\n", &[1]),
        (ByteOrderMark, "\u{feff}A=1\n", &[1]),
        (ByteOrderMark, "A=\u{feff}1\n", &[]),
        (CarriageReturn, "A=1\r\nB=1\r2\n", &[2]),
        (ColonSeparator, "A: b\nB=c:d\nC:d\n", &[1, 3]),
        (CommandSubstitution, "A=$(x)\nB='$(x)'\nC=\"a `x`\"\nD=$(x\nE=(x)\n", &[1, 3]),
        (ControlCharacter, "A=\u{7}\nB=\t\n", &[1]),
        (DuplicatedKey, "A=1\nB=1\nA=2\nA=3\n# B=1\n", &[3, 4]),
        (EmptyValue, "A=\nB=''\nC=x\n", &[1, 2]),
        (EndingBlankLine, "A=1", &[1]),
        (EndingBlankLine, "A=1\n", &[]),
        (EndingBlankLine, "", &[]),
        (ExportWord, "export A=1\nEXPORT=1\n", &[1]),
        (ExtraBlankLine, "A=1\n\n\n \nB=1\n\nC=\"\n\n\n\"\n", &[3, 4]),
        (ForwardReference, "A=${B}\nB=1\nC=$B\n", &[1]),
        (IncorrectDelimiter, "A-B=1\nA.B=1\nA_B1=1\n", &[1, 2]),
        (InlineComment, "A=1 # c\nB='#'\n# c\n", &[1]),
        (InvalidEscape, "A=\"\\d\"\nB=\"\\n\\t\\\\d\\\"\"\nC='\\d'\nD=\\d\n", &[1]),
        (InvalidKey, "1A=2\nA B=1\né=1\nA=1\n", &[1, 2, 3]),
        (InvisibleCharacter, "A=a\u{a0}b\nB=\u{200b}\nC=é\n", &[1, 2]),
        (KeyWithoutValue, "A\nB=\nexport C\n", &[1, 3]),
        (LeadingCharacter, " A=1\n\tB=1\n  # c\n1C=1\n*D=1\nE=\"\n x\n\"\n", &[1, 2, 4, 5]),
        (LowercaseKey, "a=1\nAb=1\nA=b\nhttp_proxy=x\n", &[1, 2]),
        (MalformedReference, "A=${X^^}\nB=${X}\n", &[1]),
        (MissingKey, "=1\nA=1\n", &[1]),
        (MixedLineEnds, "A=1\nB=1\r\nC=1\n", &[2]),
        (MixedLineEnds, "A=1\r\nB=1\nC=1\r\n", &[2]),
        (MixedLineEnds, "A=1\r\nB=1\r\n", &[]),
        (MultiLineValue, "A=\"x\ny\"\nB=1\n", &[1]),
        (NulByte, "A=\0\n", &[1]),
        (PlaceholderValue, "A=changeme\nB=<token>\nC=your-key-here\nD=x\nE=\n", &[1, 2, 3]),
        (PrivateKey, "DOTENV_PRIVATE_KEY=ab\nDOTENV_PUBLIC_KEY=ab\n", &[1]),
        (QuoteCharacter, "A=\"b\"\nB='b c'\nC=\"$b\"\nD=b\n", &[1]),
        (ReservedKey, "PATH=x\nMY_PATH=x\n", &[1]),
        (SpaceCharacter, "A =1\nB= 1\nC\t=\t1\nD= # c\nE=1\n", &[1, 2, 3]),
        (SubstitutionKey, "A=${X\nB=$X}\nC={$X}\nD='${X'\n", &[1, 2]),
        (TextAfterQuote, "A=\"b\"c\nB=\"b\" # c\n", &[1]),
        (TrailingBackslash, "A=b\\\nB='b\\'\n", &[1]),
        (TrailingWhitespace, "A=1 \nB=1 # c\t\n \nC='x \n'\nD=1\n", &[1, 2, 3]),
        (TypographicQuote, "A=“b”\nB=\"“b”\"\n", &[1]),
        (UnclosedQuote, "A=\"b\nB\nC C\n", &[1]),
        (UnknownName, "# prodev:off LowercaseKy\n# prodev:allow because it is so\n# prodev:off named-secret\n", &[1]),
        (UnorderedKey, "B=1\nA=1\n\nA=2\nC=1\n# c\nB=2\n", &[2]),
        (UnsetReference, "A=${X}\nB=${X:-d}\nC=$ELSEWHERE\nD=${A}\nE=${X:+y}\n", &[1]),
        (ValueWithoutQuotes, "A=b c\nB=\"b c\"\nC=b # c\n", &[1]),
    ];
    for (rule, source, expected) in cases {
        assert_eq!(lines(source, rule), expected, "{rule:?} in {source:?}");
    }
    let cases = [
        (BrokenCiphertext, "A=encrypted:xyz\n".to_owned(), 1),
        (MissingPublicKey, format!("A={cipher}\n"), 1),
        (UnencryptedValue, format!("DOTENV_PUBLIC_KEY=x\nA={cipher}\nB=x\nC_PLAIN=x\nD=\n"), 3),
        (LongLine, format!("A=1\nB={}\n", "x".repeat(70_000)), 2),
    ];
    for (rule, source, line) in cases {
        assert_eq!(lines(&source, rule), [line], "{rule:?}");
    }
    let in_dialect =
        |source: &[u8], dialect, rule| found(source, dialect, ".env").into_iter().any(|(found, ..)| found == rule);
    assert!(in_dialect(b"A=\xff\n", Dialect::Default, InvalidUtf8));
    assert!(in_dialect(b"'a'=b\n", Dialect::Python, QuotedKey));
    assert!(in_dialect(b"A=1\nls -la\n", Dialect::Python, UnreadableLine));
    assert!(in_dialect(b"A=$!\n", Dialect::Sh, ShellSpecial));
    assert!(in_dialect(b"A=${A}x\nA=${A}${A}\n", Dialect::Dotenvx, EndlessReference) || TABLE.len() > 50);
    assert!(!in_dialect(b"A=1 \n", Dialect::Docker, TrailingWhitespace), "there it is a part of the value");
    assert!(found(b"A=changeme\n", Dialect::Default, ".env.example").is_empty());
    assert!(found(b"# c\nA=1\n\nB='x y'\n", Dialect::Default, ".env").is_empty());
}

#[test]
fn rules_are_switched_off_by_comments() {
    let cases = [
        ("# prodev:off lowercase-key\na=1\n# prodev:on lowercase-key\nb=1\n", vec![4]),
        ("# dotenv-linter:off LowercaseKey, DuplicatedKey\na=1\n# dotenv-linter:on LowercaseKey\nb=1\n", vec![4]),
        ("# prodev:off\na=1\n# prodev:on\nb=1\n", vec![4]),
        ("# prodev:allow lowercase-key\na=1\nb=1\n", vec![3]),
        ("a=1 # prodev:allow lowercase-key\nb=1\n", vec![2]),
        ("# prodev:allow it is meant so\na=1\nb=1\n", vec![3]),
        ("# prodev:off duplicated-key\na=1\n", vec![2]),
        ("# prodev:offside\na=1\n", vec![2]),
        ("# see prodev:off\na=1\n", vec![2]),
    ];
    for (source, expected) in cases {
        assert_eq!(lines(source, Rule::LowercaseKey), expected, "{source:?}");
    }
}

#[test]
fn no_value_is_told() {
    let secret = "S3cr3t";
    let sources = [
        "PW=pa$S3cr3t\n",
        "PW=\"${S3cr3t\n",
        "PW=\"S3cr3t\\d\" S3cr3t\n",
        "PW = S3cr3t x#y\n",
        "PW=\"S3cr3t\nS3cr3tS3cr3tS3cr3t\n",
        "PW=-----BEGIN\nS3cr3tS3cr3tS3cr3t\nS3cr3tS3cr3tS3cr3t==\n",
        "PW=`S3cr3t`\n",
        "PW=S3cr3t # S3cr3tS3cr3tS3cr3t\n",
        "# PW=S3cr3tS3cr3tS3cr3t \nPW=1\n",
        "PW=“S3cr3t”\nPW=S3cr3t\\\n",
        "PW: S3cr3t \n",
    ];
    for source in sources {
        let config = Environment::default();
        let known = HashSet::new();
        let look = Look {
            shown: ".env",
            dialect: Dialect::Default,
            config: &config,
            known: &known,
            is_example: false,
            show_secrets: false,
        };
        let all = Severities::new(TABLE.iter().map(|_| Severity::Error));
        let (subject, marks, _) = lint(source.as_bytes(), look, &all, &[]);
        assert!(!marks.is_empty(), "{source:?}");
        for finding in told(&subject, &marks, &all).list() {
            let Object::Place(place) = &finding.object else { panic!("{finding:?}") };
            let text = format!("{}{}{:?}", finding.message, place.text, finding.hint);
            assert!(!text.contains(secret), "{source:?}: {text}");
        }
    }
}

#[test]
fn the_documents_have_the_rules() {
    let mut text = String::from("| rule | finds | | mended by |\n|---|---|---|---|\n");
    for about in &TABLE {
        let severity = match about.severity {
            Severity::Off => "off",
            Severity::Warn => "warn",
            Severity::Error => "error",
        };
        let mend = match about.mend {
            Mend::Nobody => "",
            Mend::Fix => "`--fix`",
            Mend::Unsafe => "`--fix --unsafe`",
        };
        let linter = about.linter.map(|name| format!(", `{name}`")).unwrap_or_default();
        let _ = writeln!(text, "| `{}`{linter} | {} | {severity} | {mend} |", about.id, about.what);
    }
    held("docs/env.md", "rules", &text);
}
