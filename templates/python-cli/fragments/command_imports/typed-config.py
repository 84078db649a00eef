, settings
