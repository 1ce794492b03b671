# tests/bench/figures.sh - How a figure is told: a line of the table and a row of bench.json. Sourced by bash, with
# $rows, the file where rows are kept until the end. A figure that could not be measured is "?" to these functions; it is
# told as "not measured" and is null in the JSON. It is neither met nor missed.

median() { sort -g | awk '{v[NR] = $1} END {print NR == 0 ? "?" : NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# What a run may have to do without, and the Debian package that has it (tests/packages, bench).
declare -A package=([lua5.4]=lua5.4 [luac5.4]=lua5.4 [luajit]=luajit [gcc]=gcc [python3]=python3 [PostgreSQL]=postgresql-15 [Redis]=redis-server ["Exim and Dovecot"]=exim4-daemon-light [Prosody]=prosody [Kannel]=kannel ["sox and espeak-ng"]=espeak-ng ["Chromium and selenium"]=python3-selenium [gdb]=gdb [valgrind]=valgrind ["Kamailio and sipp"]="kamailio kamailio-lua-modules rtpengine-daemon sip-tester")
declare -A named=()
# lacks NAME: says, once, that it is not installed.
lacks() {
    [ -n "${named[$1]-}" ] || echo "bench: $1 is not installed, what needs it is not measured (Debian: ${package[$1]-})"
    named[$1]=yes
}
# absent PROGRAM: whether it is not installed; if so it is named.
absent() { ! command -v "$1" >/dev/null && lacks "$1"; }
# beside FILE PROGRAM ARGUMENT...: what it prints is added to the file, which is empty where the program is absent.
beside() {
    local file=$1; shift
    [ -e "$file" ] || : >"$file"
    absent "$1" || "$@" >>"$file" || { echo "bench: $* has failed" >&2; exit 1; }
}

line='%-52s %12s %-14s %-24s %12s %8s %8s %s\n'
figures_begin() {
    : >"$rows"
    printf "$line" figure ours unit rival "rival's" ratio goal verdict
}
# figure NAME UNIT OURS RIVAL-NAME RIVAL GOAL  (goal: ">=8" or "<=0.5" of the ratio; "<512" of ours; "-" none; RIVAL is
# "-" where there is none)
figure() {
    awk -v name="$1" -v unit="$2" -v ours="$3" -v who="$4" -v rival="$5" -v goal="$6" -v commit="${measured_on-}" \
        -v json="$rows" -v line="$line" '
    function shown(value) { return value == "?" ? "not measured" : value }
    function number(value) { return value == "?" || value == "-" ? "null" : value }
    BEGIN {
        if (ours !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/) ours = "?"
        if (rival != "-" && (rival !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ || rival + 0 == 0)) rival = "?"
        ratio = ours == "?" || rival == "?" || rival == "-" ? "-" : ours / rival
        value = goal ~ /^[<>]=/ && who != "-" ? ratio : ours
        limit = goal; gsub(/[<>=]/, "", limit)
        if (ours == "?" || (rival == "?" && goal !~ /^<[0-9]/)) verdict = "not measured"
        else if (goal == "-") verdict = "-"
        else verdict = (goal ~ /^>=/ ? value >= limit + 0 : goal ~ /^<=/ ? value <= limit + 0 : value < limit + 0) ? "met" : "missed"
        printf line, name, shown(ours), unit, who, shown(rival), ratio == "-" ? "-" : sprintf("%.2f", ratio), goal, verdict
        printf "{\"name\":\"%s\",\"unit\":\"%s\",\"ours\":%s,\"rival\":\"%s\",\"rival_figure\":%s,\"ratio\":%s,\"goal\":\"%s\",\"verdict\":\"%s\",\"commit\":\"%s\"}\n",
            name, unit, number(ours), who, number(rival), number(ratio), goal, verdict, commit >> json
    }'
}
# figures_end FILE: all rows as JSON.
figures_end() { awk 'BEGIN {print "["} {printf "%s  %s", (NR > 1 ? ",\n" : ""), $0} END {print "\n]"}' "$rows" >"$1"; }

# instructions_compared NAME THEN NOW ACCEPTED: a line of against.sh. False where the figure is above 1.02 times what it
# was or was not counted now, and its name is not among the accepted ones, which stand between blanks.
instructions_compared() {
    awk -v name="$1" -v was="$2" -v now="$3" -v accepted="$4" '
    BEGIN {
        ratio = was == "?" || now == "?" || was + 0 == 0 ? "-" : now / was
        worse = now == "?" || (ratio != "-" && ratio > 1.02)
        known = index(accepted, " " name " ") > 0
        said = !worse ? "" : known ? " accepted" : now == "?" ? " not counted" : " more than before"
        printf "%-16s %14s %14s %7s%s\n", name, was, now, ratio == "-" ? "-" : sprintf("%.4f", ratio), said
        exit worse && !known
    }'
}
