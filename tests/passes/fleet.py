"""Several layers of two maps, kept by one manifest from one repository: a desk for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.commands.desk import Desk, Rows, Said, rows

SHARED = "cites.csv"
OWN = "parcs.csv"
NORTH, SOUTH, PARKS = "Nord", "Sud", "Parcs"
ALL = (NORTH, SOUTH, PARKS)


def towns(**moved: str) -> Rows:
    """Twelve rows of the shared file: c1 to c6 in the north, the others in the south, but for those moved."""
    table = rows(12)
    homes = {key: NORTH if int(key[1:]) <= 6 else SOUTH for key in table}
    return {key: {**cells, "commune": moved.get(key, homes[key])} for key, cells in table.items()}


@dataclass
class Fleet:
    """`desks` goes from a layer's name to its desk; the first two are of one map and one file."""

    folder: Path
    desks: dict[str, Desk]

    def __getitem__(self, name: str) -> Desk:
        return self.desks[name]

    @property
    def any(self) -> Desk:
        return self.desks[NORTH]

    def type(self, *words: str) -> Said:
        return self.any.type(*words)

    def done(self, *words: str) -> Said:
        return self.any.done(*words)

    def manifest(self, *order: str, **more: str) -> None:
        """Write the manifest: the layers in this order; `more` has further lines for the layer of a name."""
        lines = [f'dataset_repo = "{self.any.repository}"', 'dataset_rename = "nom=name"']
        for name, desk in (("un", self[NORTH]), ("deux", self[PARKS])):
            lines += [f"[map.{name}]", f'umap_map_url = "{desk.made.url}"']
            lines += [f'umap_edit_link = "env:LINK_{name.upper()}"']
        for name in order or ALL:
            lines += ["[[layer]]", f'map = "{"deux" if name == PARKS else "un"}"', f'umap_layer = "{name}"']
            lines += [f'dataset_path = "{OWN if name == PARKS else SHARED}"']
            lines += [f'dataset_filter = {{ commune = "{name}" }}'] if name != PARKS else []
            lines += more.get(name, "").splitlines()
        (self.folder / "umap-bot.toml").write_text("\n".join(lines) + "\n", "utf-8")

    def keys(self, name: str) -> list[str]:
        """The keys that stand on a layer, in their order; a key twice is there twice."""
        found = [feature["properties"].get("id", "") for feature in self[name].features]
        return sorted(found, key=lambda key: int(key[1:] or 0))
