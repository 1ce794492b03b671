#!/bin/bash
# tests/flows/sip_media.sh - A caller by sipp hears prompts with values, without a gap between their pieces; music that goes
# on where it was left; a value whose piece lacks is not played, and the log says which file; times to choose from. A call is
# recorded in stereo, with a pause; a caller speaks after the beep; digits come as sound; silence is no message.
# Texts are spoken by espeak-ng, each once; one that takes too long is not played. What has to be spoken in time espeak-ng has
# spoken before, since it takes seconds where other tests run.
. "$top_srcdir/tests/flows/enterprise_common.sh"
for program in sipp python3 espeak-ng; do command -v $program >/dev/null || { echo "skipped: $program is not installed (Debian: sip-tester, espeak-ng)"; exit 77; }; done
[ -f "$top_builddir/.libs/sip.so" ] || { echo "skipped: the plugin sip was not built"; exit 77; }
started=''
also_end() { for pid in $started; do kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; }
tool=$top_srcdir/tests/flows/sip_media.py
free_port() { python3 "$top_srcdir/tests/flows/free_ports.py"; }

mkdir "$flow" && cp "$top_srcdir/tests/flows/sip_media.gcx" "$flow" && image=$dir/flow.gcxb
"$gcxc" build "$flow/sip_media.gcx" -o "$image" || die "gcxc build"
sed '/^--/d' "$top_srcdir/examples/directory.sql" >"$dir/directory.sql"
cat >>"$dir/directory.sql" <<'SQL'
insert into dn (number, type) values ('1800', 'routing_point'), ('1801', 'routing_point'), ('1802', 'routing_point'), ('1803', 'routing_point'), ('1804', 'routing_point'), ('1805', 'routing_point');
insert into routing_point (dn, strategy, defaults) values ('1800', 'values', ''), ('1801', 'speak', ''), ('1802', 'sound', ''), ('1803', 'texts', ''), ('1804', 'offered', ''), ('1805', 'taped', '');
SQL
mkdir "$dir/prompts"
mkdir -m 755 "$dir/recordings"
sed "/telephone-event/d; /fmtp/d; s/ 8 0 101/ 8 0/" "$top_srcdir/tests/flows/sip_caller.xml" >"$dir/sound_only.xml"
python3 "$tool" sounds "$dir/prompts" || die "no sounds"
espeak-ng -v fr-CA --stdout <<<'You are number 3.' >"$dir/number.wav" || die "espeak-ng"
for piece in 1: 2:.2 3:.3; do cp "$dir/prompts/m${piece%%:*}.wav" "$dir/prompts/tape${piece#*:}.wav"; done
cat >"$dir/tts" <<TTS && chmod +x "$dir/tts"
#!/bin/bash
text=\$(cat)
echo "\$* \$text" >>"$dir/tts.runs"
case \$text in forever) echo \$\$ >"$dir/tts.pid"; exec sleep 1000 ;; broken) exit 3 ;; "When shall we call?") exec cat "$dir/prompts/balance.wav" ;; esac
[ "\$*: \$text" != '-v fr-CA --stdout: You are number 3.' ] || exec cat "$dir/number.wav"
exec espeak-ng "\$@" <<<"\$text"
TTS
cat >"$dir/gcx.conf" <<CONF
directory  = "directory.sql"
strategies = {"$image"}
plugins    = "$top_builddir/.libs"
log { personal = shown }
adapter sip {
    address = "127.0.0.1:0" sip_port_file = "$dir/sip.port" trunks = "127.0.0.2" numbers = "1800, 1801, 1802, 1803, 1804, 1805"
    prompts = "$dir/prompts" port_file = "$dir/cti.port" recordings = "$dir/recordings" recordings_free = 0
    tts = "$dir/tts  -v {language} --stdout" tts_timeout = 4
}
CONF
start
logged 'everybody may read or write in' || say_failed "a folder of recordings that all may read is not told"
port=$(cat "$dir/sip.port")

