#!/usr/bin/env bash
# A route on a GPU that is there for some minutes at a time: call it again and again until it is done.
#
#   gpu.sh ROUTE MINUTES [PART ...]
#
# ROUTE is a name or a file of settings. MINUTES counts everything: the tokenizer and the starting checkpoint, made by
# the first call that trains, and the saving at the end. Parts of a corpus (`codesearch train corpus`), given with any
# call before training begins, are gathered; with MINUTES = 0 a call only gathers. A part may be PART.jsonl.xz, its
# lines in any order (sorted by source they take the least room): it is unpacked and shuffled, always in the same way.
#
# Variables: WORK, a folder that stays between calls (gpu-work): corpus/, start/ and for each route its run, with
# checkpoint/, curves.json and curves.png so far, and state.pt, from which the next call goes on. RESULTS, a folder
# that gets curves, the log and the checkpoint in pieces small enough to be carried (cat checkpoint.tar.* | tar x).
# START, the model to start from, instead of making one, or ENCODER, whose encoder the efficient routes keep (bundled);
# VOCABULARY; DEVICE; PYTHON.
set -euo pipefail

SAVING_SECONDS=40 # the last evaluation, the state and the checkpoint
PIECE_BYTES=16000000

route=$1 minutes=$2
shift 2
work=${WORK:-gpu-work}
python=${PYTHON:-python3}
mkdir -p "$work/corpus"

codesearch() {
    if type -P codesearch >/dev/null; then
        command codesearch "$@"
    else # in a checkout that is not installed
        "$python" -c 'from cli.main import main; main()' "$@"
    fi
}

unpack() { # PART.jsonl.xz PART.jsonl.gz
    "$python" -c '
import gzip, lzma, random, sys
lines = lzma.open(sys.argv[1]).read().splitlines()
random.Random(0).shuffle(lines)
with gzip.open(sys.argv[2], "wb", compresslevel=1) as part:
    part.writelines(line + b"\n" for line in lines)' "$1" "$2"
}

gather() { # PART, alone or beside others
    local name
    name=$(basename "$1")
    case $name in
    held_out.*) name=held_out.jsonl.gz ;;
    *) name="part-$(sha256sum "$1" | cut -c1-16).jsonl.gz" ;; # parts of several corpora may have one name
    esac
    case $1 in
    *.xz) unpack "$1" "$work/corpus/$name.partial" ;;
    *) cp "$1" "$work/corpus/$name.partial" ;;
    esac
    mv "$work/corpus/$name.partial" "$work/corpus/$name"
}

gathering=()
for part in "$@"; do
    gather "$part" &
    gathering+=($!)
done
for one in ${gathering[@]+"${gathering[@]}"}; do
    wait "$one"
done
if [ "$minutes" = 0 ]; then
    exit 0
fi

start=${START:-$work/start}
if [ -z "${START:-}" ] && [ ! -e "$start/model.safetensors" ]; then
    case $(basename "$route") in
    from*scratch*) kind=(from-scratch) ;;
    *) kind=(efficient --init "${ENCODER:-bundled}") ;;
    esac
    codesearch train start "${kind[@]}" --corpus "$work/corpus" --output "$start" --vocabulary "${VOCABULARY:-16384}"
fi
run=$work/run-$(basename "$route" .toml)
left=$(awk "BEGIN { left = $minutes - ($SECONDS + $SAVING_SECONDS) / 60; print (left > 0 ? left : 0) }")
codesearch train run "$route" --corpus "$work/corpus" --init "$start" --output "$run" \
    --device "${DEVICE:-auto}" --minutes "$left"

if [ -n "${RESULTS:-}" ]; then
    mkdir -p "$RESULTS"
    cp "$run"/curves.* "$run/log.jsonl" "$RESULTS"
    tar -C "$run" -c checkpoint | split -b "$PIECE_BYTES" - "$RESULTS/checkpoint.tar."
fi
