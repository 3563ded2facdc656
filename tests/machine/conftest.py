"""Hypothesis without deadlines: a machine may be slow, a law is not. LAW_EXAMPLES asks for more of them."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "laws",
    deadline=None,
    max_examples=int(os.environ.get("LAW_EXAMPLES", "40")),
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
settings.load_profile("laws")
