"""The tests. `python -m unittest` finds them, installed package or not."""

import sys
from pathlib import Path

SRC = Path(__file__).parent.parent / "src"

# A fresh checkout can be tested before anything is installed, and never by mistake an older copy
# of the package that lies elsewhere.
sys.path.insert(0, str(SRC))
