"""What every environment shares: the assembled components. Use dev, test or prod, never this."""

from config.components import COMPONENTS
from config.settings.loader import assemble

assembled = assemble(COMPONENTS)
globals().update(assembled)
