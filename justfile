# Every recipe that needs Python depends on `_env`, which keeps `.venv` in step with the lock.

set positional-arguments

# Kept bytecode halves what every start costs; where the environment forbids it, here it may be.
export PYTHONDONTWRITEBYTECODE := ""

python := ".venv/bin/python"
lock_command := "uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --all-extras --group dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'just lock' --output-file requirements.lock"
pytest := python + " -m pytest"
parallel := "-n auto --maxprocesses 4 --dist loadgroup"
typed := "ls -d src adapters plugins migrations tests bench 2>/dev/null"

# List the recipes.
_default:
    @just --list --unsorted

# Place real bookings on a real PostgreSQL and show the outcome.
demo *args: _env
    .venv/bin/muster demo "$@"

# Serve the API, with everything embedded unless the environment says otherwise.
serve *args: _env
    .venv/bin/muster serve "$@"

# Print an administrator's access token for scripts; the server may be running.
token *args: _env
    @.venv/bin/muster auth token --role company_admin "$@"

# Run the whole test suite; arguments go to pytest.
test *args: _env
    {{ pytest }} {{ parallel }} "$@"

# Run the tests that need no server, no socket and no file.
test-unit *args: _env
    {{ pytest }} tests/unit "$@"

# Run the property tests; with --deep the state machines run 1,000 examples of 50 steps.
test-properties *args: _env
    {{ pytest }} tests/properties {{ parallel }} "$@"

# Send 5,000 made-up requests to every route of every plugin, as somebody who may do all.
test-generated *args: _env
    {{ pytest }} tests/whole/test_generated_requests.py --requests 5000 -o faulthandler_timeout=0 "$@"

# Build the example plugin, install it beside Muster in a fresh environment, use and remove it.
test-plugins *args: _env
    {{ pytest }} tests/plugins "$@"

# Check style, formats, types and layers, then run every test with the coverage gate.
check: static (test "--cov" "--cov-report=term")

# Check style, formats, types and layers.
static: _env
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy $({{ typed }})
    .venv/bin/lint-imports --no-logo

# Mend what ruff can mend, and format.
fix: _env
    .venv/bin/ruff check --fix-only .
    .venv/bin/ruff format .

# Check the types, strictly.
types: _env
    .venv/bin/mypy $({{ typed }})

# Measure; arguments go to the benchmark.
bench *args: _env
    {{ python }} -m bench "$@"

# Bring the database up to the newest migration.
migrate *args: _env
    .venv/bin/muster db upgrade "$@"

# Begin a migration with the given name.
new-migration name: _env
    .venv/bin/muster db new "$1"

# Check that the pages say what the code does.
docs: _env
    {{ pytest }} tests/docs

# Resolve the dependencies anew; arguments go to uv, such as --upgrade.
lock *args:
    {{ lock_command }} "$@"

# Makes .venv when it is missing or older than the lock or pyproject.toml.
_env:
    #!/usr/bin/env bash
    set -euo pipefail
    stamp=.venv/.complete
    if [[ -e $stamp && $stamp -nt requirements.lock && $stamp -nt pyproject.toml ]]; then exit 0; fi
    # Where a network has certificates of its own, the machine knows them and uv does not.
    if [[ -e /etc/ssl/certs/ca-certificates.crt ]]; then export UV_SYSTEM_CERTS=true; fi
    [[ -x {{ python }} ]] || uv venv --quiet --python '>=3.11' .venv
    uv pip sync --quiet --compile-bytecode --python {{ python }} --require-hashes requirements.lock
    uv pip install --quiet --python {{ python }} --no-deps --no-build-isolation --editable .
    touch "$stamp"
