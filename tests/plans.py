"""Plans of a few fields, whichever part of a plan has them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from umap_bot.model.plan import Context, Effects, Plan, Verdict

PARTS = {"effects": Effects, "context": Context, "verdict": Verdict}


def parted(fields: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields by the part of a plan that has them. Raise KeyError for one that none has."""
    part_of = {name: part for part, kind in PARTS.items() for name in kind.__struct_fields__}
    found: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
    for name, value in fields.items():
        found[part_of[name]][name] = value
    return found


def flat(**fields: Any) -> Plan:
    """Return a plan of these fields."""
    parts = parted(fields)
    return Plan(**{part: kind(**parts[part]) for part, kind in PARTS.items()})


def but(plan: Plan, **fields: Any) -> Plan:
    """Return the plan with other values in these fields."""
    parts = parted(fields)
    return replace(plan, **{part: replace(getattr(plan, part), **of) for part, of in parts.items() if of})
