# What a contributor does, one recipe each. `just` lists them.

default:
    @just --list

# make the environment with everything the tests need
setup:
    python3 start.py setup --test

# run the tests (further words go to pytest)
test *words:
    python3 start.py test {{words}}

# run the tests that need Apache Spark and Java 17
test-spark:
    .venv/bin/pip install --quiet 'pyspark>=4,<5' setuptools
    .venv/bin/python -m pytest -m spark

# look at the pages in a browser
test-browser:
    .venv/bin/python -m pytest -m browser

# style, types, floors
lint:
    .venv/bin/ruff check src tests benchmarks tools start.py
    .venv/bin/ruff format --check src tests benchmarks tools start.py
    .venv/bin/mypy
    .venv/bin/lint-imports

# make the documents that are derived from contracts and packs
docs:
    .venv/bin/python tools/make_docs.py

# the sample city, from raw records to the report
demo:
    python3 start.py

# one benchmark: just bench accounts --size full
bench name *words:
    python3 start.py bench {{name}} {{words}}

# write the lock files anew from pyproject.toml (needs uv)
lock:
    uv pip compile pyproject.toml --extra web --extra sdmx --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements.lock
    uv pip compile pyproject.toml --extra web --extra sdmx --extra postgres --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -c requirements.lock -o requirements-dev.lock

# build the wheel
wheel:
    .venv/bin/python -m build --wheel --no-isolation
