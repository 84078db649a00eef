add_config_option(parser)
