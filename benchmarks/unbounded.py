"""Imported first: what the service reads of a body is not bounded in the benchmark.

Charts of 20,000 resources take more memory than it grants, and are answered 412. Their growth is
measured all the same, since what is beyond the limit shows best what grows too fast below it.
"""

from __future__ import annotations

from cds import limits

limits.LARGEST_BODY = 1_000_000_000
