//! Projects from templates.
mod answers;
mod components;
mod filters;
mod jinja;
mod manifest;
mod render;
mod slots;
mod source;
mod values;
