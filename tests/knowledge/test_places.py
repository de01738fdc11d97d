"""Where facts are read from: a folder, a wheel, a git revision. What is odd there is named."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import change, run

import cds.knowledge
from cds.commands.revisions import knowledge_named
from cds.knowledge import places
from cds.knowledge.load import KnowledgeError, load_knowledge, subjects
from cds.knowledge.places import Files, files_at
from tests.rows import check_each

OURS = Path(cds.knowledge.__file__).parent


def read(place: Path) -> Files:
    return files_at(place, subjects())


def wheel_of(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(folder.rglob("*.yaml")):
            packed.write(file, Path("cds/knowledge") / file.relative_to(folder))
    return path


def test_a_folder_and_a_wheel_say_what_the_package_says(ours: Path, tmp_path: Path) -> None:
    wheel = wheel_of(ours, tmp_path / "ketamine_cds-1.0-py3-none-any.whl")
    known = load_knowledge()
    for place in (ours, OURS, wheel):
        assert load_knowledge(place).version == known.version
        assert load_knowledge(place).place == place
    assert len(read(wheel).evidence) == len(read(ours).evidence) > 0


def test_what_is_exported_is_what_is_installed(ours: Path) -> None:
    for file in ours.rglob("*.yaml"):
        assert file.read_bytes() == (OURS / file.relative_to(ours)).read_bytes()


def test_nothing_is_written_where_something_is(ours: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for place in (ours, tmp_path, tmp_path / "file"):
        ended = run("knowledge", "export", place)
        assert (ended.exit_code, "is there already" in ended.output) == (2, True)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("knowledge", "export", empty).exit_code == 0


def test_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    ended = run("knowledge", "export", tmp_path / "file" / "below")
    assert ended.exit_code == 2
    assert "file/below: Not a directory: name a folder that can be written" in ended.output


# ---- what is misplaced -------------------------------------------------------------------------


def stray(folder: Path) -> None:
    (folder / "data" / "limit.yaml").write_text("facts: []")


def other_ending(folder: Path) -> None:
    (folder / "data" / "limits.yml").write_text("facts: []")


def left_out(folder: Path) -> None:
    (folder / "data" / "limits.yaml").unlink()


def nothing(folder: Path) -> None:
    (folder / "data").rename(folder / "elsewhere")


def notes(folder: Path) -> None:
    (folder / "data" / "notes.txt").write_text("not read")
    (folder / "README.md").write_text("not read")
    (folder / "data" / ".git").mkdir()


def link_out(folder: Path) -> None:
    other = folder.parent / "limits.yaml"
    other.write_bytes((folder / "data" / "limits.yaml").read_bytes())
    (folder / "data" / "limits.yaml").unlink()
    (folder / "data" / "limits.yaml").symlink_to(other)


def link_within(folder: Path) -> None:
    (folder / "data" / "limits.yaml").rename(folder / "our-limits.yaml")
    (folder / "data" / "limits.yaml").symlink_to(folder / "our-limits.yaml")


def link_to_a_folder(folder: Path) -> None:
    (folder / "evidence" / "more").symlink_to("/etc")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "data" / "limits" / "more.yaml")


def in_a_pipe(folder: Path) -> None:
    (folder / "data" / "limits").mkdir()
    pipe(folder)


def too_long(folder: Path) -> None:
    with (folder / "data" / "limits.yaml").open("ab") as opened:
        opened.write(b"\n#" + b" " * places.MOST_BYTES)


def repeated(folder: Path) -> None:
    """Ten times ten times … a value: 10,000,000 in eight lines."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 7)]
    (folder / "evidence" / "more.yaml").write_text("\n".join(lines))


def in_itself(folder: Path) -> None:
    (folder / "evidence" / "more.yaml").write_text("facts: &a [*a]")


def too_deep(folder: Path) -> None:
    (folder / "evidence" / "a" / "b" / "c").mkdir(parents=True)


def too_many(folder: Path) -> None:
    (folder / "evidence" / "many").mkdir()
    for number in range(places.MOST_FILES):
        (folder / "evidence" / "many" / f"{number}.yaml").write_text("facts: []")


