"""An assessment in the terminal: timelines, verdicts, findings with their reasons, doses, cards."""

from __future__ import annotations

from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cards.words import say
from cds.api import Answer
from cds.assessment.model import Assessment
from cds.commands.terminal import console as plain_console
from cds.commands.terminal import told
from cds.history.model.history import History
from cds.history.model.trial import Trial
from cds.history.trials.candidates import adequate_trials
from cds.units import plain

STYLES = {
    "critical": "bold red",
    "warning": "yellow",
    "info": "cyan",
    "met": "green",
    "not_met": "red",
    "unknown": "yellow",
    "strict": "green",
    "minimum": "green",
}
WIDTH = 32
"""characters of a timeline"""


def show(answer: Answer) -> None:
    """Print everything that the assessment rests on, and the trace of each number."""
    assessment = answer.assessment
    console = plain_console()
    console.width = max(console.width, 110)
    history = assessment.history
    person = history.person
    console.rule(told(f"Patient {person.id} on {history.as_of}"))
    console.print(f"{person.aged if person.ages is not None else 'age unknown'}, {person.sex}")
    weight = assessment.weight
    console.print(
        told(
            f"Weight {plain(weight.value_kg)} kg ({weight.when}, {', '.join(weight.source)})"
            if weight
            else f"Weight: none that can be used: {assessment.weight_why_not}"
        )
    )
    _trials(console, history)
    _opioids(console, history)
    _candidacy(console, assessment)
    _findings(console, assessment)
    _doses(console, assessment)
    if answer.cards:
        _heading(console, "Cards")
        for card in answer.cards:
            mark = Text(f"  [{card.indicator}] ", style=STYLES[card.indicator])
            console.print(mark + told(card.summary))
    for fault in answer.faults:
        console.print(told(f"Failed: {fault.kind} {fault.what} ({fault.error})", style="bold red"))
    if history.skipped:
        _heading(console, "Skipped", f": {len(history.skipped)} entries")
        for skipped in history.skipped[:10]:
            console.print(told(f"  {skipped.resource}: {skipped.reason}"))
    if history.unknown:
        _heading(console, "Unknown")
        for line in history.unknown:
            console.print(told(f"  {line}"))


def _heading(console: Console, title: str, rest: str = "") -> None:
    console.print(Text("\n") + Text(title, style="bold") + Text(rest))


def _trials(console: Console, history: History) -> None:
    groups = (
        ("Antidepressant trials", history.antidepressant_trials),
        ("Augmentation", history.augmentation_trials),
        ("Pain treatment trials", history.pain_trials),
    )
    for title, trials in groups:
        if not trials:
            continue
        dated = [t.start for t in trials if t.start]
        first = min(dated) if dated else history.as_of
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for column in ("drug", "class", "from", "to", "max mg/d", "weeks", "adequacy"):
            table.add_column(column, no_wrap=column in ("from", "to", "adequacy"))
        table.add_column(f"{first} … {history.as_of}")
        for trial in trials:
            table.add_row(
                _name(trial),
                trial.drug_class,
                str(trial.start or "?"),
                "ongoing" if trial.ongoing else str(trial.end or "?"),
                plain(trial.max_daily_dose_mg) if trial.max_daily_dose_mg is not None else "?",
                str(trial.weeks if trial.weeks is not None else "?"),
                Text(trial.adequacy, style=STYLES.get(trial.adequacy, "")),
                _bar(trial, first, history.as_of),
            )
        console.print()
        console.print(table)
        for trial in trials:
            basis = ", ".join(trial.basis)
            source = ", ".join(trial.source[:3])
            said = f"{trial.reason}; outcome {trial.outcome}, adherence {trial.adherence}"
            console.print(told(f"  {_name(trial)}: {said} [{basis}; {source}]"))
    if history.antidepressant_trials:
        strict, minimum, classes = adequate_trials(history.antidepressant_trials)
        console.print(f"Adequate: {minimum} ({strict} strict), classes: {', '.join(classes)}")


