"""The settings of the sandbox's uMap: copied to a folder, read by uMap from there (`UMAP_SETTINGS`).

What differs from one folder to the next stands in `place.json` beside the copy.
"""

# mypy: disable-error-code="import-not-found"

import json
import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

from umap.settings import base


def _library(*patterns: str) -> str:
    """GeoDjango wants GDAL and GEOS at import; wheels bring them along, under a hashed name."""
    wheels = Path(sysconfig.get_path("platlib"))
    return next(str(found) for pattern in patterns for found in sorted(wheels.glob(pattern)))


_place = json.loads(Path(__file__).with_name("place.json").read_text("utf-8"))

GDAL_LIBRARY_PATH = _library("pyogrio.libs/libgdal*.so*", "pyogrio/.dylibs/libgdal*.dylib")
GEOS_LIBRARY_PATH = _library("shapely.libs/libgeos_c*.so*", "shapely/.dylibs/libgeos_c*.dylib")

DATABASES = {"default": {**_place["database"], "CONN_MAX_AGE": 60}}
SECRET_KEY = _place["secret"]
SITE_URL = SHORT_SITE_URL = _place["site"]
SITE_NAME = "uMap (sandbox)"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", urlsplit(SITE_URL).hostname]
DEBUG = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https:")
# A proxy in front that speaks https says so; the header is believed only then.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # log-ins of throw-away users

STATIC_ROOT = _place["static"]
MEDIA_ROOT = _place["uploads"]
AJAX_PROXY_CACHE_DIR = _place["proxy"]
MIDDLEWARE = [base.MIDDLEWARE[0], "whitenoise.middleware.WhiteNoiseMiddleware", *base.MIDDLEWARE[1:]]

ENABLE_ACCOUNT_LOGIN = True
UMAP_ALLOW_ANONYMOUS = True
UMAP_DEFAULT_SHARE_STATUS = 1  # public; uMap's own default is a draft that strangers can't see

globals().update(_place["settings"])  # what this one shall have otherwise
