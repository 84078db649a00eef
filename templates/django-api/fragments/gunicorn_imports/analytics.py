import glob
import os
import tempfile
from typing import Any

