"""`docs/settings.md`, made from the settings themselves: `python -m cds.settings_page`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from cds.knowledge.site import NarrowedLimit, SiteProtocol
from cds.settings import PREFIX, Settings, TrustedClient

INTRO = f"""# Settings

Made from `cds/settings.py` by `make docs`; a test compares both.

A setting is a variable `{PREFIX}NAME`, or a key of one TOML file named by `{PREFIX}CONFIG`
(or `serve --config`). A variable wins over the file. Lists and tables in a variable are JSON; one
member of a table is `{PREFIX}SITE__JURISDICTION`. A name that is not listed here stops the start.

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


def page() -> str:
    """The whole page, as Markdown."""
    parts = [
        INTRO,
        "## The service\n",
        *_table(Settings),
        "\n## `[[clients]]`: the EHRs that may call\n",
        *_table(TrustedClient),
        "\n## `[site]`: the site protocol\n",
        *_table(SiteProtocol),
        "\n## `[[site.limits]]`: a local limit\n",
        *_table(NarrowedLimit),
    ]
    return "\n".join(parts) + "\n"


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| setting | type | default | meaning |"
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        cells = (f"`{name}`", _type(field.annotation), _default(field), _meaning(model, name))
        yield f"| {' | '.join(cells)} |"


def _type(annotation: Any) -> str:
    if annotation is SecretStr:
        return "text, secret"
    if isinstance(annotation, type) and not get_args(annotation):
        if issubclass(annotation, BaseModel):
            return "table"
        return {"str": "text", "bool": "true or false", "int": "integer"}.get(
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
