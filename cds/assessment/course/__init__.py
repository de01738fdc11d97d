"""Earlier ketamine treatment: sessions, response, what is due, when to stop.

A course is a run of sessions of one drug without a long pause. Where no session is on record
nothing is said, except that orders without any session can't be counted.
"""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.course.concurrent import concurrent
from cds.assessment.course.long_term import long_term
from cds.assessment.course.progress import progress_of
from cds.assessment.course.sessions import last_course, uncounted
from cds.assessment.course.state import state
from cds.assessment.course.stopping import stopping
from cds.assessment.course.timing import timing
from cds.assessment.course.withdrawn import withdrawn
from cds.assessment.model import Finding


def course(case: Case) -> tuple[Finding, ...]:
    """What the treatment so far says for this order, or for the patient on this day."""
    treated = last_course(case)
    if treated is None:
        return (*concurrent(case), *withdrawn(case), *uncounted(case))
    progress = progress_of(case, treated)
    return (
        *concurrent(case),
        *withdrawn(case),
        *state(case, treated, progress),
        *stopping(case, treated, progress),
        *timing(case, treated, progress),
        *long_term(case),
    )
