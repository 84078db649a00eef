//! print(parse(x)) = x for all bytes, in every dialect: the sources of the lexer itself, with nothing of prodev around them.
#![no_main]
#![allow(dead_code, reason = "a part of a program")]

use libfuzzer_sys::fuzz_target;

mod config {
    pub(crate) mod environment {
        /// As `src/config/environment.rs` has it, without what reads and describes it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Dialect {
            Default,
            Compose,
            Dotenv,
            DotenvExpand,
            Dotenvx,
            Python,
            Node,
            Docker,
            Dotenvy,
            Direnv,
            Sh,
        }
    }
}

mod dotenv;

fuzz_target!(|source: &[u8]| dotenv::check(source));
