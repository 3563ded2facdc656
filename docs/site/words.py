"""The words of generated pages, in each language. What the program itself says is in its own catalogues."""

from __future__ import annotations

from typing import Final, NamedTuple

from umap_bot.report.language import Code


class Words(NamedTuple):
    """Titles, and sentences that stand on a generated page."""

    name: str
    synopsis: str
    description: str
    commands: str
    exit_codes: str
    files: str
    env: str
    manifest: str
    see_also: str
    options: str
    errors: str
    errors_lead: str
    file_problems: str
    files_lead: str
    approval_lead: str
    commands_lead: str
    use: str
    reference: str
    develop: str
    other_language: str
    changes: str


WORDS: Final[dict[Code, Words]] = {
    "en": Words(
        name="Name",
        synopsis="Synopsis",
        description="Description",
        commands="Commands",
        exit_codes="Exit codes",
        files="Files",
        env="The settings of one layer. Variables of the environment override it.",
        manifest="The settings of several layers.",
        see_also="See also",
        options="Options",
        errors="Errors",
        errors_lead=(
            "Every error message, by the exit code of the command that prints it, each with what to do. "
            "“…” stands for a part that differs from case to case, such as a name or a number."
        ),
        file_problems="Problems in a file",
        files_lead=(
            "All problems of a file are told at once, each with the row, or the feature, that it is in. "
            "`umap-bot validate` looks for them without a map."
        ),
        approval_lead=(
            "Changes that wait for approval are not made until you approve them with "
            "`umap-bot sync --approve CODE`; `umap-bot keep` leaves the map as it is. "
            "See [what waits](reading.md#what-waits-and-what-fails). The reasons:"
        ),
        commands_lead="Every command with its options, as `--help` shows them.",
        use="Use",
        reference="Reference",
        develop="Development",
        other_language="Français",
        changes="Change log",
    ),
    "fr": Words(
        name="Nom",
        synopsis="Synopsis",
        description="Description",
        commands="Commandes",
        exit_codes="Codes de sortie",
        files="Fichiers",
        env="Les réglages d'un calque. Les variables d'environnement l'emportent sur eux.",
        manifest="Les réglages de plusieurs calques.",
        see_also="Voir aussi",
        options="Options",
        errors="Erreurs",
        errors_lead=(
            "Tous les messages d'erreur, par code de sortie de la commande qui les affiche, chacun avec ce "
            "qu'il faut faire. « … » remplace ce qui change d'un cas à l'autre, par "
            "exemple un nom ou un nombre."
        ),
        file_problems="Problèmes dans un fichier",
        files_lead=(
            "Tous les problèmes d'un fichier sont signalés d'un coup, chacun avec la ligne ou l'élément "
            "concerné. `umap-bot validate` les cherche sans carte."
        ),
        approval_lead=(
            "Ce qui attend votre accord n'est pas fait avant que vous le donniez avec "
            "`umap-bot sync --approve CODE` ; `umap-bot keep` laisse la carte telle quelle. Les motifs :"
        ),
        commands_lead="Toutes les commandes et leurs options, telles que `--help` les affiche.",
        use="Utilisation",
        reference="Référence",
        develop="Développement",
        other_language="English",
        changes="Journal des versions",
    ),
}
