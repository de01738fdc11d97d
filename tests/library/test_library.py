"""The library interface: pure, the same in every process, and as its document says."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import fhir_fixtures
from cds import api
from cds.api import Answer, Chart, Engine, assess, load, read_chart
from cds.fhir.record.patient_record import gather, records_from_bundle
from cds.history.build import build_history
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.terminology.codes import systems
from cds.terminology.lookup import Terminology
from cds.terminology.site_map import SiteMapError
from cds.wire import Json, decode, encode
from tests.replaced import replace

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
DAY = date(2026, 11, 22)
NAMES = fhir_fixtures.names()
SITE_MAP = """codes:
  - {system: urn:local, code: K1, kind: drug, target: ketamine, strength: 50 mg/mL}
"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


def bundle(name: str) -> Json:
    return fhir_fixtures.load(name, DAY)


def draft(name: str) -> Json:
    read: Json = decode((fhir_fixtures.orders() / f"{name}.json").read_bytes())
    return read


def said(answer: Answer) -> bytes:
    return encode(answer.report())


# ---- the document ------------------------------------------------------------------------------


@pytest.mark.parametrize(("script", "printed"), EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))
def test_an_example_prints_what_the_document_says(
    script: str, printed: str, tmp_path: Path
) -> None:
    path = tmp_path / "example.py"
    path.write_text(script, encoding="utf-8")
    run = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert run.stdout == printed


def test_the_document_has_its_examples() -> None:
    assert len(EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))) == 2


def test_the_document_names_all_that_is_public() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in api.__all__ if not re.search(rf"\b{name}\b", page)] == []
    assert all(hasattr(api, name) for name in api.__all__)


# ---- other processes ---------------------------------------------------------------------------


def test_another_process_gives_the_same_answers(engine: Engine) -> None:
    charts = [read_chart(engine, bundle(name)) for name in NAMES]
    drafts = [[draft(name)] for name in NAMES]
    here = list(map(assess, repeat(engine), charts, repeat(DAY), drafts))
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        there = list(pool.map(assess, repeat(engine), charts, repeat(DAY), drafts))
    assert [said(answer) for answer in there] == [said(answer) for answer in here]
    assert there == here


def test_a_pickled_engine_is_a_recipe_and_comes_back_as_the_loaded_one(engine: Engine) -> None:
    sent = pickle.dumps(engine)
    assert len(sent) < 2_000
    back = pickle.loads(sent)
    assert back.terminology is engine.terminology
    assert back.knowledge is load_knowledge()


def test_an_engine_keeps_its_site(tmp_path: Path) -> None:
    site_map = tmp_path / "map.yaml"
    site_map.write_text(SITE_MAP)
    own = load(site_map, SiteProtocol(jurisdiction="eu", max_cards=2))
    back = pickle.loads(pickle.dumps(own))
    assert back.site == own.site
    coding = {"coding": [{"system": "urn:local", "code": "K1"}]}
    assert back.terminology.drug(coding) == own.terminology.drug(coding) is not None
    assert load().terminology.drug(coding) is None


def test_changed_knowledge_is_sent_as_it_is(engine: Engine) -> None:
    changed = replace(engine.knowledge, version="changed")
    assert pickle.loads(pickle.dumps(changed)).version == "changed"


def test_tables_of_a_folder_are_read_from_it_again() -> None:
    folder = Path(systems.__file__).parent / "data"
    back = pickle.loads(pickle.dumps(Terminology(folder)))
    assert back._loaded_from == (folder, None)


# ---- pure --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hook", ["order-select", "order-sign", "patient-view"])
def test_asking_changes_nothing_and_the_answer_stays(engine: Engine, name: str, hook: Any) -> None:
    source, order = bundle(name), draft(name)
    before = copy.deepcopy((source, order))
    chart = read_chart(engine, source)
    untouched = pickle.dumps(chart)
    answer = assess(engine, chart, DAY, [order], hook)
    first = said(answer)
    for printed in (answer.report()["cards"], answer.cards_json()):
        for card in printed:
            card["summary"] = "changed"
            for suggestion in card.get("suggestions", ()):
                for action in suggestion["actions"]:
                    action.get("resource", {}).clear()
    assert (source, order) == before
    assert pickle.dumps(chart) == untouched
    assert said(answer) == first
    assert assess(engine, chart, DAY, [order], hook) == answer


