"""The whole service, without authentication, as `serve` runs it."""

from __future__ import annotations

import gc
import tempfile

from cds import logs
from cds.hooks.app import create_app
from cds.hooks.store import Store
from cds.runtime import open_service
from cds.settings import Settings
from cds.warm_up import warm_up

folder = tempfile.mkdtemp(prefix="ketamine-cds-bench-")
settings = Settings(auth="off", database_url=f"sqlite:///{folder}/bench.sqlite")
logs.configure("error")
store = Store(settings)
store.database.migrate()
service = open_service(settings, shown_lately=store.shown_lately)
warm_up(service)
app = create_app(settings, service.respond, store)
gc.collect()
gc.freeze()
