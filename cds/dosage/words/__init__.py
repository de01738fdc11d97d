"""Written dosage instructions: every word understood, or what is certain in them.

One scan of the text serves both: `Words.steps` for a history, `Words.stated` for a draft order.
The words are in `vocabulary.yaml`, for a pharmacist to read and extend.
"""

from cds.dosage.words.explain import explain, known_words
from cds.dosage.words.read import found_in, order_steps, read_words

__all__ = ["explain", "found_in", "known_words", "order_steps", "read_words"]