# call NUMBER [SAYS]: a caller by sipp, with an ear of its own, who may speak from the beginning. `presses='PATTERN => KEYS'`:
# the ear itself presses them when it has heard that, since the exchange waits for a first key for two seconds only.
# hung_up: the exchange has hung up.
calls=0
call() {
    rm -f "$dir"/ear.*
    python3 "$tool" ear "$dir" ${presses:+"${presses% => *}" "${presses#* => }"} & ear=$!; started="$started $ear"
    await test -s "$dir/ear.port"
    [ -z "${2-}" ] || : >"$dir/ear.say"
    calls=$((calls + 1))
    (cd "$dir" && exec sipp -sf "${scenario-$top_srcdir/tests/flows/sip_caller.xml}" -s "$1" -i 127.0.0.2 -p "$(free_port)" -m 1 -nostdin -cid_str "call$calls-%u" \
        -key sound "$(cat "$dir/ear.port")" -key told "$dir/ear.told" -timeout 300 -timeout_error 127.0.0.1:"$port") >"$dir/sipp.log" 2>&1 &
    caller=$!; started="$started $caller"
}
hung_up() { wait "$caller" || { say_failed "sipp ended with $?"; tail -n 30 "$dir/sipp.log"; }; kill "$ear"; wait "$ear" 2>/dev/null; }
hears() { grep -q -e "$1" "$dir/ear.heard"; }
must_have_heard() { hears "$1" || say_failed "the caller should have heard $1, and heard $(cat "$dir/ear.heard")"; }

# ---- values, music, choices ----
# goes_on FILES END PROMPTS: before what has the name END music of m1, m2, ... was heard twice. Without the prompts, so many,
# each of its pieces is whole, and the first follows the last. A busy exchange plays less of it in its time.
goes_on() {
    awk -F '*' -v RS=' ' -v files="$1" -v end="$2" -v prompts="$3" -v fresh=1 '
        $1 ~ end { exit }
        $1 == "balance" { prompts--; fresh = 1 }
        $1 !~ /^m[1-5]$/ { next }
        { parts += fresh; fresh = 0 }
        $1 == last { frames += $2; next }
        { if (last && (frames != 5 || $1 != "m" substr(last, 2) % files + 1)) bad = 1; last = $1; frames = $2; pieces++ }
        END { exit bad || prompts || parts != 2 || pieces < 4 }' "$dir/ear.heard" || say_failed "the music does not go on: $(cat "$dir/ear.heard")"
}
presses='de/say_2\*5 => 2' call 1800
hung_up
# Between two treatments the core is asked, which may take a moment.
must_have_heard 'gaps=0 balance\*5 fr/say_12\*5 fr/say_euros\*5 fr/say_1\*5 fr/say_centime\*5 \(-\*[0-9]* \)\{0,1\}m1\*'
goes_on 5 '^de/' 3
must_have_heard 'balance\*5 de/say_fuer\*5 de/say_14\*5 de/say_uhr\*5 de/say_30\*5 de/say_druecken\*5 de/say_1\*5 de/say_fuer\*5 de/say_12\*5 de/say_uhr\*5 de/say_druecken\*5 de/say_2\*5'
logged 'prompts/fr/say_7.wav: No such file' || say_failed "the log does not say which file lacks"
logged 'chosen="12:00"' || say_failed "the choice was not attached"

# ---- music of several files goes on where it was left; the first key, a correction, a prompt for each try, the way out ----
presses=' m5\*5 .* m3\*5 - => 1 10 4 5 11' call 1805 # who is silent at first, then presses a wrong digit and takes it back
hung_up
await logged 'why="\{0,1\}keys: 45'
# Two seconds, and less than the five that it is without a word about it; the end of the last one may be cut by the BYE.
first_key='-\*\(9[0-9]\|1[0-9][0-9]\|2[0-3][0-9]\)'
must_have_heard " m5\*5 $first_key m3\*5 -"
goes_on 3 '^m5$' 1
presses=' m5\*5 => 1 0' call 1805 # who gives it up
hung_up
await logged 'why="\{0,1\}keys: aborted'
hears ' m4' && say_failed "who has given up is asked again"
call 1805 # who says nothing
hung_up
await logged 'why="\{0,1\}keys: no_input'
must_have_heard " m5\*5 $first_key m3\*5 $first_key m4\*5 -\*[0-9][0-9]"

