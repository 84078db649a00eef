"""Settings: the components of config/components.py, project.py, then dev, test or prod."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
