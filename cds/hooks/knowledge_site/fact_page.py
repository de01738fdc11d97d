"""The page of a fact: its values, rule, evidence, review, history, and where it shows."""

from __future__ import annotations

from datetime import date

from cards.evidence import in_words as grade_in_words
from cards.of_facts import cards_of, why_no_card
from cds.hooks.knowledge_site.dose_steps import dose_steps
from cds.hooks.knowledge_site.library import Held, Library
from cds.hooks.knowledge_site.related import related
from cds.hooks.knowledge_site.told import (
    fact_named,
    reviewed,
    row_told,
    sources_told,
    state_of,
    subject_name,
)
from cds.knowledge.cited import rows_of, sources_of
from cds.knowledge.in_words import Said, rule_of, title_of, values_of
from cds.knowledge.model.base import Fact
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.regimens import Regimen
from cds.knowledge.review.due import due_since, outdated
from cds.knowledge.review.ledger import Standing
from cds.knowledge.scenarios import Scenario, scenarios_of
from cds.terminology.codes.code_names import name_of_code
from cds.wire import Json

_IN_ITS_OWN_PLACE = ("evidence", "regulatory")
"""values of an indication that are told as evidence and not in the list of values"""


def fact_page(held: Held, library: Library, day: date) -> Json:
    """All that is known of one fact."""
    fact = held.fact
    evidence = _evidence(held, library)
    told = {
        "path": held.path,
        "subject": held.subject,
        "subject_name": subject_name(held.subject),
        "id": fact.id,
        "title": title_of(fact),
        "background": held.background,
        **state_of(fact),
        "grade_words": grade_in_words(fact),
        "review": _review(reviewed(library, held, day), fact, day),
        "values": _values(fact),
        "dose_steps": _steps(fact, library),
        "rule": [_said(part) for part in rule_of(fact, name_of_code)],
        "regulatory": _regulatory(fact, library),
        **evidence,
        "sources": sources_told(sources_of(fact), library),
        "outdated": _outdated(fact, library, day),
        "cards": [_card(each.card, each.when, each.words) for each in cards_of(fact)],
        "why_no_card": "" if cards_of(fact) else why_no_card(fact),
        "scenarios": [scenario_told(each) for each in scenarios_of(held.subject, fact.id)],
        "history": _history(held, library),
        "related": related(held, library),
        "record": fact.model_dump(mode="json", exclude_none=True),
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def _steps(fact: Fact, library: Library) -> list[Json]:
    return dose_steps(fact, library.in_force) if isinstance(fact, Regimen) else []


def _values(fact: Fact) -> list[Json]:
    return [
        {"field": value.field, "label": value.label, "text": value.text}
        for value in values_of(fact, name_of_code)
        if value.field.split(".")[0] not in _IN_ITS_OWN_PLACE
    ]


def _outdated(fact: Fact, library: Library, day: date) -> list[str]:
    """Its sources that were read too long ago, by their ids."""
    cited = (library.sources[i] for i in sources_of(fact) if i in library.sources)
    return [source.id for source in outdated(cited, day)]


def _said(said: Said) -> Json:
    told: Json = {"text": said.text}
    return told | ({"parts": [_said(part) for part in said.parts]} if said.parts else {})


def _review(review: Standing, fact: Fact, day: date) -> Json:
    told: Json = {"state": review.state, "words": review.words, "signed": review.signed}
    told["signatures"] = [
        {
            "reviewed_by": each.reviewed_by,
            "role": each.role,
            "reviewed_on": each.reviewed_on.isoformat(),
            "decision": each.decision,
            **({"remark": each.remark} if each.remark else {}),
        }
        for each in review.signatures
    ]
    since = due_since(fact, review, day)
    ahead = fact.next_review if fact.next_review is not None and fact.next_review > day else None
    if since or ahead:
        told["next_review"] = str(since or ahead)
        told["overdue"] = since is not None
    return told


def _evidence(held: Held, library: Library) -> Json:
    """The rows that it rests on, those that are not inside, and what speaks against it."""
    wanted = rows_of(held.fact)
    rows = [library.rows[ident] for ident in wanted if ident in library.rows]
    own_for, own_against = _own_evidence(held.fact, library)
    against = [
        {"text": text, "row": row.id, "path": f"evidence/{row.id}"}
        for row in rows
        for text in row.against
    ]
    return {
        "rows": [row_told(row, library) for row in rows],
        "rows_missing": [ident for ident in wanted if ident not in library.rows],
        "evidence_for": own_for,
        "evidence_against": [*against, *own_against],
    }


def _own_evidence(fact: Fact, library: Library) -> tuple[list[Json], list[Json]]:
    """The findings for and against an indication, which it names itself."""
    told: tuple[list[Json], list[Json]] = ([], [])
    if isinstance(fact, Indication):
        for each in fact.evidence:
            finding: Json = {"text": each.text, "status": each.status}
            finding |= {"grade": each.grade} if each.grade else {}
            finding["sources"] = sources_told(each.sources, library)
            told[each.against].append(finding)
    return told


def _regulatory(fact: Fact, library: Library) -> list[Json]:
    if not isinstance(fact, Indication):
        return []
    return [
        {
            "form": each.form,
            "jurisdiction": each.jurisdiction.upper(),
            "text": each.text,
            "sources": sources_told(each.sources, library),
        }
        for each in fact.regulatory
    ]


def _card(card: str, when: str, words: tuple[str, ...]) -> Json:
    return {"card": card, "when": when, "words": list(words)}


def scenario_told(scenario: Scenario) -> Json:
    """A case of the tests in words."""
    return {
        "id": scenario.id,
        "title": scenario.title,
        "given": list(scenario.given),
        "says": list(scenario.says),
        "never": list(scenario.never),
    }


def _history(held: Held, library: Library) -> Json:
    """The days on which it holds, its other editions, and the facts before and after it."""
    siblings = library.facts[held.subject]
    return {
        **_days(held.fact),
        "holds": library.holds(held),
        "editions": [
            _days(each) | {"values": _values(each)}
            for each in library.knowledge.editions(held.subject, held.fact.id)
            if each is not held.fact
        ],
        "before": [
            fact_named(siblings[old]) if old in siblings else {"id": old}
            for old in held.fact.supersedes
        ],
        "after": [
            fact_named(each) | _days(each.fact) for each in library.in_place_of.get(held.path, ())
        ],
    }


def _days(fact: Fact) -> Json:
    return {
        "effective": fact.effective.isoformat() if fact.effective else None,
        "until": fact.until.isoformat() if fact.until else None,
    }
