"""`python -m django_backend.seed`: tables, a licence, a background that asks nothing of the internet."""

# mypy: disable-error-code="import-not-found"

from urllib.parse import quote

import django
from django.core.management import call_command

TILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">'
    '<path fill="#f4f1ea" d="M0 0h256v256H0z"/>'
    '<path fill="none" stroke="#ddd8cc" d="M0 0h256M0 0v256"/></svg>'
)


def seed() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    from umap.models import TileLayer, get_default_licence  # noqa: PLC0415  models are there after django.setup()

    # The first map ever makes it; two first maps at once would make two, and uMap is broken from then on.
    get_default_licence()
    TileLayer.objects.all().delete()
    url = "data:image/svg+xml," + quote(TILE, safe="/:=,")  # the column holds 400 characters
    TileLayer.objects.create(name="Paper", url_template=url, attribution="no tiles", maxZoom=20, rank=1)


if __name__ == "__main__":
    django.setup()
    seed()
