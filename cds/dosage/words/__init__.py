"""Written dosage instructions: every word understood, or what is certain in them.

One scan of the text serves both: `read_words` for a history, `stated_in` for a draft order.
The words are in `vocabulary.yaml`, for a pharmacist to read and extend.
"""

from cds.dosage.words.explain import explain, known_words
from cds.dosage.words.read import found_in, order_steps, read_words, stated_in

__all__ = ["explain", "found_in", "known_words", "order_steps", "read_words", "stated_in"]
