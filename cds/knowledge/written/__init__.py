"""The one form in which the files of the knowledge are written, for those who read no code."""

from cds.knowledge.written.form import Unreadable, formatted
from cds.knowledge.written.shape import CodeNames

__all__ = ["CodeNames", "Unreadable", "formatted"]
