"""One leg of a soak: a store, a memory of used tokens, the service on them, and its clients."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from cds.settings import Settings
from tests.soak.cast import BASE, FHIR_OF, Client
from tests.soak.ledger import Ledger
from tests.soak.processes import (
    STOP_S,
    Missing,
    Partners,
    Postgres,
    Redis,
    Service,
    free_port,
    listens,
    wait_for,
)  # fmt: skip
from tests.soak.traffic import Actor, Stage
from tests.soak.vitals import Vitals
from tests.soak.warden import Warden
from tests.soak.weather import Weather

WORKERS = 2
DISK_MB = 96
SMALL = 4096
"""bytes, beyond which no file is written where the disk is full"""
JWKS_TTL_S = 60
SKEW_S = 5
"""of clocks; tokens from so long before their memory began may be used ones that it forgot"""
AUDIT_KEY = "soaksecret-of-the-audit"
LEGS = ("sqlite", "postgresql", "redis")
"""SQLite on a small disk; PostgreSQL; PostgreSQL with used tokens in Redis"""


def day_and_zone(now: datetime) -> tuple[date, str]:
    """A day, and a zone in which it has just begun, so that it does not end during the soak."""
    offset = (13 - now.hour) % 24 - 12  # local time is one o'clock, a zone of -12 to +11
    local = now + timedelta(hours=offset)
    return local.date(), f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


@dataclass(slots=True)
class Disk:
    """A small disk of its own, or a limit on what the service may write, to be full of."""

    folder: Path
    mounted: bool

    @classmethod
    def made(cls, warden: Warden, folder: Path) -> Disk:
        folder.mkdir()
        warden.mount(folder)
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True)
        return cls(folder, done.returncode == 0)

    def fill(self, service: Service) -> None:
        """Leave no byte; where no disk could be mounted, no file of the service may grow."""
        if not self.mounted:
            _limit_files(service, SMALL)
            return
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * size) == size:
                        pass

    def free(self, service: Service) -> None:
        self._ballast.unlink(missing_ok=True)
        if not self.mounted:
            _limit_files(service, resource.RLIM_INFINITY)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


def _limit_files(service: Service, most: int) -> None:
    for pid in service.all():
        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@dataclass(slots=True)
class World:
    """Everything that a fault may touch."""

    leg: str
    folder: Path
    warden: Warden
    partners: Partners
    clients: dict[str, Client]
    weather: Weather
    ledger: Ledger
    vitals: Vitals
    zone: str
    chance: Random
    scale: float = 1.0
    """of the holding times of faults"""
    port: int = field(default_factory=free_port)
    disk: Disk | None = None
    postgres: Postgres | None = None
    redis: Redis | None = None
    stage: Stage = field(init=False)
    probe: Actor = field(init=False)
    notes: list[str] = field(default_factory=list)
    _service: Service | None = None

    @property
    def service(self) -> Service:
        assert self._service is not None
        return self._service

    @property
    def refuses(self) -> bool:
        """With Redis, no token is let in while nobody can tell whether it is new."""
        return self.leg == "redis" and "replay_when_unavailable" in Settings.model_fields

    @property
    def log(self) -> Path:
        """Of all lives of the service in this leg."""
        return self.folder / f"{self.leg}.jsonl"

    @property
    def database_url(self) -> str:
        if self.postgres is not None:
            return self.postgres.url
        assert self.disk is not None
        return f"sqlite:///{self.disk.folder}/store.sqlite"

    def prepare(self) -> None:
        """Start the stores. Raises Missing."""
        home = self.folder / self.leg
        home.mkdir()
        if self.leg == "sqlite":
            self.disk = Disk.made(self.warden, home / "disk")
        else:
            self.postgres = Postgres(self.warden, home)
            if self.leg == "redis":
                self.redis = Redis(self.warden, home)
        for name, client in self.clients.items():
            client.fhir = f"http://127.0.0.1:{self.partners.ports[FHIR_OF[name]]}/fhir"
            if name in self.partners.ports:
                client.jku = f"http://127.0.0.1:{self.partners.ports[name]}/jwks.json"
                self.partners.order(name, keys=client.jwks())
        (self.folder / "settings.toml").write_text(self._settings())
        self._count_cores()

    def _count_cores(self) -> None:
        self.notes.append(f"{self.leg}: {os.cpu_count()} cores, {WORKERS} workers")

    def _settings(self) -> str:
        """As a site writes them."""
        lines = [
            f'base_url = "{BASE}"', f'database_url = "{self.database_url}"',
            f'time_zone = "{self.zone}"', f'audit_key = "{AUDIT_KEY}"',
            f"jwks_ttl_s = {JWKS_TTL_S}",
            f"clock_skew_s = {SKEW_S}",
        ]  # fmt: skip
        if self.redis is not None:
            lines.append(f'redis_url = "{self.redis.url}"')
        if self.refuses:
            lines.append('replay_when_unavailable = "refuse"')
        lines += ["[site]", "trigger_quiet_days = 0  # the same call has the same cards each time"]
        for client in self.clients.values():
            lines += ["[[clients]]", f'iss = "{client.iss}"', f'fhir_servers = ["{client.fhir}"]']
            if client.jku:
                lines.append(f'jku = "{client.jku}"')
            else:
                lines.append(f"jwks = {{keys = [{_inline(client.jwks()['keys'][0])}]}}")
        return "\n".join(lines) + "\n"

    def start(self, seconds: float = 60.0) -> float | None:
        """Start the service; the seconds until all workers answer."""
        self._service = Service(self.warden, self.folder, self.port, WORKERS, self.log)
        self.vitals.service = self._service
        return wait_for(self.whole, seconds)

    def whole(self) -> bool:
        """As many workers as were set, and each new connection is served."""
        return len(self.service.workers()) == WORKERS and all(self.alive() for _ in range(4))

    def alive(self) -> bool:
        self.probe.wire.close()
        return self.probe.wire.send("GET", "/healthz", {}).status == 200

    def stop(self, wanted: int = signal.SIGTERM) -> float | None:
        """Stop the service and tell of processes that stay behind; the seconds it took."""
        self.vitals.service = None
        took = self.service.stop(wanted, STOP_S)
        left = wait_for(lambda: not self.service.all(), 5.0)
        if took is None:
            self.ledger.breach("the service did not stop", f"in {STOP_S} s")
        elif wanted == signal.SIGTERM and self.service.process.returncode != 0:
            self.ledger.breach(
                "the service ended with a fault", f"{self.service.process.returncode}"
            )
        if left is None:
            serving = "and serve" if listens(self.port) else "and do not serve"
            told = f"{len(self.service.all())} of them live after 5 s {serving}"
            self.ledger.breach("workers outlive the service", told)
        self.service.clear()
        return took

    def ended(self) -> bool:
        """Whether the service is gone though nobody stopped it."""
        if self.service.process.poll() is None:
            return False
        self.ledger.breach("the service has ended", f"exit code {self.service.process.returncode}")
        self.service.clear()
        return True

    def until(self, ready: Callable[[], object], seconds: float) -> bool:
        return wait_for(ready, seconds, 0.2) is not None


def _inline(key: dict[str, object]) -> str:
    return "{" + ", ".join(f'{name} = "{value}"' for name, value in key.items()) + "}"


def today() -> tuple[date, str]:
    return day_and_zone(datetime.now(UTC))


__all__ = ["LEGS", "WORKERS", "Disk", "Missing", "World", "day_and_zone", "today"]
