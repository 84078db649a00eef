//! `prodev update`, `add`, `remove` and `diff` at their doors: what happens where the template, the user, or both changed something.

mod adoption;
mod components;
mod conflicts;
mod contributions;
mod corpus;
mod faults;
mod hostile;
mod places;
mod projects;
mod properties;
mod records;
mod renames;
mod rows;
mod sources;
mod story;
mod words;
