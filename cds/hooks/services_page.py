"""`docs/services.md`, made from the services themselves: `python -m cds.hooks.services_page`."""

from __future__ import annotations

from collections.abc import Iterator

from cds.hooks.services import SERVICES
from cds.hooks.services.service_info import SPECIFICATION, ServiceInfo

INTRO = f"""# Services

Made from `cds/hooks/services` by `make docs`; a test compares both.
[CONTRIBUTING](../CONTRIBUTING.md) shows how one is added.

What a client sees of them is `GET /cds-services`; the messages are described at `/openapi.json`.
They implement CDS Hooks {SPECIFICATION}, and 2.0 clients work unchanged.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join([INTRO, *(line for one in SERVICES.values() for line in _section(one))])


def _section(service: ServiceInfo) -> Iterator[str]:
    yield f"## {service.hook}\n"
    yield f"`POST /cds-services/{service.id}`: {service.answers.lower()}.\n"
    yield f"{service.description}\n"
    yield "| context | |"
    yield "|---|---|"
    for field in service.context:
        yield f"| `{field.name}` | {'required' if field.required else 'optional'} |"
    if service.cards_off:
        yield f"\nCards that it does not show: {', '.join(sorted(service.cards_off))}."
    yield ""


if __name__ == "__main__":
    print(page(), end="")
