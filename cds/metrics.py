"""What the service counts, for Prometheus. Labels are ids of ours, never anything of a request."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

CALLS = Counter("ketamine_cds_calls_total", "Hook calls answered.", ["service", "status"])
SECONDS = Histogram(
    "ketamine_cds_call_seconds",
    "Time to answer a hook call.",
    ["service"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
CARDS = Counter("ketamine_cds_cards_total", "Cards shown.", ["service", "kind", "indicator"])
FAULTS = Counter(
    "ketamine_cds_faults_total",
    "Parts that were not judged, findings without words, cards not shown: each a fault to repair.",
    ["kind", "what"],
)
TURNED_AWAY = Counter(
    "ketamine_cds_turned_away_total",
    "Requests that never reached the service: slow or long, or no thread or room for them.",
    ["reason"],
)
WORKERS_REPLACED = Counter(
    "ketamine_cds_workers_replaced_total", "Server processes that ended and were started again."
)
CUT_SHORT = Counter(
    "ketamine_cds_cut_short_total",
    "Answers about charts that were too large to be judged in time, which their cards say.",
    ["service"],
)
REFUSED = Counter("ketamine_cds_refused_total", "Calls of untrusted clients.", ["reason"])
FEEDBACK = Counter("ketamine_cds_feedback_total", "Feedback received.", ["service", "outcome"])
AUDIT_DROPPED = Counter("ketamine_cds_audit_dropped_total", "Audit rows that could not be kept.")
DELETED = Counter(
    "ketamine_cds_deleted_total", "Rows deleted because they were old enough.", ["table"]
)
JWKS_FETCHES = Counter("ketamine_cds_jwks_fetches_total", "Fetches of client keys.", ["outcome"])
FHIR_REQUESTS = Counter(
    "ketamine_cds_fhir_requests_total",
    "Requests to FHIR servers, by outcome: `ok`, a status, or our words for a failure.",
    ["outcome"],
)
REPLAY_DEGRADED = Counter(
    "ketamine_cds_replay_degraded_total",
    "Tokens accepted though nobody could tell whether they were used elsewhere.",
)
REPLAY_TWICE = Counter(
    "ketamine_cds_replay_accepted_twice_total",
    "Of those, tokens that turned out to have been used when the memory was back.",
)
