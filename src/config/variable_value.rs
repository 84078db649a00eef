//! Whether a text is a value of a declared environment variable.

use std::cmp::Ordering;

use super::environment::{EnvironmentVariable, VariableType};
use super::value::{self, Scalar};

impl EnvironmentVariable {
    /// Why `text` cannot be its value, if so: `it must be …`, fit to follow a colon.
    pub(crate) fn refuse(&self, text: &str) -> Option<String> {
        if text.is_empty() && self.allow_empty {
            return None;
        }
        self.refuse_as(self.kind, text)
            .map(|reason| if self.secret && self.quotes() { "it does not fit the type".to_owned() } else { reason })
            .or_else(|| self.refuse_length(text))
            .or_else(|| self.refuse_bounds(text))
            .or_else(|| self.refuse_pattern(text))
    }

    /// Whether reasons quote the value or what it can be.
    fn quotes(&self) -> bool {
        matches!(self.kind, VariableType::Enum | VariableType::List | VariableType::Map)
    }

    fn refuse_as(&self, kind: VariableType, text: &str) -> Option<String> {
        let wrong = |what: &str| Some(format!("it must be {what}"));
        match kind {
            VariableType::Int if text.parse::<i64>().is_err() => wrong("a whole number"),
            VariableType::Float if !text.parse::<f64>().is_ok_and(f64::is_finite) => wrong("a number"),
            VariableType::Bool if !is_bool(text) => wrong("`true` or `false` (or `yes`, `no`, `on`, `off`, `1`, `0`)"),
            VariableType::Port if !text.parse::<u16>().is_ok_and(|port| port > 0) => wrong("a port from 1 to 65535"),
            VariableType::Email if !is_email(text) => wrong("a mail address"),
            VariableType::Ip => self.refuse_ip(text),
            VariableType::Uuid if !is_uuid(text) => wrong("a UUID"),
            VariableType::Semver if semver::Version::parse(text).is_err() => wrong("a semantic version like `1.2.3`"),
            VariableType::Duration if value::duration(text).is_err() => wrong("a duration like `30s` or `5m`"),
            VariableType::Date if date(text).is_none() => wrong("a date like `2026-01-31`"),
            VariableType::Json if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() => wrong("JSON"),
            VariableType::Url => self.refuse_url(text),
            VariableType::Enum if !self.values.iter().any(|value| value.to_string() == text) => {
                let values: Vec<String> = self.values.iter().map(Scalar::to_string).collect();
                wrong(&format!("one of {}", crate::error::listed(&values)))
            }
            VariableType::List => self.items_of(text).find_map(|item| self.refuse_item(item)),
            VariableType::Map => self.items_of(text).find_map(|item| match item.split_once('=') {
                Some((_, value)) => self.refuse_item(value),
                None => Some(format!("`{item}` is no `key=value`")),
            }),
            _ => None,
        }
    }

    fn refuse_item(&self, item: &str) -> Option<String> {
        let kind = self.items.filter(|kind| !matches!(kind, VariableType::List | VariableType::Map))?;
        let reason = self.refuse_as(kind, item)?;
        Some(format!("`{item}` in it: {reason}"))
    }

    fn items_of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let separator = self.separator.as_deref().filter(|separator| !separator.is_empty()).unwrap_or(",");
        text.split(separator).map(str::trim)
    }

    fn refuse_ip(&self, text: &str) -> Option<String> {
        let version = match text.parse() {
            Ok(std::net::IpAddr::V4(_)) => 4,
            Ok(std::net::IpAddr::V6(_)) => 6,
            Err(_) => return Some("it must be an IP address".to_owned()),
        };
        let wanted = self.version.filter(|wanted| *wanted != version)?;
        Some(format!("it must be an IPv{wanted} address"))
    }

    fn refuse_url(&self, text: &str) -> Option<String> {
        let scheme = text.split_once(':').filter(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
        let Some((scheme, _)) = scheme.filter(|_| !text.contains(char::is_whitespace)) else {
            return Some("it must be a URL with a scheme, like `https://example.org`".to_owned());
        };
        let schemes = self.schemes.as_slice();
        if schemes.is_empty() || schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
            return None;
        }
        Some(format!("its scheme must be `{}`", schemes.join("` or `")))
    }

    fn refuse_length(&self, text: &str) -> Option<String> {
        let (count, what) = match self.kind {
            VariableType::List | VariableType::Map => (self.items_of(text).count(), "items"),
            _ => (text.chars().count(), "characters"),
        };
        match (self.min_length, self.max_length) {
            (Some(least), _) if count < least => Some(format!("it must have at least {least} {what}")),
            (_, Some(most)) if count > most => Some(format!("it must have at most {most} {what}")),
            _ => None,
        }
    }

    fn refuse_bounds(&self, text: &str) -> Option<String> {
        let beyond = |bound: Option<&Scalar>, order: Ordering| {
            let bound = bound?.to_string();
            (compare(self.kind, text, &bound)? == order).then_some(bound)
        };
        if let Some(least) = beyond(self.min.as_ref(), Ordering::Less) {
            return Some(format!("it must be at least {least}"));
        }
        beyond(self.max.as_ref(), Ordering::Greater).map(|most| format!("it must be at most {most}"))
    }

    fn refuse_pattern(&self, text: &str) -> Option<String> {
        let pattern = self.pattern.as_deref()?;
        let whole = regex::Regex::new(&format!("^(?:{pattern})$")).ok()?;
        (!whole.is_match(text)).then(|| format!("it must match `{pattern}`"))
    }
}

