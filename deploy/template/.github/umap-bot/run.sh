#!/usr/bin/env bash
# One command of umap-bot, and what people are to read of it, in files:
#
#   run.sh sync|adopt|rollback|plan|validate FOLDER [APPROVAL CODE]
#
# FOLDER gets: code (the exit code), told.md (the answer of plan, sync and rollback, in Markdown), said.txt (all
# else), status.json (after sync: how it stands with each layer), pairs.csv (after adopt: the table to fill in).
# FOLDER/options are more options for sync, a word on each line, as answers.py writes them. RUN is the run that
# rollback undoes, a number or "latest"; LAYER names the one layer of adopt and rollback, if there are several.
# A pairs.csv in the checkout settles what is doubtful for adopt.
# Ends with 0 for what is no failure: done (0), changes (2), approval needed (3), another run is using the layer (5).
set -euo pipefail

what=$1
folder=$2
approval=$(printf %s "${3:-}" | tr -d '[:space:]')
undone=$(printf %s "${RUN:-latest}" | tr -d '[:space:]')
layer=()
[ -z "${LAYER:-}" ] || layer=("--layer=$LAYER")
mkdir -p "$folder"
rm -f "$folder"/code "$folder"/said.txt "$folder"/told.md "$folder"/status.json "$folder"/pairs.csv

code=0
# What was typed by hand is checked here: a wrong option would be an odd answer to it.
if [ -n "$approval" ] && ! [[ $approval =~ ^[0-9A-Za-z][0-9A-Za-z-]{11,}$ ]]; then
    echo "That is no approval code: it has 16 letters and digits, in groups of four." > "$folder/said.txt"
    code=64
elif ! [[ $undone =~ ^([0-9]{1,9}|latest)$ ]]; then
    echo "That is no run: write its number in the log, or latest." > "$folder/said.txt"
    code=64
else
    approve=()
    [ -z "$approval" ] || approve=("--approve=$approval")
    case $what in
        plan)
            umap-bot plan --format markdown > "$folder/told.md" 2> "$folder/said.txt" || code=$?
            ;;
        validate)
            umap-bot validate > "$folder/said.txt" 2>&1 || code=$?
            ;;
        sync)
            [ ! -f "$folder/options" ] || mapfile -t -O "${#approve[@]}" approve < "$folder/options"
            umap-bot sync --format markdown "${approve[@]}" > "$folder/told.md" 2> "$folder/said.txt" || code=$?
            umap-bot status --json > "$folder/status.json" 2> /dev/null || rm -f "$folder/status.json"
            ;;
        adopt)
            pairs=(--save pairs.csv)
            [ ! -f pairs.csv ] || pairs=(--pairs pairs.csv)
            umap-bot adopt "${layer[@]}" "${pairs[@]}" "${approve[@]}" > "$folder/said.txt" 2>&1 || code=$?
            [ "${pairs[0]}" = --pairs ] || [ ! -f pairs.csv ] || mv pairs.csv "$folder/pairs.csv"
            ;;
        rollback)
            umap-bot rollback "$undone" "${layer[@]}" --format markdown "${approve[@]}" \
                > "$folder/told.md" 2> "$folder/said.txt" || code=$?
            ;;
        *)
            echo "usage: run.sh sync|adopt|rollback|plan|validate FOLDER [APPROVAL CODE]" >&2
            exit 64
            ;;
    esac
fi

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
