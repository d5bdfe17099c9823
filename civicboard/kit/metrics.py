"""What ``/metrics`` tells. No label ever holds a person, an address or a problem."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("civicboard_requests_total", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "civicboard_request_seconds",
    "Time to answer a request",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
SOCKETS = Gauge("civicboard_sockets", "Open sockets in this process")
DELIVERIES = Counter("civicboard_deliveries_total", "Messages written to sockets")
