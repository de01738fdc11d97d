"""What codes are called, for the files of the knowledge."""

import pytest

from cds.terminology.codes import systems
from cds.terminology.codes.code_names import code_name


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (systems.ICD10CM, "I71", "Aortic aneurysm and dissection"),
        (systems.ICD10CM, "I72", "Other aneurysm"),
        (systems.ICD10CM, "I71.4", "Abdominal aortic aneurysm, without rupture"),
        (systems.ICD10CM, "i714", "Abdominal aortic aneurysm, without rupture"),
        (systems.ICD10CM, "T14", "Injury of unspecified body region"),
        (systems.ICD10CM, "I7Z", None),
        (systems.SNOMED, "233985008", "Abdominal aortic aneurysm"),
        (systems.LOINC, "3142-7", "Body weight Stated"),
        (systems.LOINC, "I71", None),
        (systems.CPT, "90870", None),
    ],
)  # fmt: skip
def test_a_code_is_called_what_its_system_calls_it(
    system: str, code: str, name: str | None
) -> None:
    assert code_name(system, code) == name
