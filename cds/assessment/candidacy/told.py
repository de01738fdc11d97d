"""What the words of a rule that holds need, by the kind of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import singledispatch

from msgspec import Struct, field

from cds.assessment.candidacy.named import named
from cds.assessment.model import ChartText
from cds.assessment.rules.answer import Answer, Found
from cds.assessment.rules.combined import PartsFound
from cds.assessment.rules.of_diagnoses import DiagnosisFound
from cds.assessment.rules.of_patient import SignsFound
from cds.assessment.rules.of_results import ScoreFound
from cds.assessment.rules.of_trials import AugmentationsFound, TrialsFound
from cds.assessment.trials import Tally, described
from cds.chart.entries import Condition
from cds.history.model.trial import Trial


class Told(Struct, frozen=True):
    """The parameters of a wording, and the resources that they come from."""

    params: Mapping[str, object] = field(default_factory=dict)
    source: tuple[str, ...] = ()
    doubted: bool = False
    """the diagnosis that it tells of was confirmed by nobody"""


def told(answer: Answer) -> Told:
    """Of a combination, what its last part tells: the others are conditions for that."""
    if isinstance(answer.found, PartsFound) and not answer.found.negated:
        return told(answer.found.parts[-1][1])
    source = tuple(ref for match in answer.matches for ref in match.source)
    facts = answer.found.facts if isinstance(answer.found, DiagnosisFound) else ()
    doubted = bool(facts) and facts[0].doubt is not None
    return Told({} if answer.found is None else _params(answer.found), source, doubted)


@singledispatch
def _params(found: Found) -> Mapping[str, object]:
    return {}


@_params.register
def _diagnosis(found: DiagnosisFound) -> Mapping[str, object]:
    return of_diagnosis(found.facts[0]) if found.facts else {}


def of_diagnosis(fact: Condition) -> Mapping[str, object]:
    return {"condition": ChartText(fact.display), "since": named(fact), "doubt": fact.doubt}


@_params.register
def _score(found: ScoreFound) -> Mapping[str, object]:
    newest = found.newest
    return {} if newest is None else {"score": newest.value, "when": newest.when}


@_params.register
def _signs(found: SignsFound) -> Mapping[str, object]:
    return {"signs": [sign.text for sign in found.every], "sign": found.every[0].text}


@_params.register
def _trials(found: TrialsFound) -> Mapping[str, object]:
    return of_trials(found.count)


def of_trials(count: Tally) -> dict[str, object]:
    return {
        "adequate": len(count.minimum),
        "strict": len(count.strict),
        "classes": list(count.classes),
        "trials": each_described(count.minimum),
    }


@_params.register
def _augmentations(found: AugmentationsFound) -> Mapping[str, object]:
    return {"augmentations": each_described(found.done), "count": len(found.done)}


def each_described(trials: Iterable[Trial]) -> list[str]:
    return [described(trial) for trial in trials]