# ---- a caller speaks after the beep, and the call is recorded, but for a part; where this caller is late, nothing is heard ----
call 1801 speaks
spoken() { [ "$(cat "$dir"/recordings/*-said-*.wav 2>/dev/null | wc -c)" -gt 16000 ]; }
await spoken
echo 11 >"$dir/ear.key"
hung_up
await logged 'why=heard'
said=$(sed -n 's/.*said=recordings\/\([^}]*\)}.*/\1/p' "$dir/gcxvm.log" | head -n 1)
whole=$(cd "$dir/recordings" && ls | grep '^[0-9a-f]*\.wav$')
await test -f "$dir/recordings/$whole.sha256"
(cd "$dir/recordings" && sha256sum -c --quiet "$whole.sha256") || say_failed "the hash is another one"
[ "$(stat -c %a "$dir/recordings/$whole" "$dir/recordings/$said" | sort -u)" = 600 ] || say_failed "others may read recordings"
python3 "$tool" heard "$dir/recordings/$said" >"$dir/said"
grep -Eq '^0 (-\*[0-9]+ )?m1\*' "$dir/said" || say_failed "the caller said $(cat "$dir/said")"
python3 "$tool" heard "$dir/recordings/$whole" >"$dir/whole"
grep -Eq '^0 (-\*[0-9]+ )?m1\*[0-9]+( -\*[0-9]+ m1\*[0-9]+)+( -\*[0-9]+)?$' "$dir/whole" || say_failed "the left side has $(cat "$dir/whole")"
# The prompt and its beep, which is the tone of fr/say_euros, once; the message; the music. What was said in the pause is not there.
sed -n '/^1 /s/ -\*[0-9]*\|\*[0-9]*//gp' "$dir/whole" | tr ' ' '\n' | uniq | paste -sd ' ' | grep -Eqx '1 balance fr/say_euros m1 m2( m[1-5])+' || say_failed "the right side has $(cat "$dir/whole")"

# ---- digits as sound; a caller who says nothing ----
scenario=$dir/sound_only.xml
cp "$dir/recordings/$said" "$dir/recordings/old-said-1.wav" && cp "$dir/recordings/$said" "$dir/old-said-2.wav"
presses='balance => dial 4711' call 1802
hung_up
await logged 'keyed=4711'
logged 'said=refused' || say_failed "a recording may lie anywhere"
logged 'chosen=gone' || say_failed "a recording that was deleted is played"
[ -e "$dir/old-said-2.wav" ] || say_failed "a file outside of the recordings was deleted"
await logged 'why="\{0,1\}nothing was said' # the log is written a moment later
[ "$(ls "$dir/recordings" | wc -l)" = 3 ] || say_failed "too many files: $(ls "$dir/recordings")"

# ---- texts ----
unset scenario
presses='\? => 5' call 1803
hung_up
await logged 'keyed=5'
await logged 'why="\{0,1\}texts are over'
grep -Eq 'gaps=0 .*\?.* balance\*5' "$dir/ear.heard" || say_failed "the caller has heard $(cat "$dir/ear.heard")"
[ "$(grep -c '^-v fr-CA --stdout You are number 3.$' "$dir/tts.runs")" = 1 ] || say_failed "the text was not spoken once: $(cat "$dir/tts.runs")"
await logged 'not_applied the language is no name of one' # the adapter's lines come by a pipe, behind the core's
logged 'not_applied the command of .tts. takes too long' || say_failed "it waits for ever"
logged 'not_applied the command of .tts. has failed' || say_failed "a command that fails is not told"
[ "$(grep -c -v " 1\$" "$dir/tts.runs")" = 3 ] || say_failed "the command has run for $(cat "$dir/tts.runs")"
logged 'tts: it is away: the command of .tts. ' || say_failed "who speaks no more is no neighbour that is away"
await logged 'tts: it is there again'
# Behind a text that asks the choices are said, too.
presses='de/say_2\*5 => 2' call 1804
hung_up
must_have_heard 'balance\*5 de/say_fuer\*5 de/say_14\*5 de/say_uhr\*5 de/say_30\*5 de/say_druecken\*5 de/say_1\*5 de/say_fuer\*5 de/say_12\*5'
await logged 'offered'
kill -0 "$(cat "$dir/tts.pid")" 2>/dev/null && say_failed "what the command began lives on"
stop

# ---- the same, spoken by a service of HTTP ----
if command -v curl >/dev/null; then
    python3 "$tool" speak "$dir" & started="$started $!"
    await test -s "$dir/speak.port"
    sed -i "s|tts = .* tts_timeout|tts = \"http://127.0.0.1:$(cat "$dir/speak.port")/speak\" tts_timeout|" "$dir/gcx.conf"
    mark=$(wc -l <"$dir/gcxvm.log")
    rm -f "$dir/sip.port"
    start
    port=$(cat "$dir/sip.port")
    presses='\? => 6' call 1803
    hung_up
    await logged 'keyed=6'
    grep -Eq 'gaps=0 .*\?.* balance\*5' "$dir/ear.heard" || say_failed "the caller of the service has heard $(cat "$dir/ear.heard")"
    printf '%s\n' 'fr-CA You are number 3.' 'fr-CA forever' 'fr-CA broken' | cmp - <(grep -v ' 1$' "$dir/speak.log") || say_failed "the service was asked for $(cat "$dir/speak.log")"
    told() { tail -n "+$mark" "$dir/gcxvm.log" | grep -q "not_applied .*$1"; }
    for what in 'takes too long' 'has failed' 'is no name of one'; do await told "$what"; done
    stop
fi
finish
