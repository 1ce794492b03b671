# tests/flows/detector_voices.sh - Voices by espeak-ng as a line has them, for detector.sh and bench/detector.sh. Sourced by
# bash.

# spoken FILE VOICE SPEED TEXT: 8000 samples a second, a telephone's band.
spoken() {
    espeak-ng -v "$2" -s "$3" -w "$1.wide.wav" "$4" && sox "$1.wide.wav" -b 16 "$1" gain -8 rate 8000 sinc 300-3400
    local done=$?
    rm -f "$1.wide.wav"
    return $done
}
# greetings FOLDER: person-N.wav and machine-N.wav, in several languages and voices.
greetings() {
    local n=0 voice speed person machine
    while IFS='|' read -r voice person machine; do
        for speed in 140 175; do
            for kind in m3 f2 f5 m7; do
                n=$((n + 1))
                spoken "$1/person-$n.wav" "$voice+$kind" $speed "$person" && spoken "$1/machine-$n.wav" "$voice+$kind" $speed "$machine" || return
            done
        done
    done <<'END'
en-us|Hello?|Hello, you have reached the Smith family. We cannot come to the phone right now. Please leave your name and number after the tone.
en-gb|Peter Brown speaking.|Thank you for calling. Our office is closed at the moment, please call again tomorrow between nine and five.
fr|Allô, oui ?|Bonjour, vous êtes bien chez Marie et Paul, nous sommes absents pour le moment, laissez-nous un message après le bip.
de|Müller, guten Tag.|Guten Tag, dies ist der Anschluss von Familie Weber. Leider sind wir zurzeit nicht erreichbar. Bitte hinterlassen Sie eine Nachricht.
es|¿Dígame?|Hola, has llamado al contestador de Ana García. Ahora no puedo atenderte, deja tu mensaje después de la señal.
END
}
