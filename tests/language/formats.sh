#!/bin/sh
# What check tells machines: JSON, SARIF 2.1.0 (the rules of its schema for what we write, put as questions to jq), and
# GitHub's annotations with what they escape.
. "$(dirname "$0")/common.sh"
needs jq
goldens=$(cd "$top_srcdir/tests/language" && pwd)
cp "$goldens/site.gcx" "$goldens"/*.sql "$work"
cd "$work" || exit 1

# holds FILE QUESTION: jq answers it with true.
holds() {
    jq -e "$2" "$1" >/dev/null || { say "$1: $2"; head -c 2000 "$1"; }
}

# Places are told in characters; what a hint, a second place, a path with odd letters becomes.
mkdir 'odd, 100%: é'
cat >'odd, 100%: é/x.gcx' <<'GCX'
strategy été on voice {
    attach user_data["ключ"] = "é"; route queue dsk;
}
strategy open on voice {
    if ani == "1" { route queue desk; }
}
GCX
odd='odd, 100%: é/x.gcx'
"$gcxc" check --format json "$odd" >json
[ $? -eq 1 ] || say "json: the status is that of check"
holds json '[.diagnostics[].code] == ["E0412", "E0601"]'
holds json '.errors == 2 and .warnings == 0'
holds json '.diagnostics[0] | [.line, .column, .end_line, .end_column] == [2, 49, 2, 52]'
holds json '.diagnostics[0] | .file == "odd, 100%: é/x.gcx" and .severity == "error"'
holds json '.diagnostics[0].hint | contains("desk")'
holds json '.diagnostics[1].notes | length > 0 and all(.line and .message)'

"$gcxc" check --format sarif "$odd" >sarif
[ $? -eq 1 ] || say "sarif: the status is that of check"
cat >schema.jq <<'JQ'
# Of the schema: what must be there, which types and least values, and that nothing is there that it does not know.
def only($known): (keys - $known) == [];
def text: type == "object" and only(["text", "markdown"]) and (.text | type == "string" and length > 0);
def region: only(["startLine", "startColumn", "endLine", "endColumn"]) and all(.[]; type == "number" and . >= 1)
    and (.endLine > .startLine or (.endLine == .startLine and .endColumn >= .startColumn));
def artifact: only(["uri"]) and (.uri | test("^([A-Za-z0-9._~/-]|%[0-9A-F]{2}|^file://)+$"));
def location: only(["physicalLocation", "message"]) and (.message == null or (.message | text))
    and (.physicalLocation | only(["artifactLocation", "region"]) and (.artifactLocation | artifact) and (.region | region));
def rule: only(["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties", "helpUri"])
    and (.id | test("^[EWL][0-9]{4}$")) and (.shortDescription | text) and (.help == null or (.help | text))
    and (.fullDescription == null or (.fullDescription | text))
    and (.defaultConfiguration.level as $level | ["none", "note", "warning", "error"] | index($level) != null);
def fix: (.description | text) and (.artifactChanges | length > 0) and all(.artifactChanges[];
    (.artifactLocation | artifact) and all(.replacements[]; (.deletedRegion | region) and (.insertedContent | .text != null)));
def invocation: only(["executionSuccessful", "toolExecutionNotifications"]) and (.executionSuccessful | type == "boolean")
    and all(.toolExecutionNotifications[]; (.message | text) and (.descriptor.id | test("^E[0-9]{4}$")) and .level == "error");
def result($rules): only(["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "fixes", "partialFingerprints"])
    and (.partialFingerprints["gcxcLine/v1"] | test("^[0-9a-f]{16}-[0-9]+$"))
    and $rules[.ruleIndex].id == .ruleId and (.message | text)
    and (.level as $level | ["none", "note", "warning", "error"] | index($level) != null)
    and (.locations | length) == 1 and all(.locations[], (.relatedLocations // [])[]; location) and all((.fixes // [])[]; fix);
only(["$schema", "version", "runs"]) and .version == "2.1.0" and (.runs | length) == 1 and (.runs[0]
    | only(["tool", "columnKind", "results", "invocations"]) and (.invocations | length == 1 and all(.[]; invocation)) and .columnKind == "unicodeCodePoints"
    and (.tool | only(["driver"]) and (.driver | only(["name", "semanticVersion", "rules"]) and .name == "gcxc"))
    and ([.tool.driver.rules[].id] | length == (unique | length)) and all(.tool.driver.rules[]; rule)
    and (.tool.driver.rules as $rules | all(.results[]; result($rules))))
JQ
jq -e -f schema.jq sarif >/dev/null || { say "sarif: the schema does not hold"; cat sarif; }
holds sarif '[.runs[0].results[].ruleId] == ["E0412", "E0601"]'
holds sarif '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri == "odd%2C%20100%25%3A%20%C3%A9/x.gcx"'
holds sarif '.runs[0].results[0].locations[0].physicalLocation.region.startColumn == 49'
"$gcxc" check --format sarif "$work/$odd" >sarif.absolute
holds sarif.absolute '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri | startswith("file:///")'

# Every golden, whatever is wrong in it, makes a log that holds.
mkdir sarif.of
for golden in "$goldens"/E*.gcx; do
    (cd "$goldens" && "$gcxc" check --format sarif "${golden##*/}") >"sarif.of/${golden##*/}"
done
# jq starts once, for all of them.
[ "$(jq -f schema.jq sarif.of/* | grep -cx true)" -eq "$(ls sarif.of | wc -l)" ] ||
    for log in sarif.of/*; do jq -e -f schema.jq "$log" >/dev/null || say "sarif of ${log#*/}"; done

