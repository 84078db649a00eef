"""Reads .env, for development and tests; imported before the base, which looks into the environment.

Production takes its variables from its own environment only, never from a file that lies around.
"""

from config import env
from config.settings import BASE_DIR

env.read_file(BASE_DIR / ".env")
