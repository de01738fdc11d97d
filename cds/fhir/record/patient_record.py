"""A patient's FHIR resources, gathered, de-duplicated, and with what could not be had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from cds.fhir.record.copies import Found
from cds.fhir.record.cut_off import entries_in
from cds.fhir.record.cut_off import keys_of as keys_of_lost
from cds.fhir.record.ownership import NOBODY, UNNAMED, Owners
from cds.fhir.record.references import logical_keys, own_keys, reference_key
from cds.fhir.record.referred import Referred
from cds.fhir.record.selection import Selection, select
from cds.fhir.record.skipped import CUT_OFF, ONE_SHORTENED, Skipped, reference_of
from cds.fhir.record.unpack import Lost, unpack
from cds.wire import Json, decode_lines

__all__ = [
    "PatientRecord",
    "Skipped",
    "gather",
    "records_from_bundle",
    "records_from_files",
    "records_from_ndjson",
    "reference_of",
]

_SHARED = frozenset({"Location", "Medication", "Practitioner", "PractitionerRole", "Substance"})
"""what charts and drafts refer to, and what is about no patient"""


@dataclass(slots=True)
class PatientRecord:
    """Everything known of one patient, as FHIR JSON.

    `unavailable` maps a prefetch key (`allergies`, `medicationRequests` …) to why it could not be
    had: its facts are then unknown, never absent. A key that was answered, with or without
    resources, is in `answered`.
    """

    patient: Json | None = None
    resources: dict[str, list[Json]] = field(default_factory=dict)
    """by resourceType, each (type, id) once, in the order of their ids"""
    answered: set[str] = field(default_factory=set)
    unavailable: dict[str, str] = field(default_factory=dict)
    partial: set[str] = field(default_factory=set)
    """keys of `unavailable` that were answered with less than there is: something is missing for
    certain, where of the others nobody knows whether there is anything"""
    failed: set[str] = field(default_factory=set)
    """keys of `unavailable` that a server offers and could not answer now"""
    skipped: list[Skipped] = field(default_factory=list)
    index: dict[str, Json] = field(default_factory=dict)
    """`Type/id`, fullUrl and `Type?identifier=` → resource, for references"""
    library: Mapping[str, Json] = field(default_factory=dict)
    """the same, of the Medications, places and people of a file with several patients: they are
    nobody's own, and all of its records lead to them"""

    def of(self, *types: str) -> Iterator[Json]:
        for name in types:
            yield from self.resources.get(name, ())

    @property
    def referred(self) -> Referred:
        """What references lead to, as the record stands now."""
        return Referred(self.index, self.library)

    @property
    def patient_id(self) -> str | None:
        """The Patient's id, else the one by which the other resources name the patient."""
        if self.patient is not None:
            ident = self.patient.get("id")
            return ident if isinstance(ident, str) else None
        for resource in chain.from_iterable(self.resources.values()):
            for name in ("subject", "patient"):
                holder = resource.get(name)
                text = holder.get("reference") if isinstance(holder, dict) else None
                kind, _, ident = (
                    reference_key(text).rpartition("/") if isinstance(text, str) else ("", "", "")
                )
                if kind == "Patient":
                    return ident
        return None


def gather(
    resources: Iterable[Json], answered: Iterable[str] | None = None, patient_id: str | None = None
) -> PatientRecord:
    """One patient's record from loose resources and Bundles.

    `answered`: the prefetch keys that were answered; None takes the keys whose types are there.
    With several patients among them the record is that of `patient_id`, else of the one that most
    resources name; what belongs to another is skipped and said.
    """
    selection = select(unpack(list(resources)))
    owners = Owners(selection.found)
    owned = [(owners.owner(found), found) for found in selection.found]
    main = owners.choose((owner for owner, _ in owned), patient_id)
    others = {owner for owner, _ in owned} - {main, NOBODY, UNNAMED}
    mine = []
    for owner, found in owned:
        if owner in (main, NOBODY) or (owner == UNNAMED and not others):
            mine.append(found)
        else:
            reason = "names no patient" if owner == UNNAMED else "belongs to another patient"
            selection.skipped.append(Skipped(reference_of(found.resource), reason))
    record = _record(mine, selection, lost=_lost_of(main, owners, selection))
    if answered is not None:
        record.answered = set(answered) - record.unavailable.keys()
    return record


