#!/bin/bash
# tests/bench/detector.sh BUILD COUNT SEED - The detector and libspandsp on so many made sounds (detector.c). Lines: `voices`
# spoken, or synthetic where sox and espeak-ng are not installed; `tones`, ours and libspandsp's that were told rightly, in
# percent; `wrong`, of all sounds; `people`, persons and machines, ours; `cost` in us for each second of sound; `bytes`. "?":
# libspandsp was not there. Then what detector.c says, one line per kind, behind #.
top=$(cd "$(dirname "$0")/../.." && pwd) build=$(cd "$1" && pwd) count=$2 seed=$3
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
voices=synthetic
if command -v sox >/dev/null && command -v espeak-ng >/dev/null; then
    . "$top/tests/flows/detector_voices.sh"
    greetings "$dir" 2>/dev/null || exit 1
    voices=spoken
fi
"$build/tests/bench/detector" "$count" "$seed" $(find "$dir" -name '*.wav' | sort) >"$dir/said" || exit 1
awk -v voices=$voices '
    $1 == "cost" {cost = $2 " " ($3 ? $3 : "?"); rival = $3; next}
    $1 == "bytes" {bytes = $2; next}
    {all += $2; wrong += $4; wrong_rival += $6; said = said "# " $0 "\n"}
    $1 ~ /cadence|special|fax/ {tones += $2; right += $3; right_rival += $5}
    $1 ~ /person|machine/ {people += $2; people_right += $3}
    function part(some, of) {return sprintf("%.2f", 100 * some / of)}
    END {
        print "voices", voices
        print "tones", part(right, tones), rival ? part(right_rival, tones) : "?"
        print "wrong", part(wrong, all), rival ? part(wrong_rival, all) : "?"
        print "people", part(people_right, people)
        print "cost", cost
        print "bytes", bytes
        printf "%s", said
    }' "$dir/said"
