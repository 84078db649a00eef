pub(crate) mod man;
