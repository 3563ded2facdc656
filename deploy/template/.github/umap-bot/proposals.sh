#!/usr/bin/env bash
# The branches umap-bot/… on which umap-bot proposes what people edited on the map: between the checkout, where it
# makes them, and the server.
#
#   proposals.sh load FOLDER    bring the server's into the checkout: what was proposed, and was not deleted since
#   proposals.sh save FOLDER    bring the checkout's to the server; FOLDER.names gets their names, a line each
#
# GIT_REMOTE is the server's repository, a name or an address. GIT_TOKEN, if set, is handed to git as a password (never
# on a command line). PUSH_OPTIONS are options for the server, a line each. git works in a repository of its own,
# FOLDER: the checkout's hooks and settings, which could run programs, are not in force.
set -euo pipefail

branches=refs/heads/umap-bot
remote=${GIT_REMOTE:-origin}
address=$(git config --get "remote.$remote.url" || echo "$remote")
checkout=$(git rev-parse --absolute-git-dir)
plain=(env -u GIT_TOKEN)

ask() { # git, with the token if there is one
    if [ -n "${GIT_TOKEN:-}" ]; then
        # The single quotes are meant: git runs this, and finds the token in its environment.
        # shellcheck disable=SC2016
        git -c credential.helper= \
            -c credential.helper='!f() { echo username=x-access-token; echo "password=$GIT_TOKEN"; }; f' "$@"
    else
        git "$@"
    fi
}

load() {
    git init --quiet --bare --template= "$GIT_DIR"
    ask fetch --quiet --no-tags --prune "$address" "+$branches/*:$branches/*"
    [ -z "$(git for-each-ref "$branches")" ] ||
        "${plain[@]}" git push --quiet "$checkout" "+$branches/*:$branches/*"
}

save() {
    local name sha before
    local options=()
    while read -r name; do
        [ -z "$name" ] || options+=("--push-option=$name")
    done <<< "${PUSH_OPTIONS:-}"
    "${plain[@]}" git fetch --quiet --no-tags "$checkout" "+$branches/*:refs/made/*"
    git for-each-ref --format='%(refname:lstrip=2) %(objectname)' refs/made > "$1.made"
    : > "$1.names"
    while read -r name sha; do
        before=$(git rev-parse --verify --quiet "$branches/$name" || true)
        # Only in the place of what was loaded: nobody's commit is overwritten unseen.
        [ "$before" = "$sha" ] ||
            ask push --quiet "${options[@]}" --force-with-lease="$branches/$name:$before" "$address" "$sha:$branches/$name"
        echo "umap-bot/$name" >> "$1.names"
    done < "$1.made"
    rm -f "$1.made"
}

begin() { # from here on git knows no other repository
    export GIT_DIR=$1
    "$2" "$1"
}

case ${1:-}:${2:-} in
    load:?*) begin "$(realpath -m "$2")" load ;;
    save:?*) begin "$(realpath "$2")" save ;;
    *)
        echo "usage: proposals.sh load|save FOLDER" >&2
        exit 64
        ;;
esac
