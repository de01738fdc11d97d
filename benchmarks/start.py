"""What a start costs, in a process of its own: `python -m benchmarks.start`.

Prints, as JSON, seconds of processor time: until all is imported, until tables and knowledge are
ready as well, of the first answer (151 resources, ketamine), and of one when all is warm.
"""

from __future__ import annotations

import importlib
import json
import time

NEXT = 10


def main() -> None:
    for module in ("cds.hooks.app", "cds.hooks.store", "cds.runtime", "cds.serving.run"):
        importlib.import_module(module)
    imported = time.process_time()
    service = importlib.import_module("benchmarks.service")
    ready = time.process_time()
    from benchmarks.feeds import plain
    from benchmarks.in_process import answer

    feed = plain("ketamine", "medium")(0)
    calls = [next(feed) for _ in range(NEXT)]
    spent = []
    for call in calls:
        begun = time.process_time()
        answer(service.app, call.path, call.body)
        spent.append(time.process_time() - begun)
    told = {"imports": imported, "ready": ready, "first_answer": spent[0], "next": min(spent)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
