"""Files as they come: every patient in them is read, or the line that is lost is named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds.characters import as_utf8
from cds.commands.assess import assess
from cds.commands.terminology import terminology as terminology_command
from cds.terminology.lookup import Terminology
from cds.terminology.site_map import read_site_map
from cds.wire import InvalidJson, decode_lines

BOM = b"\xef\xbb\xbf"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "2014-05-06"}
SUBJECT = {"reference": "Patient/p"}
SEVERE = {"system": ICD, "code": "F33.2", "display": "MDD,\u2028severe\u0085 \u000b"}
MDD = {"resourceType": "Condition", "id": "m", "subject": SUBJECT, "code": {"coding": [SEVERE]}}
WEIGHT = {"resourceType": "Observation", "id": "kg", "status": "final", "subject": SUBJECT,
          "effectiveDateTime": "2026-11-20", "valueQuantity": {"value": 40, "unit": "kg"},
          "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}}  # fmt: skip
ORDER = {"resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
         "subject": SUBJECT, "medicationCodeableConcept": {"text": "ketamine 50 mg/mL injection"},
         "dosageInstruction": [{"text": "35 mg IV over 40 min"}]}  # fmt: skip
LINES = [json.dumps(r, ensure_ascii=False).encode() for r in (PATIENT, MDD, WEIGHT)]
BUNDLE = json.dumps(
    {"resourceType": "Bundle", "type": "collection",
     "entry": [{"resource": r} for r in (PATIENT, MDD, WEIGHT)]},
    ensure_ascii=False, indent=1,
).encode()  # fmt: skip
NDJSON = b"\n".join(LINES) + b"\n"


def utf16(data: bytes) -> bytes:
    return data.decode().encode("utf-16")


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def run(tmp_path: Path, files: dict[str, bytes], order: bytes | None = None) -> Any:
    paths = []
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        paths.append(str(tmp_path / name))
    (tmp_path / "order").write_bytes(json.dumps(ORDER).encode() if order is None else order)
    options = ["--order", str(tmp_path / "order"), "--as-of", "2026-11-28", "--json"]
    return CliRunner().invoke(assess, [*paths, *options])


WHOLE = {
    "NDJSON": {"a.ndjson": NDJSON},
    "with a mark": {"a.ndjson": BOM + NDJSON},
    "with two marks": {"a.ndjson": BOM + BOM + NDJSON},
    "in UTF-16": {"a.ndjson": utf16(NDJSON)},
    "CRLF": {"a.ndjson": NDJSON.replace(b"\n", b"\r\n")},
    "CR alone": {"a.ndjson": NDJSON.replace(b"\n", b"\r")},
    "a mark and CRLF": {"a.ndjson": BOM + NDJSON.replace(b"\n", b"\r\n")},
    "no end of the last line": {"a.ndjson": NDJSON.rstrip()},
    "empty lines": {"a.ndjson": b"\n\r\n" + NDJSON.replace(b"\n", b"\n \n") + BOM + b"\n"},
    "filled up with NUL": {"a.ndjson": NDJSON + b"\0" * 512},
    "Ctrl-Z at the end": {"a.ndjson": NDJSON + b"\x1a"},
    "another suffix": {"a.txt": NDJSON},
    "jsonl": {"a.JSONL": BOM + NDJSON},
    "files that were joined": {"a.ndjson": LINES[0] + LINES[1] + b"\n" + LINES[2]},
    "files with marks that were joined": {"a.ndjson": BOM + LINES[0] + BOM + b"\n".join(LINES[1:])},
    "several files": {"a.ndjson": BOM + LINES[0], "b.ndjson": BOM + b"\n".join(LINES[1:])},
    "a Bundle": {"a.json": BUNDLE},
    "a Bundle with a mark": {"a.json": BOM + BUNDLE},
    "a Bundle in UTF-16": {"a.json": utf16(BUNDLE)},
    "a Bundle with CRLF": {"a.json": BOM + BUNDLE.replace(b"\n", b"\r\n")},
    "a Bundle with Ctrl-Z at its end": {"a.json": BUNDLE + b"\n\x1a"},
    "a Bundle filled up with NUL and blanks": {"a.json": BUNDLE + b"\0\0 \x1a\x04\r\n"},
    "a Bundle that is called NDJSON": {"a.ndjson": BOM + BUNDLE},
}


@pytest.mark.parametrize("files", WHOLE.values(), ids=WHOLE)
def test_nothing_is_lost(tmp_path: Path, files: dict[str, bytes]) -> None:
    done = run(tmp_path, files)
    assert (done.exit_code, done.stderr) == (0, "")
    (report,) = map(json.loads, done.stdout.split("\n")[:-1])
    assert (report["age"], report["sex"]) == (12, "female")
    assert report["weight_kg"]["value"] == 40
    assert "under-18" in {finding["id"] for finding in report["findings"]}
    assert not report["skipped"]


@pytest.mark.parametrize("files", WHOLE.values(), ids=WHOLE)
def test_terminology_check_reads_the_same(tmp_path: Path, files: dict[str, bytes]) -> None:
    paths = []
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        paths.append(str(tmp_path / name))
    done = CliRunner().invoke(terminology_command, ["check", *paths])
    assert (done.exit_code, done.stderr) == (0, "")
    assert "unread:" not in done.stdout
    assert "ICD-10-CM" in done.stdout


# the data, the line that is named, and what may be lost: anything (None) or one kind
CUT = {
    "the last line": (NDJSON + b'{"resourceType": "Cond', 4, None),
    "the last line, with a mark": (BOM + NDJSON + b'{"resourceType": "Condition", "id":', 4, None),
    "a line amid": (LINES[0] + b"\n" + LINES[1][:40] + b"\n" + LINES[2], 2, "Condition"),
    "a line amid, before it says what": (LINES[0] + b'\n{"id": \n' + LINES[2], 2, None),
    "the first line": (LINES[0][:-1] + b"\n" + b"\n".join(LINES[1:]), 1, "Patient"),
    "within a letter": (NDJSON + '{"resourceType": "Condition", "id": "µ'.encode()[:-1], 4, None),
    "a line of another coding": (
        NDJSON + '{"resourceType": "Basic", "x": "µ"}'.encode("cp1252"),
        4,
        None,
    ),
    "after an object": (NDJSON + LINES[1] + b'{"resourceType": "Cond', 4, None),
    "no line end before": (NDJSON.rstrip() + b'{"resourceType":', 3, None),
    "a line of an export that no rule asks about": (
        LINES[0] + b'\n{"resourceType": "Claim", "id"\n' + LINES[2], 2, "Claim"),
    "CRLF": (NDJSON.replace(b"\n", b"\r\n") + b'{"resourceType": "Cond', 4, None),
}  # fmt: skip
EVERYTHING = {
    "conditions", "medicationRequests", "medicationStatements", "medicationDispenses",
    "medicationAdministrations", "observations", "allergies", "procedures", "encounter",
}  # fmt: skip
KEYS = {None: EVERYTHING, "Condition": {"conditions"}, "Patient": {"patient"}, "Claim": set()}


def lost(report: Any) -> set[str]:
    """The parts of the record that are unknown because something was cut off."""
    return {u.split(":")[0] for u in report["unknown"] if u.endswith("(cut off: no whole JSON)")}


@pytest.mark.parametrize(("data", "line", "kind"), CUT.values(), ids=CUT)
def test_a_line_that_is_cut_off_is_named(
    tmp_path: Path, data: bytes, line: int, kind: str | None
) -> None:
    done = run(tmp_path, {"a.ndjson": data})
    assert done.exit_code == 0
    assert done.stderr.startswith(f"{tmp_path / 'a.ndjson'}, line {line}: not read: ")
    assert "Cond" not in done.stderr
    (report,) = map(json.loads, done.stdout.split("\n")[:-1])
    gone = {"resource": kind or "Resource", "reason": "cut off: no whole JSON"}
    assert gone in report["skipped"]
    assert lost(report) == KEYS[kind]
    assert [u["text"] for u in report["unread"]] == (["“what was cut off”"] if kind is None else [])
    assert report["weight_kg"]["value"] == 40
    assert (report["age"] == 12) is (line != 1)
    details = [card.get("detail", "") for card in report["cards"]]
    said = sum("Not seen to the end, the file is cut off" in text for text in details)
    assert said == bool(KEYS[kind])  # the draft is of the patient that the other lines name


ADULT = PATIENT | {"birthDate": "1980-05-06"}
TRIALS = [
    {"resourceType": "MedicationRequest", "id": name, "status": "completed", "intent": "order",
     "subject": SUBJECT, "authoredOn": "2025-01-01", "medicationCodeableConcept": {"text": name},
     "dispenseRequest": {"expectedSupplyDuration": {"value": 90, "unit": "d", "code": "d"}},
     "dosageInstruction": [{"text": "1 tablet daily"}]}
    for name in ("sertraline 100 mg tablet", "venlafaxine ER 150 mg capsule")
]  # fmt: skip


def whole_bundle(*more: dict[str, Any]) -> bytes:
    listed = [{"resource": r} for r in (ADULT, MDD, WEIGHT, *TRIALS, *more)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": listed}).encode()


AAA = MDD | {"id": "aaa", "code": {"coding": [{"system": ICD, "code": "I71.40"}]}}
BREAKS = {
    "amid the last entry": lambda text: text[:-60],
    "after the last entry": lambda text: text[:-2],
    "with a mark": lambda text: BOM + text[:-60],
    "indented": lambda text: json.dumps(json.loads(text), indent=2).encode()[:-200],
    "CRLF": lambda text: crlf(json.dumps(json.loads(text), indent=2).encode()[:-200]),
    "a list": lambda text: json.dumps(json.loads(text)["entry"]).encode()[:-60],
    "gzip": lambda text: gzip.compress(text[:-60]),
    "gzip that is cut off itself": lambda text: gzip.compress(text, 0)[:-80],
}  # fmt: skip


@pytest.mark.parametrize("breaks", BREAKS.values(), ids=BREAKS)
def test_what_stands_whole_in_a_bundle_that_breaks_off_is_read(tmp_path: Path, breaks: Any) -> None:
    (whole,) = map(json.loads, run(tmp_path, {"a.json": whole_bundle(AAA)}).stdout.splitlines())
    done = run(tmp_path, {"a.json": breaks(whole_bundle(AAA))})
    assert done.exit_code == 0
    assert "a.json: cut off, the rest is not read: " in done.stderr
    (report,) = map(json.loads, done.stdout.splitlines())
    assert report["age"] == whole["age"] == 46
    assert lost(report) == EVERYTHING
    read, seen = ([t["ingredient"] for t in r["antidepressant_trials"]] for r in (report, whole))
    assert read == seen == ["sertraline", "venlafaxine"]
    assert (whole["opioids"]["mme_per_day"], report["opioids"]["mme_per_day"]) == (0, None)
    assert not any(dose["dose_mg"] for dose in report["doses"])


def test_a_list_that_tells_of_more_than_it_holds(tmp_path: Path) -> None:
    """As an EHR's export of searches: what was seen counts, the rest is unknown, and it is said."""

    def searchset(*held: dict[str, Any], total: int) -> dict[str, Any]:
        entry = [{"resource": one, "search": {"mode": "match"}} for one in held]
        return {"resourceType": "Bundle", "type": "searchset", "total": total, "entry": entry}

    lists = {"drugs": searchset(*TRIALS, total=2), "diagnoses": searchset(MDD, AAA, total=2)}
    for cut, part, key in (
        ("drugs", "prescriptions", "medicationRequests"),
        ("diagnoses", "diagnoses", "conditions"),
    ):
        for total in (2, 57):
            lists[cut]["total"] = total
            document = [ADULT, *lists.values(), WEIGHT]
            done = run(tmp_path, {"a.json": json.dumps(document).encode()})
            (report,) = map(json.loads, done.stdout.splitlines())
            said = f"Not seen in full: {part} (2 of 57 entries came)." in str(report["cards"])
            told = f"{key}: not seen in full (2 of 57 entries came)" in report["unknown"]
            assert said is told is (total == 57)
            assert "aneurysm" in {one["id"] for one in report["findings"]}
            whole = cut != "drugs" or total == 2
            assert report["opioids"]["mme_per_day"] == (0 if whole else None)
        lists[cut]["total"] = 2


