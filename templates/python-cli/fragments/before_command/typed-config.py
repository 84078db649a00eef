args.settings = load(args.config)
apply(args.settings.values, args)
set_up_logging(args)
