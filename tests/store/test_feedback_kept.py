"""What was acknowledged is there, whatever became of the worker."""

from __future__ import annotations

import sqlite3
import subprocess
import sys


def test_a_worker_that_was_killed_lost_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "store.sqlite"
    program = f"""
from datetime import UTC, datetime
from cds.store.database import Database
from cds.store.feedback import Addressee, Feedback, keep
database = Database("sqlite:///{path}", durable=True)
database.migrate()
for number in range(100_000):
    keep(database, Addressee("s"), [Feedback(str(number), "overridden", datetime.now(UTC))])
    print("kept", number, flush=True)
"""
    worker = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    acknowledged = []
    for line in worker.stdout:
        if line.startswith("kept"):
            acknowledged.append(line.split()[1])
        if len(acknowledged) == 15:
            worker.kill()
    worker.wait(10)
    worker.stdout.close()
    with sqlite3.connect(path) as connection:
        kept = {row[0] for row in connection.execute("SELECT card FROM feedback")}
    assert len(acknowledged) >= 15
    assert set(acknowledged) <= kept
