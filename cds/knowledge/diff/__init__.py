"""What a new knowledge says otherwise than an old one, in words, what weighs most first.

for change in differences(load_knowledge(), load_knowledge(Path("ours"))):
    print(change)          limits/iv_bolus_analgesic: stop above 0.5 → 0.4 mg/kg (COHEN-2018)
"""

from cds.knowledge.diff.change import Change, Weight
from cds.knowledge.diff.changes import changes_of, differences

__all__ = ["Change", "Weight", "changes_of", "differences"]