def test_of_several_patients_a_broken_line_is_that_of_the_one_it_names(tmp_path: Path) -> None:
    other = json.dumps(ADULT | {"id": "q"}).encode()
    broken = json.dumps(MDD).encode()[:-20]
    nobody = b'{"resourceType": "Condition", "id": "x", '
    for line, whose in ((broken, {"p"}), (nobody, {"p", "q"})):
        done = run(tmp_path, {"a.ndjson": b"\n".join([LINES[0], line, other])})
        reports = list(map(json.loads, done.stdout.splitlines()))
        assert {r["patient"] for r in reports if "conditions" in lost(r)} == whose


def test_of_a_file_of_one_kind_only_that_kind_may_be_lost(tmp_path: Path) -> None:
    files = {"Patient.ndjson": LINES[0], "Condition.ndjson": LINES[1] + b"\n" + LINES[1][:50]}
    (report,) = map(json.loads, run(tmp_path, files).stdout.splitlines())
    assert lost(report) == {"conditions"}
    assert report["unread"] == []


@pytest.mark.parametrize("name", ["a.ndjson.gz", "a.json.gz", "a.gz", "a.ndjson"])
def test_gzip_is_read_under_any_name(tmp_path: Path, name: str) -> None:
    for data in (NDJSON, BOM + NDJSON, BUNDLE):
        done = run(tmp_path, {name: gzip.compress(data)})
        (report,) = map(json.loads, done.stdout.splitlines())
        assert (done.stderr, report["age"], report["skipped"]) == ("", 12, [])