def _name(trial: Trial) -> str:
    """The drug, and what it was judged for where that is not depression."""
    general = trial.group in ("antidepressant", "augmentation")
    return trial.ingredient if general else f"{trial.ingredient} ({trial.group})"


def _bar(trial: Trial, first: date, last: date) -> Text:
    if trial.start is None or trial.end is None or last <= first:
        return Text("")
    span = (last - first).days
    begin = (trial.start - first).days * WIDTH // span
    length = max(1, (trial.end - trial.start).days * WIDTH // span)
    return Text(" " * begin + "█" * length, style=STYLES.get(trial.adequacy, "dim"))


def _opioids(console: Console, history: History) -> None:
    intake = history.opioids
    if not intake.items and not intake.not_convertible and not intake.problems:
        return
    total = plain(intake.mme_per_day) if intake.mme_per_day is not None else "not computable"
    if intake.mme_per_day is None and intake.at_least:
        total = f"at least {plain(intake.at_least)}"
    _heading(console, "Opioids", f": {total} MME/day; tolerant: {_tri(intake.tolerant)}")
    for item in intake.items:
        mme = f"{plain(item.mme_per_day)} MME" if item.mme_per_day is not None else "not counted"
        taken = f"{item.ingredient} {item.route} {item.daily_dose or 'dose unknown'}"
        console.print(told(f"  {taken}: {mme} [{', '.join(item.basis)}]"))
    for other in intake.not_convertible:
        console.print(told(f"  {other.ingredient} {other.route}: {other.reason}"))
    for problem in intake.problems:
        console.print(told(f"  {problem}"))
    for day, level in intake.timeline:
        bar = "█" * int(level / 10) if level is not None else "?"
        console.print(Text(f"  {day} {plain(level) if level is not None else '?':>6} {bar}"))
    sedatives = history.sedatives.diazepam_equivalent_mg_per_day
    if sedatives is not None:
        console.print(f"Benzodiazepines: {plain(sedatives)} mg diazepam equivalent a day")


def _tri(value: bool | None) -> str:
    return "unknown" if value is None else "yes" if value else "no"


def _candidacy(console: Console, assessment: Assessment) -> None:
    for judged in assessment.candidacy:
        if judged.verdict == "not_applicable":
            continue
        graded = f"{judged.stance}, grade {judged.grade or 'none'}"
        _heading(console, judged.indication, f": {judged.verdict} ({graded})")
        for criterion in judged.criteria:
            mark = Text(f"  {criterion.state:8}", style=STYLES[criterion.state])
            console.print(
                mark + told(f" {criterion.id}: {criterion.why} [{', '.join(criterion.basis)}]")
            )
        for step in judged.next_steps:
            console.print(told(f"  next: {step}"))
        if judged.other_reading:
            console.print(told(f"  other reading: {judged.other_reading}"))


def _findings(console: Console, assessment: Assessment) -> None:
    if assessment.findings:
        _heading(console, "Findings")
    for finding in assessment.findings:
        mark = Text(f"  {finding.severity:8} ", style=STYLES[finding.severity])
        console.print(mark + told(say(finding.id, finding.params).summary))
        trace = (*finding.basis, *finding.source[:3], *(f"cites {c}" for c in finding.citations))
        console.print(told(f"           {finding.id}: {'; '.join(trace)}", style="dim"))


def _doses(console: Console, assessment: Assessment) -> None:
    if assessment.doses:
        _heading(console, "Doses")
    for dose in assessment.doses:
        if dose.dose_mg is None:
            said = f"no dose: {dose.why_not}"
        else:
            said = f"{plain(dose.dose_mg)} mg {dose.route}"
            if dose.duration_min:
                said += f" over {plain(dose.duration_min)} min"
            if dose.weight_kg is not None:
                said += f" ({dose.dose_per_kg} x {plain(dose.weight_kg)} kg {dose.weight_basis})"
        trace = "; ".join((*dose.basis, *(f"cites {c}" for c in dose.citations)))
        console.print(told(f"  {dose.regimen}: {said} [{trace}]"))
