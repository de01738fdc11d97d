"""What was sent, what came back, and what the service promised by it."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from tests.soak.cast import Call, Token

KEPT_BREACHES = 200
KEPT_CARDS = 3000
KEPT_TOKENS = 400


@dataclass(slots=True)
class Sent:
    """One feedback item."""

    outcome: str
    moment: str
    """`outcomeTimestamp`, which rises from one item about a card to the next"""
    acknowledged: bool = False


@dataclass(slots=True)
class Card:
    """A card that was shown, to whom, and what its user said of it."""

    uuid: str
    client: str
    service: str
    suggestions: tuple[str, ...]
    shown: float
    sent: list[Sent] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        return any(one.acknowledged for one in self.sent)


@dataclass(slots=True)
class Used:
    """A token that was sent, and how often it let somebody in."""

    client: str
    accepted: int = 0
    excused: bool = False
    """whether it was first used while the shared memory of tokens was away"""


class Ledger:
    """One for a run; every method may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.counts: Counter[tuple[str, str]] = Counter()
        """by kind of request and what came back"""
        self._told = 0
        self.breaches: Counter[str] = Counter()
        self.evidence: list[str] = []
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        """of calls with prefetch, by phase"""
        self.told: dict[str, Card] = {}
        """cards about which feedback was sent"""
        self.waiting: deque[Card] = deque(maxlen=KEPT_CARDS)
        """cards that feedback may be given about"""
        self.spent: deque[tuple[Token, str]] = deque(maxlen=KEPT_TOKENS)
        """tokens that were used, and the client's name"""
        self._used: defaultdict[str, Used] = defaultdict(lambda: Used(""))
        self.shown = 0
        self.last_shown: deque[tuple[float, str]] = deque(maxlen=400)
        """when and which card"""
        self.twice_excused = 0
        self.sends = 0

    def count(self, kind: str, what: str) -> None:
        with self._lock:
            self.sends += 1
            self.counts[kind, what] += 1

    def breach(self, what: str, evidence: str = "") -> None:
        """Something that must never be. `evidence` says where to look."""
        with self._lock:
            self.breaches[what] += 1
            if self.breaches[what] <= 10 and len(self.evidence) < KEPT_BREACHES:
                clock = time.strftime("%H:%M:%S", time.gmtime())
                self.evidence.append(f"{clock} {what}: {evidence}")

    def news(self) -> list[str]:
        """Evidence that was not told yet."""
        with self._lock:
            found, self._told = self.evidence[self._told :], len(self.evidence)
        return found

    def took(self, phase: str, seconds: float) -> None:
        with self._lock:
            self.seconds[phase].append(seconds)

    def cards(self, call: Call, shown: list[Card]) -> None:
        """Cards of an answer."""
        with self._lock:
            self.shown += len(shown)
            self.waiting.extend(shown)
            self.last_shown.extend((card.shown, card.uuid) for card in shown)

    def card(self, older_than: float) -> Card | None:
        """A card that its user has had so many seconds to look at; nobody else gets it then."""
        now = time.monotonic()
        with self._lock:
            for _ in range(min(len(self.waiting), 50)):
                found = self.waiting.popleft()
                if now - found.shown >= older_than:
                    return found
                self.waiting.append(found)
        return None

    def give_back(self, card: Card) -> None:
        """The user may say more about it later."""
        with self._lock:
            self.waiting.append(card)

    def talked_about(self, card: Card) -> None:
        with self._lock:
            self.told[card.uuid] = card

    def spend(self, token: Token, client: str) -> None:
        """The token was sent: from now on it may be tried again."""
        with self._lock:
            self.spent.append((token, client))

    def spent_token(self, index: int) -> tuple[Token, str] | None:
        with self._lock:
            return self.spent[index % len(self.spent)] if self.spent else None

    def accepted(self, jti: str, excused: bool) -> None:
        """A token let somebody in. Twice is a breach, unless the memory was away."""
        with self._lock:
            used = self._used[jti]
            used.accepted += 1
            used.excused |= excused
            twice = used.accepted > 1
            self.twice_excused += twice and used.excused
        if twice and not used.excused:
            self.breach("a token accepted twice", f"{used.accepted} times")

    @property
    def tokens(self) -> int:
        return len(self._used)
