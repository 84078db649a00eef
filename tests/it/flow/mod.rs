//! `prodev flow`: branches that open, come together and are shown. Where a test's name ends with a number, it is that situation of the list in
//! `docs/flow.md`.

mod model;
