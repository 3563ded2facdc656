"""`python -m benchmarks.cost.imports`: what the packages alone take to be there."""

from importlib import import_module

if __name__ == "__main__":
    for name in ("requests", "sqlalchemy", "pydantic", "msgspec", "click"):
        import_module(name)
