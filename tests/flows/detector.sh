#!/bin/bash
# tests/flows/detector.sh - gcxdetect on sounds of others: tones by sox, voices by espeak-ng, as WAVE files of each kind; and
# what libspandsp says of the same tones. Broken files are refused with the reason.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
command -v sox >/dev/null && command -v espeak-ng >/dev/null || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-detector-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
. "$top_srcdir/tests/flows/detector_voices.sh"
cd "$dir" || exit 1
build=$(cd "$OLDPWD" && cd "$top_builddir" && pwd)
status=0
fail() { echo "failed: $1"; cat out; status=1; }

# tone FILE SECONDS F1 [F2]: one burst. joined FILE BURST...: behind one another, as a line has them: with some noise.
tone() { sox -n -r 8000 -b 16 "$1" synth "$2" sine "$3" ${4:+sine "$4" remix -} gain -12; }
joined() { sox "${@:2}" "$1" pad 0.4 0 && sox -m "$1" "|sox -n -r 8000 -c 1 -p synth 20 whitenoise gain -45 trim 0 $(soxi -D "$1")" -b 16 with.wav && mv with.wav "$1"; }
# repeated FILE TIMES ON OFF F1 [F2]
repeated() {
    tone burst.wav "$3" "$5" ${6-}
    sox burst.wav cycle.wav pad 0 "$4" && joined "$1" $(for ((i = 0; i < $2; i++)); do echo cycle.wav; done)
}
# special FILE MS1 F1 MS2 F2 MS3 F3
special() {
    tone one.wav "$2" "$3" && tone two.wav "$4" "$5" && tone three.wav "$6" "$7" && joined "$1" one.wav two.wav three.wav
}
# heard COUNTRY FILE WANTED CAUSE, and by libspandsp the same.
heard() {
    "$build/gcxdetect" --country "$1" "$2" >out 2>&1
    grep -qE "^$2: $3 at [0-9.]+ s, $4\$" out || fail "$2 is $3"
    [ "${5-}" != alone ] && [ -x "$build/tests/flows/detector_rival" ] || return
    "$build/tests/flows/detector_rival" "$1" "$2" >out 2>&1
    grep -qx "$2: $3" out || fail "libspandsp does not hear $3 in $2"
}

repeated busy.wav 4 0.5 0.5 480 620 && heard us busy.wav busy 'cause busy'
repeated busy_eu.wav 4 0.48 0.48 425 && heard eu busy_eu.wav busy 'cause busy'
repeated reorder.wav 8 0.25 0.25 480 620 && heard us reorder.wav congestion 'cause no_circuit'
repeated ring.wav 2 2 4 440 480 && heard us ring.wav ringing 'not final'
repeated ring_eu.wav 3 1 4 425 && heard eu ring_eu.wav ringing 'not final'
repeated cng.wav 2 0.5 3 1100 && heard us cng.wav fax_calls 'cause fax'
repeated ced.wav 1 3.3 1 2100 && heard us ced.wav fax_answers 'cause fax'
special ic.wav 0.274 913.8 0.274 1370.6 0.38 1776.7 && heard us ic.wav sit_intercept 'cause invalid_number'
special vc.wav 0.38 985.2 0.274 1370.6 0.38 1776.7 && heard us vc.wav sit_vacant 'cause invalid_number'
special ro.wav 0.274 913.8 0.38 1428.5 0.38 1776.7 && heard us ro.wav sit_reorder 'cause no_circuit'
special nc.wav 0.38 985.2 0.38 1428.5 0.38 1776.7 && heard us nc.wav sit_no_circuit 'cause no_circuit'
special itu.wav 0.33 950 0.33 1400 0.33 1800 && heard eu itu.wav sit 'cause invalid_number'

spoken hello.wav en-us 160 'Hello?' && spoken away.wav en-gb+f2 150 \
    'Hello, you have reached the voice mail of Peter Smith. I am not here right now, please leave a message after the tone.'
joined person.wav hello.wav ; sox person.wav longer.wav pad 0 2 && mv longer.wav person.wav
joined machine.wav away.wav
heard us person.wav person 'cause ok' alone
heard us machine.wav machine 'cause machine' alone
sox -n -r 8000 -c 1 -b 16 noise.wav synth 6 pinknoise gain -20 && heard us noise.wav silence 'cause silence' alone
for law in a-law mu-law; do
    sox person.wav -e $law $law.wav && heard us $law.wav person 'cause ok' alone
done

# Ringing, then somebody: one file, two verdicts, and the options.
sox ring_eu.wav person.wav call.wav
"$build/gcxdetect" --country eu --answered 15000 --set pause=500 call.wav >out 2>&1 && [ "$(wc -l <out)" = 2 ] || fail "both verdicts"

# refused FILE TEXT: exit 1 and the reason.
refused() { ! "$build/gcxdetect" "$1" >out 2>&1 && grep -qF -- "$2" out || fail "$1: $2"; }
sox busy.wav -r 16000 wide.wav && refused wide.wav '1 channels of 16000 samples a second'
sox busy.wav -c 2 stereo.wav && refused stereo.wav '2 channels of 8000'
sox busy.wav -e floating-point -b 32 float.wav && refused float.wav 'format 3 with 32 bits'
head -c 1000 busy.wav >cut.wav && refused cut.wav 'it was cut off'
echo 'no sound' >text.wav && refused text.wav 'it is no WAVE file'
refused none.wav 'No such file'
head -c 3000 /dev/urandom >bytes && { head -c 44 busy.wav; cat bytes; } >odd.wav && refused odd.wav 'it was cut off'
"$build/gcxdetect" text.wav busy.wav >out 2>&1; [ $? = 1 ] && grep -q '^busy.wav: busy' out || fail "the others are judged"
sox busy.wav short.wav trim 0 1; "$build/gcxdetect" short.wav >out 2>&1; [ $? = 3 ] && grep -q 'nothing is sure in 1.000 s' out || fail "a short file"
for wrong in '--country xx busy.wav' '--set greeting=1 busy.wav' '--set pause busy.wav' '--answered x busy.wav' '--what' '' '--set'; do
    "$build/gcxdetect" $wrong >out 2>&1; [ $? = 2 ] && grep -q 'try gcxdetect --help' out || fail "gcxdetect $wrong"
done
exit $status
