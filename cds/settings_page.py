"""`docs/settings.md`, made from the settings themselves: `python -m cds.settings_page`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from cds.knowledge.site import NarrowedLimit, SiteProtocol
from cds.settings import Settings, TrustedClient
from cds.settings_faults import PREFIX

INTRO = f"""# Settings

Made from `cds/settings.py` by `make docs`; a test compares both.

A setting is a variable `{PREFIX}NAME`, or a key of one TOML file named by `{PREFIX}CONFIG`
(or `serve --config`). A variable wins over the file. Lists and tables in a variable are JSON; one
member of a table is `{PREFIX}SITE__JURISDICTION`; a list of names may stand there without JSON, as
`ptsd, ocd`. A name that is not listed here stops the start.

Settings are checked when a command that takes them begins (`serve`, `demo`, `assess`, `call`,
`feedback`, `knowledge check`): it names every mistake with the variable or file that it stands in,
and ends with code 2.

```toml
base_url = "https://cds.example.org"
cors_origins = ["https://ehr.example.org"]
audit_key = "a long random text"

[[clients]]
iss = "https://ehr.example.org"
jku = "https://ehr.example.org/.well-known/jwks.json"
fhir_servers = ["https://ehr.example.org/fhir/r4"]

[site]
jurisdiction = "eu"
ketamine_concentrations_mg_per_ml = ["10", "50"]
```
"""

SITE = """
## `[site]`: the site protocol

It is checked against the knowledge: an indication, route, card or regimen that is not known is
refused, with what was probably meant, and so are settings that contradict each other (a default
regimen whose route is off, a trigger whose indication is off). Capitals and repeated names don't
matter.
"""

LIMITS = """
## `[[site.limits]]`: a local limit

A limit may be narrowed. A warning may begin later with a `reason`, and never past the point from
which the knowledge stops or warns again; a stop may only be lower than the knowledge's. A limit
that no known dose could keep is refused. The limits and their units are on `/knowledge`.
"""


def page() -> str:
    """The whole page, as Markdown."""
    parts = [
        INTRO,
        "## The service\n",
        *_table(Settings),
        "\n## `[[clients]]`: the EHRs that may call\n",
        *_table(TrustedClient),
        SITE,
        *_table(SiteProtocol),
        LIMITS,
        *_table(NarrowedLimit),
    ]
    return "\n".join(parts) + "\n"


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| setting | type | default | meaning |"
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        kind = _type(field.annotation) + _ends(field)
        cells = (f"`{name}`", kind, _default(field), _meaning(model, name))
        yield f"| {' | '.join(cells)} |"


def _ends(field: FieldInfo) -> str:
    """The least and the most that a number may be, with the unit."""
    item = next((a for a in get_args(field.annotation) if get_origin(a) is Annotated), None)
    told = [*field.metadata, *(getattr(item, "__metadata__", ()))]
    rules = [rule for each in told for rule in getattr(each, "metadata", [each])]
    low = next((rule.ge for rule in rules if isinstance(rule, Ge)), None)
    high = next((rule.le for rule in rules if isinstance(rule, Le)), None)
    if low is None or high is None:
        return ""
    extra = field.json_schema_extra
    unit = f" {extra['unit']}" if isinstance(extra, dict) and "unit" in extra else ""
    return f", {low} to {high}{unit}"


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if annotation is SecretStr:
        return "text, secret"
    if isinstance(annotation, type) and not get_args(annotation):
        if issubclass(annotation, BaseModel):
            return "table"
        return {"str": "text", "bool": "true or false", "int": "integer", "Path": "path"}.get(
            annotation.__name__, "number"
        )
    inner = [arg for arg in get_args(annotation) if arg not in (type(None), ...)]
    if get_origin(annotation) is tuple:
        return f"list of {_type(inner[0])}"
    if get_origin(annotation) is dict:
        return "table"
    if all(isinstance(arg, str) for arg in inner):
        return ", ".join(f"`{arg}`" for arg in inner)
    return _type(inner[0])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or isinstance(default, BaseModel) or default in ((), {}):
        return ""
    if isinstance(default, tuple):
        return ", ".join(f"`{item}`" for item in default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _meaning(model: type[BaseModel], name: str) -> str:
    """The description of a field, or the text that stands below it in the source."""
    text = model.model_fields[name].description or _texts_below_fields(model).get(name, "")
    return " ".join(text.split()).replace("|", "\\|")


def _texts_below_fields(model: type[BaseModel]) -> dict[str, str]:
    import ast
    import inspect
    import textwrap

    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    texts: dict[str, str] = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        below = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and below:
            texts[field.target.id] = str(text.value.value)  # type: ignore[attr-defined]
    return texts


if __name__ == "__main__":
    print(page(), end="")
