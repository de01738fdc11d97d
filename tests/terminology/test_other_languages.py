"""Diagnoses that stop treatment, as other languages call them; what denies or doubts them is left
unread, since its words are not known."""

from __future__ import annotations

import pytest

from cds.terminology.lookup import Terminology

NAMES = {
    "schizophrenia": ["Schizophrenie", "paranoide Schizophrenie", "esquizofrenia", "schizofrenia"],
    "psychotic_disorder_any": ["Psychose", "psicosis aguda", "psicosi", "Psicose"],
    "bipolar_any": ["Bipolare Störung", "trouble bipolaire", "trastorno bipolar",
                    "disturbo bipolare", "bipolaire stoornis"],
    "epilepsy": ["Epilepsie", "épilepsie", "epilepsia", "epilessia"],
    "aneurysmal_vascular_disease": [
        "Aortenaneurysma", "Bauchaortenaneurysma", "anévrisme de l'aorte", "Aneurisma de aorta",
        "dissection aortique", "Aortendissektion",
    ],
    "arteriovenous_malformation": ["malformation artérioveineuse", "malformación arteriovenosa"],
    "intracerebral_hemorrhage": ["Hirnblutung", "hémorragie cérébrale", "hemorragia cerebral",
                                 "emorragia cerebrale", "hersenbloeding"],
    "hypertensive_crisis": ["Hypertensive Krise", "crisis hipertensiva"],
    "hypertension_in_pregnancy": ["Präeklampsie", "prééclampsie sévère", "preeclampsia grave"],
    "pregnancy_current": ["Schwangerschaft", "schwanger", "grossesse", "embarazo", "embarazada",
                          "gravidanza", "zwangerschap"],
    "porphyria": ["Porphyrie", "porfiria aguda intermitente"],
    "pheochromocytoma": ["Phäochromozytom", "phéochromocytome", "feocromocitoma"],
}  # fmt: skip
LEFT_UNREAD = [
    "keine Schwangerschaft", "pas de grossesse", "sin embarazo", "embarazo: negativo",
    "Schwangerschaftstest", "test de grossesse", "prueba de embarazo", "grossesse extra-utérine",
    "Schwangerschaft ausgeschlossen", "Kinderwunsch", "kein Aneurysma", "pas d'anévrisme",
    "Ausschluss Aortenaneurysma", "Familienanamnese: Aneurysma", "V.a. Epilepsie", "geen epilepsie",
    "Z.n. Psychose", "Mutter Schizophrenie", "senza epilessia",
    "antécédents familiaux de schizophrénie",
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, texts in NAMES.items() for t in texts])
def test_names(name: str, text: str, terminology: Terminology) -> None:
    for written in (text, text.upper()):
        assert name in terminology.condition({"text": written}).sets


@pytest.mark.parametrize("text", LEFT_UNREAD)
def test_what_is_denied_or_doubted(text: str, terminology: Terminology) -> None:
    assert not terminology.condition({"text": text}).sets