def test_what_becomes_of_the_source_does_not_matter(engine: Engine) -> None:
    """A draft may refer to what the chart holds of it, long after it was read."""
    source, order = bundle("ash"), draft("ash")
    vial = {"resourceType": "Medication", "id": "v", "code": order.pop("medicationCodeableConcept")}
    source["entry"].append({"resource": vial})
    order["medicationReference"] = {"reference": "Medication/v"}
    chart = read_chart(engine, source)
    first = said(assess(engine, chart, DAY, [order]))
    vial["code"]["coding"][0]["code"] = vial["code"]["text"] = "something else"
    for entry in source["entry"]:
        entry["resource"].clear()
    assert said(assess(engine, chart, DAY, [order])) == first
    assert said(assess(engine, read_chart(engine, source), DAY, [order])) != first


@pytest.mark.parametrize(
    "mapping",
    [
        lambda chart, history: chart.by_key,
        lambda chart, history: chart.unavailable,
        lambda chart, history: chart.unknown_observations,
        lambda chart, history: chart.referred.index,
        lambda chart, history: history.observations,
        lambda chart, history: history.unavailable,
    ],
)
def test_what_charts_and_histories_map_is_read_only(engine: Engine, mapping: Any) -> None:
    chart = read_chart(engine, bundle("ash"))
    history = assess(engine, chart, DAY).assessment.history
    found = mapping(chart, history)
    for change in (found.clear, found.update, lambda: found.__setitem__("x", 1), found.popitem):
        with pytest.raises(TypeError, match="read-only"):
            change()
    back = pickle.loads(pickle.dumps(found))
    assert (type(back), back) == (type(found), found)


def test_an_answer_is_frozen(engine: Engine) -> None:
    answer = assess(engine, read_chart(engine, bundle("ash")), DAY)
    with pytest.raises(FrozenInstanceError):
        answer.cards = ()  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_read_alike_from_every_source(engine: Engine, name: str) -> None:
    whole = bundle(name)
    resources = [entry["resource"] for entry in whole["entry"]]
    (record,) = records_from_bundle(whole)
    sources: list[Any] = [whole, [whole], resources, iter(resources), record, gather(resources)]
    answers = {said(assess(engine, read_chart(engine, s), DAY, [draft(name)])) for s in sources}
    assert len(answers) == 1


def test_one_chart_serves_many_days(engine: Engine) -> None:
    chart, order = read_chart(engine, bundle("ash")), draft("ash")
    for ago in range(0, 120, 20):
        day = date.fromordinal(DAY.toordinal() - ago)
        fresh = read_chart(engine, bundle("ash"))
        assert assess(engine, chart, day, [order]) == assess(engine, fresh, day, [order])


