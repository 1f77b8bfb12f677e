#!/usr/bin/env bash
# The route from-scratch on a GPU that is there for some minutes at a time: call it again and again until it is done.
#
#   from_scratch_gpu.sh WORK MINUTES [PART.jsonl.gz ...]
#
# WORK is a folder that stays between calls. Parts of a corpus (`codesearch train corpus`), given with any call before
# training begins, are gathered in WORK/corpus; with MINUTES = 0 a call only gathers. MINUTES counts everything: the
# tokenizer and the starting checkpoint, made by the first call that trains, and the saving at the end. Then WORK/run
# holds checkpoint/, curves.json and curves.png of the run so far, and state.pt, from which the next call goes on.
#
# Variables: RESULTS, a folder that gets curves and the checkpoint in pieces small enough to be carried
# (cat checkpoint.tar.* | tar x); SETTINGS, another file of settings; VOCABULARY; DEVICE; PYTHON.
set -euo pipefail

SAVING_SECONDS=30 # the last evaluation, the state and the checkpoint
PIECE_BYTES=16000000

work=$1 minutes=$2
shift 2
mkdir -p "$work/corpus"

codesearch() {
    if type -P codesearch >/dev/null; then
        command codesearch "$@"
    else # in a checkout that is not installed
        "${PYTHON:-python3}" -c 'from cli.main import main; main()' "$@"
    fi
}

for part in "$@"; do
    name=$(basename "$part")
    if [ "$name" != held_out.jsonl.gz ]; then # parts of several corpora may have one name
        name="part-$(sha256sum "$part" | cut -c1-16).jsonl.gz"
    fi
    cp "$part" "$work/corpus/$name.partial"
    mv "$work/corpus/$name.partial" "$work/corpus/$name"
done
if [ "$minutes" = 0 ]; then
    exit 0
fi

if [ ! -e "$work/start/model.safetensors" ]; then
    codesearch train start from-scratch --corpus "$work/corpus" --output "$work/start" --vocabulary "${VOCABULARY:-16384}"
fi
left=$(awk "BEGIN { left = $minutes - ($SECONDS + $SAVING_SECONDS) / 60; print (left > 0 ? left : 0) }")
codesearch train run "${SETTINGS:-from-scratch}" --corpus "$work/corpus" --init "$work/start" --output "$work/run" \
    --device "${DEVICE:-auto}" --minutes "$left"

if [ -n "${RESULTS:-}" ]; then
    mkdir -p "$RESULTS"
    cp "$work"/run/curves.* "$RESULTS"
    tar -C "$work/run" -c checkpoint | split -b "$PIECE_BYTES" - "$RESULTS/checkpoint.tar."
fi
