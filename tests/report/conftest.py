"""Hypothesis without deadlines: a machine may be slow, what is told is not a matter of time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "reports",
    deadline=None,
    max_examples=100,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("reports")
