"""The one form in which the files of the knowledge are written, for those who read no code."""

from cds.knowledge.written.form import Unreadable, formatted

__all__ = ["Unreadable", "formatted"]
