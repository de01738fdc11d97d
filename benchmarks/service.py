"""The whole service, without authentication, as `serve` runs it."""

from __future__ import annotations

import gc
import tempfile

from cds import logs
from cds.hooks.app import create_app
from cds.hooks.store import Store
from cds.runtime import open_service
from cds.settings import Settings

folder = tempfile.mkdtemp(prefix="ketamine-cds-bench-")
settings = Settings(auth="off", database_url=f"sqlite:///{folder}/bench.sqlite")
logs.configure("error")
store = Store(settings)
store.database.migrate()
app = create_app(settings, open_service(settings, shown_lately=store.shown_lately).respond, store)
gc.collect()
gc.freeze()
