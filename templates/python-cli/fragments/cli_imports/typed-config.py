from .settings import add_config_option, apply, load
