"""Settings from `.env` and the environment, typed. Secrets are `SecretStr`: they print as stars."""

from umap_bot.settings.approver import approver
from umap_bot.settings.env_file import written
from umap_bot.settings.lent import FORGES, Lent
from umap_bot.settings.model import KNOWN, NOT_NEEDED, PREFIXES, SECRETS, Settings
from umap_bot.settings.problems import nearest, problem_of
from umap_bot.settings.reading import (
    given,
    load,
    named_language,
    readable_by_others,
    refuse_unknown,
    validated,
    with_assumed,
)
from umap_bot.settings.secrecy import hide_secrets, is_edit_link
from umap_bot.settings.way import WAYS, merged

__all__ = [
    "FORGES",
    "KNOWN",
    "NOT_NEEDED",
    "PREFIXES",
    "SECRETS",
    "WAYS",
    "Lent",
    "Settings",
    "approver",
    "given",
    "hide_secrets",
    "is_edit_link",
    "load",
    "merged",
    "named_language",
    "nearest",
    "problem_of",
    "readable_by_others",
    "refuse_unknown",
    "validated",
    "with_assumed",
    "written",
]
