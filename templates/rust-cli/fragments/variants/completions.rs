/// Print completions for a shell
Completions(commands::completions::Args),
