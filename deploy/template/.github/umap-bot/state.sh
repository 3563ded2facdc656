#!/usr/bin/env bash
# The robot's memory between two runs: a folder, kept as the only commit of a branch of its own.
#
#   state.sh load FOLDER    fetch it. A branch that is not there is a fresh start, and that is said.
#   state.sh save FOLDER    one commit without parents takes the place of the one that was loaded.
#
# GIT_REMOTE is its repository, a name or an address. GIT_TOKEN, if set, is handed to git as a password (never on
# a command line). git works in a repository of its own beside FOLDER: the checkout's hooks and settings, which
# could run programs, are not in force.
set -euo pipefail

ref=refs/heads/umap-bot-state
loaded=refs/umap-bot/loaded
remote=${GIT_REMOTE:-origin}
address=$(git config --get "remote.$remote.url" || echo "$remote")

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
    local code=0
    mkdir -p "$1"
    git init --quiet --bare --template= "$GIT_DIR"
    ask ls-remote --exit-code "$address" "$ref" > /dev/null || code=$?
    case $code in
        0)
            ask fetch --quiet --no-tags "$address" "+$ref:$loaded"
            git archive "$loaded" | tar -x -C "$1"
            echo "State loaded: the memory of $(git log -1 --format=%cd --date=iso-strict "$loaded")."
            ;;
        2)
            git update-ref -d "$loaded"
            echo "No state yet: a fresh start. The branch ${ref#refs/heads/} will be made at the end of a sync."
            ;;
        *)
            # Not the same as no state: to begin anew now would forget what was published.
            echo "The state can't be fetched from $remote (git ended with $code)." >&2
            return 1
            ;;
    esac
}

save() {
    local before tree commit index
    before=$(git rev-parse --verify --quiet "$loaded" || true)
    index=$(mktemp -u)
    tree=$(
        export GIT_INDEX_FILE=$index GIT_WORK_TREE=$1
        cd "$1"
        git -c core.autocrlf=false add --all --force .
        git write-tree
    )
    rm -f "$index"
    commit=$(
        export GIT_AUTHOR_NAME=umap-bot GIT_AUTHOR_EMAIL=umap-bot@example.invalid
        export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
        git commit-tree "$tree" -m "The memory of umap-bot"
    )
    # Only in the place of what was loaded: the memory of another run is never overwritten unseen.
    if ! ask push --quiet --force-with-lease="$ref:$before" "$address" "$commit:$ref"; then
        echo "The state was not saved: another run has saved its own, or this one may not write to $remote." >&2
        return 1
    fi
    git update-ref "$loaded" "$commit"
    echo "State saved: one commit on the branch ${ref#refs/heads/}."
}

begin() { # from here on git knows no other repository
    export GIT_DIR=$1.git
    "$2" "$1"
}

case ${1:-}:${2:-} in
    load:?*) begin "$(realpath -m "$2")" load ;;
    save:?*) begin "$(realpath "$2")" save ;;
    *)
        echo "usage: state.sh load|save FOLDER" >&2
        exit 64
        ;;
esac
