#!/usr/bin/env bash
# Install umap-bot from its repository ($PROGRAM) at one commit ($PROGRAM_COMMIT), in exact versions with hashes.
#
#   install.sh FOLDER
#
# FOLDER gets the program's source and a virtual environment; its commands are put on the path of the next steps.
set -euo pipefail

folder=$(realpath -m "$1")
if ! [[ ${PROGRAM_COMMIT:-} =~ ^[0-9a-f]{40}$ ]] || [[ $PROGRAM_COMMIT =~ ^0+$ ]]; then
    echo "Fill in PROGRAM and PROGRAM_COMMIT at the top of the workflow file: where umap-bot is, and which commit." >&2
    exit 64
fi
git init --quiet "$folder/source"
git -C "$folder/source" fetch --quiet --depth=1 "$PROGRAM" "$PROGRAM_COMMIT"
git -C "$folder/source" checkout --quiet FETCH_HEAD
python3 -m venv "$folder/venv"
install() {
    "$folder/venv/bin/python" -m pip --disable-pip-version-check --quiet install "$@"
}
install --require-hashes -r "$folder/source/deploy/requirements.lock"
install --no-deps --no-build-isolation "$folder/source"
echo "$folder/venv/bin" >> "${GITHUB_PATH:-/dev/null}"
"$folder/venv/bin/umap-bot" --version
