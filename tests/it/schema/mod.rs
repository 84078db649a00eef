//! What is declared of variables, at the doors: verdicts, defaults, and what programs get.

mod running;