def records_from_bundle(document: object) -> list[PatientRecord]:
    """A record per patient of a JSON document: a Bundle of any type, a list, or one resource.

    A type of which the document has nothing stays unanswered: its facts are unknown.
    """
    return _records(select(unpack(document)))


def records_from_ndjson(lines: bytes | str | Iterable[bytes | str]) -> list[PatientRecord]:
    """A record per patient of NDJSON, in any order. A line that is cut off is said to be lost."""
    return records_from_files([[value for _, value in decode_lines(lines)]])


def records_from_files(files: Iterable[Iterable[object]]) -> list[PatientRecord]:
    """A record per patient of the values that `decode_lines` gave for each of some files."""
    return _records(select(entry for values in files for entry in entries_in(values)))


def _records(selection: Selection) -> list[PatientRecord]:
    owners = Owners(selection.found)
    charts: dict[str, list[Found]] = {}
    for found in selection.found:
        charts.setdefault(owners.owner(found), []).append(found)
    library, unnamed = charts.pop(NOBODY, []), charts.pop(UNNAMED, [])
    gone = (lost for lost in selection.lost if lost.why != ONE_SHORTENED)
    if owners.patients and not any(lost.kind == "Patient" for lost in gone):
        for stranger in sorted(charts.keys() - owners.patients):
            _leave_out(charts.pop(stranger), "names a patient who is not here", selection)
    if len(charts) <= 1:
        mine = [found for chart in charts.values() for found in chart] + unnamed
        whose = next(iter(charts), None)
        return (
            [_record(mine + library, selection, lost=_lost_of(whose, owners, selection))]
            if mine
            else []
        )
    _leave_out(unnamed, "names no patient", selection)
    shared = _index([one for one in library if one.resource["resourceType"] in _SHARED])
    return [
        _record(chart, selection, shared, _lost_of(whose, owners, selection))
        for whose, chart in sorted(charts.items())
    ]


def _lost_of(whose: str | None, owners: Owners, selection: Selection) -> list[Lost]:
    """What was cut off and is, or may be, of this patient."""
    return [
        lost
        for lost in selection.lost
        if lost.patient is None or whose is None or owners.named(lost.patient) == whose
    ]


def _leave_out(chart: Iterable[Found], reason: str, selection: Selection) -> None:
    for found in chart:
        selection.skipped.append(Skipped(reference_of(found.resource), reason))


def _record(
    mine: Sequence[Found],
    selection: Selection,
    library: Mapping[str, Json] | None = None,
    lost: Sequence[Lost] = (),
) -> PatientRecord:
    missing: dict[str, str] = {}
    for one in sorted(lost, key=lambda one: (one.why != CUT_OFF, one.why)):
        missing |= {key: missing.get(key, one.why) for key in sorted(keys_of_lost(one))}
    record = PatientRecord(
        answered=set(selection.answered) - missing.keys(),
        unavailable=dict(selection.refused) | missing,
        partial={key for key, why in missing.items() if why != CUT_OFF},
        skipped=[
            *selection.skipped,
            *(Skipped(one.kind or "Resource", CUT_OFF) for one in lost if one.why == CUT_OFF),
        ],
        index=_index(mine),
        library=library or {},
    )
    for found in mine:
        resource = found.resource
        record.resources.setdefault(resource["resourceType"], []).append(resource)
    patients = record.resources.get("Patient")
    record.patient = patients[0] if patients else None
    return record


def _index(listed: Sequence[Found]) -> dict[str, Json]:
    """Resources by all of their names. A name that two of them share leads to neither.

    A business identifier may be that of a group, and stands in many resources: the first counts.
    """
    index: dict[str, Json] = {}
    shared: set[str] = set()
    for found in listed:
        for key in own_keys(found.resource, found.full_url):
            if index.setdefault(key, found.resource) is not found.resource:
                shared.add(key)
    for found in listed:
        for key in logical_keys(found.resource):
            index.setdefault(key, found.resource)
    for key in shared:
        del index[key]
    return index