"$gcxc" check --format github "$odd" >github
[ $? -eq 1 ] || say "github: the status is that of check"
grep -q '^::error file=odd%2C 100%25%3A é/x.gcx,line=2,endLine=2,col=49,endColumn=51,title=E0412::unknown queue' github ||
    { say "github: the annotation"; cat github; }
[ "$(wc -l <github)" -eq 2 ] || say "github: a line each"

# GitLab's report; a fingerprint stays when the line moves and is laid out anew, and two of one kind have two.
echo 'strategy s on voice { there: route queue desk; }' >moved.gcx
"$gcxc" check --format gitlab ./moved.gcx >gitlab || say "gitlab: a warning is no error"
holds gitlab 'length == 1 and (.[0] | .check_name == "W0913" and .severity == "minor" and .location.path == "moved.gcx" and .location.lines.begin == 1)'
printf '\n\n  strategy s on voice  { there: route queue  desk; }\n' >moved.gcx
"$gcxc" check --format gitlab moved.gcx | jq -s -e --slurpfile old gitlab '.[0][0].fingerprint == $old[0][0].fingerprint and .[0][0].location.lines.begin == 3' >/dev/null || say "gitlab: the fingerprint of what moved"
echo 'strategy s on voice { a: delay 1s; b: route queue desk; }' >twice.gcx
"$gcxc" check --format gitlab twice.gcx >gitlab
holds gitlab 'length == 2 and .[0].fingerprint != .[1].fingerprint'
"$gcxc" check --format gitlab nowhere.gcx >gitlab
holds gitlab 'length == 1 and .[0].location == {"path": ".", "lines": {"begin": 1}} and .[0].severity == "major"'
"$gcxc" check --format sarif --help-uri https://manual.example/lint.html# twice.gcx >sarif.help
holds sarif.help '.runs[0].tool.driver.rules[0].helpUri == "https://manual.example/lint.html#W0913"'
jq -e -f schema.jq sarif.help >/dev/null || say "sarif with addresses"
"$gcxc" check --format junit "$odd" >junit
[ $? -eq 1 ] || say "junit: the status is that of check"
grep -q '<testsuite name="gcxc" tests="2" failures="2">' junit && grep -q '<testcase classname="odd, 100%: é/x.gcx" name="E0412, line 2, column 49"><failure message="unknown queue .dsk.; .*" type="error"/></testcase>' junit || { say junit; cat junit; }

# Nothing found is an empty list; what is no UTF-8 is told all the same; a build says the same.
echo 'strategy s on voice { route queue desk; }' >good.gcx
"$gcxc" check --format json good.gcx >json.good || say "json of nothing: status"
holds json.good '.diagnostics == [] and .errors == 0'
"$gcxc" check --format sarif good.gcx >sarif.good || say "sarif of nothing: status"
jq -e -f schema.jq sarif.good >/dev/null || say "sarif of nothing"
"$gcxc" check --format github good.gcx >github.good || say "github of nothing: status"
[ ! -s github.good ] || say "github of nothing says something"
echo 'strategy s on voice { route queue desk; } ]]> &' >"]]>.gcx"
"$gcxc" check --format junit "]]>.gcx" >junit
grep -q ']]>' junit && { say "junit: what ends CDATA stands in a text"; cat junit; }
rm "]]>.gcx"
"$gcxc" check --format junit good.gcx | grep -q 'tests="1" failures="0"' || say "junit of nothing"
name=$(printf 'no\377where.gcx')
"$gcxc" check --format json "$name" >json.bytes
holds json.bytes '.diagnostics[0].code == "E0001" and (.diagnostics[0] | has("file") | not)'
"$gcxc" check --format sarif "$name" >sarif.bytes
jq -e -f schema.jq sarif.bytes >/dev/null || say "sarif of a name that is no UTF-8"
# GitHub refuses a log with a result that has no place: what has none is the tool's word.
holds sarif.bytes '.runs[0] | .results == [] and .invocations[0].executionSuccessful == false'
holds sarif.bytes '.runs[0].invocations[0].toolExecutionNotifications[0].descriptor.id == "E0001"'
"$gcxc" build --format json "$odd" -o x.gcxb >json.build
[ $? -eq 1 ] || say "build: status"
cmp -s json json.build || say "build tells something else than check"

[ $failed -eq 0 ] && echo "all formats hold"
[ $failed -eq 0 ]