@pytest.mark.parametrize(
    "data",
    [
        b"", BOM, utf16(BUNDLE)[:-3], b"resourceType;id", BUNDLE[:40], b"\x1f\x8bxx", LINES[1][:60],
    ],
)  # fmt: skip
def test_a_file_that_is_no_json_is_named(tmp_path: Path, data: bytes) -> None:
    done = run(tmp_path, {"a.json": data})
    assert done.exit_code == 1
    assert "a.json" in done.stderr or "no patient" in done.stderr


def test_drafts_that_break_off_are_refused(tmp_path: Path) -> None:
    cut = json.dumps({"resourceType": "Bundle", "entry": [{"resource": ORDER}]}).encode()[:-1]
    assert run(tmp_path, {"a.ndjson": NDJSON}, cut).exit_code == 1


@pytest.mark.parametrize(
    "order",
    [
        BOM + json.dumps(ORDER).encode(),
        utf16(json.dumps(ORDER).encode()),
        BOM + json.dumps(ORDER).encode() + b"\r\n",
        json.dumps(ORDER).encode() + b"\n" + json.dumps(ORDER | {"id": "e"}).encode(),
        BOM + json.dumps({"resourceType": "Bundle", "entry": [{"resource": ORDER}]}).encode(),
    ],
)
def test_drafts_are_read_alike(tmp_path: Path, order: bytes) -> None:
    done = run(tmp_path, {"a.ndjson": NDJSON}, order)
    assert done.exit_code == 0
    assert json.loads(done.stdout.split("\n")[0])["cards"][0]["indicator"] == "critical"


