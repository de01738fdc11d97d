"""How much of one request is read: the maxima of single values, lists and whole bodies.

Beyond them nothing is cut off in silence. What the envelope says is refused with the name of the
field. What a chart or an order says is left unread, and the card that it touches says so: an EHR
may really send it, and it must not cost the rest its use. docs/operations.md lists them all.
"""

from __future__ import annotations

# ---- numbers -------------------------------------------------------------------------------------

LONGEST_NUMBER = 100
"""characters of a number with a point or an exponent: no measurement and no quotient has more"""
LONGEST_INTEGER = 4_000
"""digits of an integer; Python converts few more, since the time grows with their square"""
LARGEST_EXPONENT = 50
"""powers of ten beyond which a number means nothing, and costs time to compute with"""
LARGEST_MEASURED = 30
"""powers of ten: nothing that a chart measures is larger, or smaller by as much"""

# ---- texts ---------------------------------------------------------------------------------------

LONGEST_TEXT = 10_000
"""characters of a name, a note or an instruction: the readers of an order look at each a hundred
times"""
LONGEST_NOTES = 20_000
"""characters of all notes of one resource"""
LONGEST_REFERENCE = 2_000
"""characters of what names a resource: no URL that works is longer"""
LONGEST_KEPT = 2_000
"""characters of the longest instruction: how a longer text was read is remembered of very few"""

UNREADABLE = "[too long to be read]"
"""what is read in place of a text, or a list, that is too long: no word of it says anything to any
reader, so that what it should have told stays unread, and a card that quotes it says why"""

# ---- lists ---------------------------------------------------------------------------------------

MOST_DRAFTS = 250
"""orders of one session; the largest order sets have two hundred"""
MOST_SELECTIONS = 1_000
MOST_OURS = 40
"""orders of one session that are to be judged: each is compared with all the others"""
MOST_INSTRUCTIONS = 600
"""dosage instructions of all orders of one session: each takes a millisecond or two to read, and
is read for every attempt at an answer. An order set has one or two for each order"""
MOST_NAMED = 100_000
"""characters of the names of all orders of one session, a coding counting ten more"""
MOST_TOLD = 60_000
"""the same of all their instructions"""
MOST_NOTED = 30_000
"""the same of all their details and notes, of which more is looked for in each"""
LONGEST_FIELD = 40_000
"""the same of one field of one order: two hundred instructions of two hundred characters"""
MOST_LISTED = 200
"""instructions, notes, reasons, ingredients, components of one resource: a taper by the day for
half a year. The largest lists of codings that vendors send along have some forty"""
MOST_INSIDE = 50
"""Medications of which one is mixed, those inside them included"""
MOST_INSIDE_ALL = 2_000
"""the same of all mixtures of a session together, and of all on record"""
LONGEST_INSTRUCTION = 2_000
"""characters; a longer text is no instruction, and nothing is taken from it"""
LONGEST_DOSAGE = 50_000
"""bytes of one instruction with all that stands in it"""

# ---- a whole body --------------------------------------------------------------------------------

MOST_MEMBERS = 1_000
"""gzip members: a body that is compressed piece by piece has one for each"""
LARGEST_BODY = 40_000_000
"""bytes of memory that a body takes once it is read. A dense chart takes five for each of its own,
so that ten megabytes of one are read nearly to their end; a list of nothing takes thirty"""
LARGEST_ENVELOPE = 16_000_000
"""the same of all but the prefetch: nobody drafts as much, and it can't be read in part"""
LARGEST_FETCHED = 26_000_000
"""the same of all answers of FHIR servers to one call: beside it stand texts that are just read"""
