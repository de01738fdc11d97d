"""Writes the pages and the list of scenarios."""

from tests.scenario_pages.pages import FOLDER, SCENARIOS, documents, listed

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    made = documents()
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    SCENARIOS.write_text(listed(), encoding="utf-8")