/// How two texts of a type that has an order compare; `None` where the type has none, or a text is not of it.
pub(super) fn compare(kind: VariableType, one: &str, other: &str) -> Option<Ordering> {
    match kind {
        VariableType::Int | VariableType::Port => Some(one.parse::<i64>().ok()?.cmp(&other.parse().ok()?)),
        VariableType::Float => one.parse::<f64>().ok()?.partial_cmp(&other.parse().ok()?),
        VariableType::Duration => Some(value::duration(one).ok()?.cmp(&value::duration(other).ok()?)),
        VariableType::Date => Some(date(one)?.cmp(&date(other)?)),
        VariableType::Semver => Some(semver::Version::parse(one).ok()?.cmp(&semver::Version::parse(other).ok()?)),
        _ => None,
    }
}

fn is_bool(text: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off", "1", "0"].iter().any(|known| known.eq_ignore_ascii_case(text))
}

fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
    })
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// A date with or without a time; where an offset is given, its instant in UTC.
fn date(text: &str) -> Option<jiff::civil::DateTime> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(jiff::tz::Offset::UTC.to_datetime(instant));
    }
    text.parse().ok().or_else(|| text.parse::<jiff::civil::Date>().ok().map(Into::into))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_knows_its_values() {
        let cases: [(&str, &[&str], &[&str]); 19] = [
            ("type = 'int'\nmin = 1\nmax = 9", &["5"], &["0", "10", "x", "1.0", ""]),
            ("type = 'float'", &["1", "1.5", "-2e3"], &["x", "nan", "inf"]),
            ("type = 'bool'", &["true", "No", "1"], &["2", "ja", ""]),
            ("type = 'port'", &["80", "65535"], &["0", "65536", "-1"]),
            ("type = 'email'", &["a@b.c", "a@localhost"], &["a", "@b", "a@", "a b@c"]),
            ("type = 'ip'", &["127.0.0.1", "::1"], &["127.0.0", "localhost"]),
            ("type = 'ip'\nversion = 6", &["::1"], &["127.0.0.1"]),
            (
                "type = 'uuid'",
                &["123e4567-e89b-12d3-a456-426614174000"],
                &["123e4567", "123e4567-e89b-12d3-a456-42661417400g"],
            ),
            ("type = 'semver'\nmin = '1.2.0'", &["1.2.3"], &["1.2", "1.1.9"]),
            ("type = 'duration'\nmax = '1h'", &["30s", "1h"], &["61m", "30"]),
            ("type = 'date'", &["2026-01-31", "2026-01-31T10:00:00Z", "2026-01-31T10:00"], &["2026-02-30", "soon"]),
            ("type = 'json'", &["{\"a\": [1]}", "1"], &["{", ""]),
            ("type = 'url'", &["https://a.b/c", "sqlite:db"], &["a.b", "https:", "https://a b"]),
            ("type = 'url'\nschemes = ['postgres']", &["postgres://h/d"], &["mysql://h/d"]),
            ("type = 'enum'\nvalues = ['a', 1]", &["a", "1"], &["b"]),
            ("type = 'list'\nitems = 'int'\nmax_length = 2", &["1", "1, 2"], &["1,x", "1,2,3"]),
            ("type = 'map'\nseparator = ';'", &["a=1;b=2"], &["a;b=2"]),
            ("pattern = '[a-z]+'", &["abc"], &["abc1", ""]),
            ("type = 'int'\nallow_empty = true", &["", "1"], &["x"]),
        ];
        for (source, right, wrong) in cases {
            let variable: EnvironmentVariable = toml::from_str(source).expect("this is a variable");
            for text in right {
                assert_eq!(variable.refuse(text), None, "{source}: {text}");
            }
            for text in wrong {
                assert!(variable.refuse(text).is_some(), "{source}: {text}");
            }
        }
    }
}
