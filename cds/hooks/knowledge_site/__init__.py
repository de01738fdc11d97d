"""The knowledge as a small site: `/knowledge`, a page and a JSON for each fact, row and source.

What a page says is one dictionary (`fact_page`, `evidence_pages`, `lists`, `search`): the template
shows it, and the same address with `.json` sends it. It is made of the knowledge alone, and nothing
of a patient reaches it. Evidence, names of codes and scenarios are read with the first page, so
that a server starts without them.
"""
