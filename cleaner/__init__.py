"""cleaner: takes injected lines out of scraped news and leaves the article."""

from .clean import Cleaner
from .judge import Reason
from .result import Line, Removal, Result, restore
from .rules import RuleError

__all__ = ["Cleaner", "Line", "Reason", "Removal", "Result", "RuleError", "restore"]
__version__ = "0.1.0"
