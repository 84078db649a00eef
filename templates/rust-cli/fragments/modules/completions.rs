pub(crate) mod completions;