MISPLACED: list[tuple[Callable[[Path], None], list[str]]] = [
    (stray, ["data/limit.yaml: unknown subject `limit`: did you mean `limits`?"]),
    (other_ending, ["data/limits.yml: would not be read: its name must end with .yaml"]),
    (left_out, ["data: has no limits.yaml"]),
    (nothing, [": has no folder `data` with the files that `knowledge export` writes"]),
    (notes, []),
    (link_out, ["data/limits.yaml: is a link that leads out of the folder",
                "data: has no limits.yaml"]),
    (link_within, []),
    (link_to_a_folder, ["evidence/more: is a link that leads out of the folder"]),
    (in_a_pipe, ["data/limits/more.yaml: is no file that can be read"]),
    (too_long, ["data/limits.yaml: is longer than 2,000,000 bytes", "data: has no limits.yaml"]),
    (repeated, ["evidence/more.yaml: has more than 200,000 values"]),
    (in_itself, ["evidence/more.yaml: has more than 200,000 values"]),
    (too_deep, ["evidence/a/b/c: lies too deep to be looked into"]),
    (too_many, ["evidence: has more than 500 files"]),
]  # fmt: skip


def test_what_is_misplaced_is_named_and_never_read(another: Callable[[], Path]) -> None:
    def check(row: tuple[Callable[[Path], None], list[str]]) -> None:
        alter, wanted = row
        folder = another()
        alter(folder)
        found = [f"{file}: {why}" for file, why in read(folder).misplaced]
        assert [each.removeprefix(str(folder)).removeprefix("/") for each in found] == wanted
        if wanted:
            with pytest.raises(KnowledgeError):
                load_knowledge(folder)

    check_each(MISPLACED, check, name=lambda row: row[0].__name__)


def test_what_is_no_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no wheel")
    (tmp_path / "broken.whl").write_bytes(b"PK\x03\x04 and no more")
    with zipfile.ZipFile(tmp_path / "empty.whl", "w") as packed:
        packed.writestr("other/data/limits.yaml", "facts: []")
    for name in ("text", "broken.whl", "empty.whl", "nowhere"):
        with pytest.raises(KnowledgeError):
            load_knowledge(tmp_path / name)


def test_a_file_without_facts_is_named(another: Callable[[], Path]) -> None:
    def check(text: str) -> None:
        folder = another()
        (folder / "data" / "limits.yaml").write_text(text)
        with pytest.raises(KnowledgeError, match=r"limits\.yaml"):
            load_knowledge(folder)

    check_each(["", "x", "[]", "review: {}", "facts:", "facts: x", "facts: [x]", "facts: ["], check)


# ---- git ---------------------------------------------------------------------------------------


@pytest.fixture
def repository(ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two revisions: ours, and one with another threshold."""
    top = tmp_path / "checkout"
    folder = top / "cds" / "knowledge"
    folder.parent.mkdir(parents=True)
    (tmp_path / "gitconfig").write_text("[user]\nname = Nobody\nemail = nobody@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.delenv("GIT_DIR", raising=False)
    subprocess.run(["cp", "-r", str(ours), str(folder)], check=True)
    monkeypatch.chdir(top)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "ours"], ["tag", "first"]):
        subprocess.run(["git", *arguments], check=True)
    change(folder, "limits", "iv_bolus_analgesic", stop_above="0.4")
    subprocess.run(["git", "commit", "-qam", "another threshold"], check=True)
    return top


def test_a_revision_is_read_as_it_stood(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert knowledge_named("first").knowledge.version == load_knowledge().version
    assert str(knowledge_named("HEAD").knowledge.limits["iv_bolus_analgesic"].stop_above) == "0.4"
    monkeypatch.chdir(repository / "cds" / "knowledge" / "data")
    assert knowledge_named("HEAD~1").knowledge.version == load_knowledge().version, (
        "from below as well"
    )


@pytest.mark.usefixtures("repository")
def test_what_is_no_revision_is_refused() -> None:
    def check(name: str) -> None:
        with pytest.raises(KnowledgeError, match="is no folder, no wheel"):
            knowledge_named(name)

    check_each(
        ["nosuch", "--output=x", "-h", "first;id", "$(id)", "a b", "first\n", "", "HEAD:cds", "^x",
         "HEAD:cds/knowledge", "x" * 201, "é"],
        check,
    )  # fmt: skip
    assert not Path("x").exists()


def test_outside_of_a_repository_a_revision_can_not_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(KnowledgeError, match="no git repository"):
        knowledge_named("HEAD")
