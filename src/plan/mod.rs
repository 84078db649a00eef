//! Plans.
#[derive(Debug)]
pub(crate) struct Plan;
