Command::Completions(args) => completions::run(args, out),
