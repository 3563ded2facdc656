"""`python -m benchmarks.cost.imports`: what the packages alone take to be there."""

import click  # noqa: F401
import msgspec  # noqa: F401
import pydantic  # noqa: F401
import requests  # noqa: F401
import sqlalchemy  # noqa: F401
