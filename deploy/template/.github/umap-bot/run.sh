#!/usr/bin/env bash
# One command of umap-bot, and what people are to read of it, in files:
#
#   run.sh sync|adopt|plan|validate FOLDER [APPROVAL CODE]
#
# FOLDER gets: code (the exit code), told.md (the answer of plan and sync, in Markdown), said.txt (all else).
# Ends with 0 for what is no failure: done (0), changes (2), waiting for an OK (3), another run is using the layer (5).
set -euo pipefail

what=$1
folder=$2
approval=$(printf %s "${3:-}" | tr -d '[:space:]')
mkdir -p "$folder"
rm -f "$folder"/code "$folder"/said.txt "$folder"/told.md

code=0
case $what in
    plan)
        umap-bot plan --format markdown > "$folder/told.md" 2> "$folder/said.txt" || code=$?
        ;;
    validate)
        umap-bot validate > "$folder/said.txt" 2>&1 || code=$?
        ;;
    sync | adopt)
        # The code is checked here: it was typed by hand, and a wrong option would be an odd answer to that.
        if [ -n "$approval" ] && ! [[ $approval =~ ^[0-9A-Za-z][0-9A-Za-z-]{11,}$ ]]; then
            echo "That is no approval code: it has 16 letters and digits, in groups of four." > "$folder/said.txt"
            code=64
        elif [ "$what" = sync ]; then
            umap-bot sync --format markdown ${approval:+--approve "$approval"} \
                > "$folder/told.md" 2> "$folder/said.txt" || code=$?
        else
            umap-bot adopt ${approval:+--approve "$approval"} > "$folder/said.txt" 2>&1 || code=$?
        fi
        ;;
    *)
        echo "usage: run.sh sync|adopt|plan|validate FOLDER [APPROVAL CODE]" >&2
        exit 64
        ;;
esac

echo "$code" > "$folder/code"
# GitHub takes lines such as ::add-mask::… for commands; a name on the map may look like one.
if [ "${GITHUB_ACTIONS:-}" = true ]; then
    until_then=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    echo "::stop-commands::$until_then"
fi
cat "$folder"/told.md "$folder/said.txt" 2> /dev/null || true
if [ "${GITHUB_ACTIONS:-}" = true ]; then
    printf '\n::%s::\n' "$until_then"
fi
case $code in
    0 | 2 | 3 | 5) ;;
    *) exit "$code" ;;
esac
