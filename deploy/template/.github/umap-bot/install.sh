#!/usr/bin/env bash
# Install umap-bot from its repository ($PROGRAM) at one commit ($PROGRAM_COMMIT), in exact versions with hashes.
#
#   install.sh FOLDER
#
# FOLDER is begun anew, and lies outside the checkout: what somebody commits must not be what runs, nor what is
# remembered. It gets the program's source and a virtual environment, whose commands are put on the path of the
# next steps; for them, BOT_FOLDER names it, and the state and the cache lie in it.
set -euo pipefail

folder=$(realpath -m "$1")
case $folder/ in
    "$PWD"/*)
        echo "$1 lies in the checkout: name a folder outside it." >&2
        exit 64
        ;;
esac
rm -rf "$folder"
if ! [[ ${PROGRAM_COMMIT:-} =~ ^[0-9a-f]{40}$ ]] || [[ $PROGRAM_COMMIT =~ ^0+$ ]]; then
    echo "UMAP_BOT_REPOSITORY or UMAP_BOT_COMMIT is not set: where umap-bot is, and which commit (40 characters)." >&2
    exit 64
fi
mkdir -p "$folder"
git init --quiet "$folder/source"
git -C "$folder/source" fetch --quiet --depth=1 "$PROGRAM" "$PROGRAM_COMMIT"
git -C "$folder/source" checkout --quiet FETCH_HEAD
python3 -I -m venv "$folder/venv" # -I: nothing of the checkout is imported
install() {
    "$folder/venv/bin/python" -I -m pip --disable-pip-version-check --quiet install "$@"
}
install --require-hashes -r "$folder/source/deploy/requirements.lock"
install --no-deps --no-build-isolation "$folder/source"
echo "$folder/venv/bin" >> "${GITHUB_PATH:-/dev/null}"
{
    echo "BOT_FOLDER=$folder"
    echo "STATE_URL=sqlite:///$folder/state/state.db"
    echo "XDG_CACHE_HOME=$folder/cache"
} >> "${GITHUB_ENV:-/dev/null}"
"$folder/venv/bin/umap-bot" --version
