settings.register(commands)
