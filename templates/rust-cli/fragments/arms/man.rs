Command::Man(args) => man::run(args, out),