def test_the_history_of_an_earlier_answer_is_used_on_its_day_only(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart, order = read_chart(engine, bundle("ash")), draft("ash")
    history = assess(engine, chart, DAY).assessment.history
    whole, later = (assess(engine, chart, day, [order]) for day in (DAY, date(2027, 1, 1)))
    made: list[date] = []

    def counted(chart: Chart, knowledge: Any, day: date) -> Any:
        made.append(day)
        return build_history(chart, knowledge, day)

    monkeypatch.setattr(api, "build_history", counted)
    assert assess(engine, chart, DAY, [order], history=history) == whole
    assert made == []
    assert assess(engine, chart, date(2027, 1, 1), [order], history=history) == later
    assert made == [date(2027, 1, 1)]


def test_the_patient_asked_for_is_the_one_of_the_chart(engine: Engine) -> None:
    both = [bundle("ash"), bundle("birch")]
    for name in ("ash", "birch"):
        chart = read_chart(engine, both, patient_id=name)
        assert assess(engine, chart, DAY).assessment.history.person.id == name


# ---- what is asked -----------------------------------------------------------------------------


def test_other_drafts_of_the_session_are_seen_and_not_asked_about(engine: Engine) -> None:
    chart = read_chart(engine, bundle("ash"))
    asked, other = draft("ash"), draft("ash") | {"id": "second"}
    alone = assess(engine, chart, DAY, [asked])
    beside = assess(engine, chart, DAY, [asked], others=[other])
    assert [order.ref for order in beside.assessment.orders] == [f"MedicationRequest/{asked['id']}"]
    assert "order-duplicate" not in ids(alone)
    assert "order-duplicate" in ids(beside)


def test_a_medication_of_the_session_is_what_a_draft_orders(engine: Engine) -> None:
    chart, order = read_chart(engine, bundle("ash")), draft("ash")
    code = order.pop("medicationCodeableConcept")
    order["medicationReference"] = {"reference": "urn:uuid:the-vial"}
    medication = {"resourceType": "Medication", "code": code}
    vial = {"fullUrl": "urn:uuid:the-vial", "resource": medication}
    unknown = assess(engine, chart, DAY, [order]).assessment
    known = assess(engine, chart, DAY, [order], others=[vial]).assessment
    assert [o.drug for o in unknown.orders] == [None]
    assert [o.drug for o in known.orders] == ["ketamine"]


def test_a_candidacy_card_that_nobody_asked_for_can_be_left_out(engine: Engine) -> None:
    chart = read_chart(engine, bundle("ash"))
    assert [c.kind for c in assess(engine, chart, DAY, hook="patient-view").cards] == ["candidacy"]
    quiet = assess(engine, chart, DAY, hook="patient-view", candidacy_wanted=False)
    assert quiet.cards == ()


def ids(answer: Answer) -> Iterator[str]:
    return (finding.id for finding in answer.assessment.findings)


# ---- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["{}", b"{}", None, 7])
def test_what_is_no_chart_is_refused(engine: Engine, source: Any) -> None:
    with pytest.raises(TypeError, match=r"source: a Bundle, .* not (str|bytes|NoneType|int)"):
        read_chart(engine, source)


@pytest.mark.parametrize("source", [{}, [], [None, 7, "text"], {"resourceType": "Bundle"}])
def test_odd_content_is_a_chart_of_which_little_is_known(engine: Engine, source: Any) -> None:
    history = assess(engine, read_chart(engine, source), DAY).assessment.history
    assert history.person.age is None
    assert history.unknown


@pytest.mark.parametrize("day", [datetime(2026, 11, 22, 9, tzinfo=UTC), "2026-11-22", None])
def test_a_day_is_a_date(engine: Engine, day: Any) -> None:
    with pytest.raises(TypeError, match=r"day: a datetime\.date is wanted, not"):
        assess(engine, Chart(gather([])), day)


def test_a_hook_is_one_of_three(engine: Engine) -> None:
    hook: Any = "order-dispatch"
    with pytest.raises(ValueError, match="hook: 'order-dispatch' is none of order-select, "):
        assess(engine, Chart(gather([])), DAY, hook=hook)


def test_a_site_map_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "map.yaml"
    wrong.write_text("- nonsense\n")
    with pytest.raises(SiteMapError):
        load(wrong)


def test_patient_data_have_no_repr(engine: Engine) -> None:
    chart = read_chart(engine, bundle("ash"))
    assert "ash" not in repr(chart) + repr(assess(engine, chart, DAY))


@pytest.mark.parametrize(
    ("drafts", "message"),
    [
        ({"resourceType": "MedicationRequest"}, "drafts: a list of resources .* not dict"),
        ("{}", "drafts: a list of resources .* not str"),
        (b"[]", "drafts: a list of resources .* not bytes"),
        (None, "drafts: a list of resources .* not NoneType"),
        (7, "drafts: a list of resources .* not int"),
        (["{}"], r"drafts\[0\]: .* not str; cds.wire.decode"),
        ([{}, None], r"drafts\[1\]: .* not NoneType"),
        ([[{}]], r"drafts\[0\]: .* not list"),
    ],
)
def test_drafts_of_another_type_are_said(engine: Engine, drafts: Any, message: str) -> None:
    chart = read_chart(engine, bundle("ash"))
    with pytest.raises(TypeError, match=message):
        assess(engine, chart, DAY, drafts)
    with pytest.raises(TypeError, match=message.replace("drafts", "others")):
        assess(engine, chart, DAY, others=drafts)


def test_drafts_may_be_any_iterable_of_objects(engine: Engine) -> None:
    chart = read_chart(engine, bundle("ash"))
    listed = assess(engine, chart, DAY, [draft("ash")])
    assert assess(engine, chart, DAY, iter([draft("ash")])) == listed  # type: ignore[arg-type]
    assert assess(engine, chart, DAY, [{}]) == assess(engine, chart, DAY)
