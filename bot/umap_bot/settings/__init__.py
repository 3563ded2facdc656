"""Settings from `.env` and the environment, typed. Secrets are `SecretStr`: they print as stars."""

from umap_bot.settings.model import KNOWN, PREFIXES, SECRETS, Settings
from umap_bot.settings.problems import nearest, why
from umap_bot.settings.reading import (
    given,
    load,
    load_as,
    named_language,
    readable_by_others,
    validated,
    validated_as,
)
from umap_bot.settings.secrecy import hide_secrets
from umap_bot.settings.way import WAYS, over

__all__ = [
    "KNOWN",
    "PREFIXES",
    "SECRETS",
    "WAYS",
    "Settings",
    "given",
    "hide_secrets",
    "load",
    "load_as",
    "named_language",
    "nearest",
    "over",
    "readable_by_others",
    "validated",
    "validated_as",
    "why",
]
