//! The room of .env files as far as its lexer goes, from prodev's own sources.

#[path = "../../../src/dotenv/dialect.rs"]
mod dialect;
#[path = "../../../src/dotenv/lexer/mod.rs"]
mod lexer;
#[path = "../../../src/dotenv/syntax.rs"]
mod syntax;

use crate::config::environment::Dialect;

const ALL: [Dialect; 11] = [
    Dialect::Default,
    Dialect::Compose,
    Dialect::Dotenv,
    Dialect::DotenvExpand,
    Dialect::Dotenvx,
    Dialect::Python,
    Dialect::Node,
    Dialect::Docker,
    Dialect::Dotenvy,
    Dialect::Direnv,
    Dialect::Sh,
];

pub(crate) fn check(source: &[u8]) {
    for dialect in ALL {
        let document = lexer::parse(source, dialect);
        let mut at = 0;
        for item in &document.items {
            assert_eq!(item.span().start, at, "{dialect:?}: a gap or an overlap before {item:?}");
            at = item.span().end;
        }
        assert_eq!(at, source.len(), "{dialect:?}: something is lost at the end");
    }
}