def site_map(tmp_path: Path, coding: str = "utf-8", end: str = "\n") -> Path:
    rows = ["system,code,kind,target", "urn:x,KET\u2028A,drug,rxnorm:238084",
            "urn:x,ＫＥＴ\u200bＢ,drug,rxnorm:238084"]  # fmt: skip
    path = tmp_path / f"{coding}.csv"
    path.write_bytes(end.join([*rows, ""]).encode(coding))
    return path


def test_the_map_of_a_site(tmp_path: Path) -> None:
    site = Terminology(site_map=site_map(tmp_path))
    for code in ("KET\u2028A", "KETB", "ＫＥＴＢ"):
        match = site.drug({"coding": [{"system": "urn:x", "code": code}]})
        assert match is not None
        assert [ingredient.name for ingredient in match.ingredients] == ["ketamine"]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_map_of_a_site_reads_the_same_in_any_coding(
    tmp_path: Path, coding: str, end: str, terminology: Terminology
) -> None:
    known = terminology.known()
    read = read_site_map(site_map(tmp_path, coding, end), known)
    assert len(read.drugs) == 2
    assert read == read_site_map(site_map(tmp_path), known)


def test_lines() -> None:
    found = list(decode_lines(b'{"a": 0.50}\n\n[1] [2]{"b"\n\xef\xbb\xbf"x"'))
    assert [number for number, _ in found] == [1, 3, 3, 3, 4]
    assert [str(v) for _, v in found[:1]] == ["{'a': Decimal('0.50')}"]
    assert [v for _, v in found[1:3]] == [[1], [2]]
    assert isinstance(found[3][1], InvalidJson)
    assert list(decode_lines(["1", b"2", ""])) == [(1, 1), (2, 2)]
    assert as_utf8("µ".encode("utf-16-le")) == b"\xb5\x00"  # without a mark nothing is guessed
