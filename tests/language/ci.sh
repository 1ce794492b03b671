#!/bin/sh
# What .pre-commit-hooks.yaml and examples/ci/ tell pre-commit, GitHub and GitLab to run does what they say: the commands
# are taken out of the YAML and run where the strategies are good, and where one has an error, a finding, or lies in
# another style.
. "$(dirname "$0")/common.sh"
needs jq
needs python3
python3 -c 'import yaml' 2>/dev/null || { echo "no python3-yaml"; exit 77; }
top=$(cd "$top_srcdir" && pwd)
mkdir "$work/bin" && ln -s "$(cd "$(dirname "$gcxc")" && pwd)/gcxc" "$work/bin/gcxc" || exit 1
PATH=$work/bin:$PATH
cd "$work" || exit 1

# commands FILE WHICH: the command of that hook, step or job, as the runner gives it to a shell.
commands() {
    python3 - "$1" "$2" <<'PY'
import sys, yaml
read, which = yaml.safe_load(open(sys.argv[1])), sys.argv[2]
if isinstance(read, list):
    print(*[hook["entry"] for hook in read if hook["id"] == which], sep="\n")
elif "jobs" in read:
    assert read[True] and read["permissions"]["security-events"] == "write"
    print(*[s["run"] for job in read["jobs"].values() for s in job["steps"] if s.get("name") == which], sep="\n")
else:
    assert read[which]["stage"] in read["stages"]
    print(*read[which]["script"], sep="\n")
PY
}

# runs STATUS FILE WHICH [ARGUMENT...]: so does that command end.
runs() {
    wanted=$1 file=$2 which=$3; shift 3
    commands "$top/$file" "$which" >command
    [ -s command ] || { say "$file: there is no '$which'"; return; }
    (set -e; eval "$(cat command) $*") >said 2>&1
    status=$?
    [ "$status" = "$wanted" ] || { say "$file: '$which' ended with $status, not $wanted"; cat command said; }
}

hooks=.pre-commit-hooks.yaml
cp -r "$top/strategies/enterprise" strategies && chmod -R u+w strategies || exit 1
for hook in gcxc-fmt gcxc-check gcxc-lint gcxc-test; do runs 0 $hooks $hook strategies/enterprise.gcx strategies/tests.gcx; done
# A commit of a part is judged with the rest: what another file uses is used, and the tests that stand elsewhere are played.
for part in enterprise.gcx site.gcx; do for hook in gcxc-check gcxc-lint gcxc-test; do runs 0 $hooks $hook strategies/$part; done; done
grep -q '^[1-9][0-9]* passed, 0 failed$' said || { say "the hook has not played the tests of the site"; cat said; }
cp -r strategies kept
echo 'function twice(n: int): int { return 2 * n; }' >strategies/a.gcx
echo 'strategy doubled on voice { if twice(calls) > 4 { priority = 2; } route queue desk; }' >strategies/b.gcx
sed -i 's/twice(calls)/twice(2)/' strategies/b.gcx
runs 0 $hooks gcxc-lint strategies/a.gcx
runs 0 $hooks gcxc-check strategies/b.gcx
echo 'function unasked(n: int): int { return n; }' >>strategies/b.gcx
runs 0 $hooks gcxc-lint strategies/a.gcx
runs 1 $hooks gcxc-lint strategies/b.gcx
grep -q "'unasked' is never called" said && ! grep -q twice said || { say "lint of a part"; cat said; }
sed -i 's/route queue desk/route queue other/' strategies/enterprise.gcx && runs 1 $hooks gcxc-test strategies/a.gcx
rm -r strategies && mv kept strategies
diff -r "$top/strategies/enterprise" strategies >/dev/null || say "fmt has changed what was in the style"
for step in style errors 'lint, beside the lines' 'lint, as SARIF' tests; do runs 0 examples/ci/github.yml "$step"; done
jq -e '.version == "2.1.0" and (.runs[0].results | length == 0)' gcxc.sarif >/dev/null || say "the SARIF of what is good"
for job in style lint tests; do runs 0 examples/ci/gitlab.yml $job; done
jq -e 'length == 0' gl-code-quality-report.json >/dev/null || say "GitLab's report of what is good"
python3 -c 'import xml.dom.minidom as d; assert d.parse("tests.xml").getElementsByTagName("testcase")' || say "tests.xml"

# The comment's command: it finds the script of the base, and says that it has no token.
mkdir -p base/ci && cp "$top/examples/ci/gcx-comment.sh" base/ci/ && cp -r strategies base/ || exit 1
GCX_TOKEN=
export GCX_TOKEN
for file in github gitlab; do
    commands "$top/examples/ci/$file.yml" comment | grep -v '^git worktree' >command
    (eval "$(cat command)") >said 2>&1
    [ $? -eq 2 ] && grep -q 'GCX_TOKEN is not set' said || { say "$file.yml's comment"; cat command said; }
done
rm -r base

cat >strategies/later.gcx <<'GCX'
strategy later on voice {
  let n = 1;
    while n < 2 { delay 1s; }
    route queue desk;
}
GCX
runs 1 examples/ci/github.yml style
runs 1 examples/ci/gitlab.yml style
runs 1 examples/ci/github.yml 'lint, beside the lines'
grep -q '^::warning file=strategies/later.gcx,line=3,.*title=L0208' said || { say "GitHub's annotation"; cat said; }
runs 0 examples/ci/github.yml 'lint, as SARIF'
jq -e '[.runs[0].results[].ruleId] | index("L0208")' gcxc.sarif >/dev/null || say "the SARIF of a finding"
runs 1 examples/ci/gitlab.yml lint
jq -e '.[] | select(.check_name == "L0208") | .location.path == "strategies/later.gcx" and .location.lines.begin == 3 and
    .severity == "minor" and (.fingerprint | length > 0)' gl-code-quality-report.json >/dev/null || say "GitLab's report"
runs 1 $hooks gcxc-lint strategies/later.gcx
runs 0 $hooks gcxc-fmt strategies/later.gcx
grep -q '^    let n' strategies/later.gcx || say "the hook has not laid it out"
echo 'strategy broken on voice { route queue dsk; }' >strategies/broken.gcx
runs 1 $hooks gcxc-check strategies/broken.gcx
runs 1 examples/ci/github.yml errors
rm strategies/broken.gcx
echo 'test "wrong" { call later from "1" to "2"; expect stopped "never"; }' >>strategies/later.gcx
runs 1 $hooks gcxc-test strategies/later.gcx
runs 1 examples/ci/github.yml tests
runs 1 examples/ci/gitlab.yml tests

python3 - "$top" <<'PY' || say "pre-commit-config.yaml names other hooks than there are"
import sys, yaml
hooks = {hook["id"] for hook in yaml.safe_load(open(sys.argv[1] + "/.pre-commit-hooks.yaml"))}
config = yaml.safe_load(open(sys.argv[1] + "/examples/ci/pre-commit-config.yaml"))
assert hooks == {hook["id"] for hook in config["repos"][0]["hooks"]}
PY
# pre-commit itself, where it is installed: a commit of many files of a site tells an error once, and a good one is made.
if command -v pre-commit >/dev/null && command -v git >/dev/null; then
    HOME=$work/home GIT_CONFIG_NOSYSTEM=1
    export HOME GIT_CONFIG_NOSYSTEM
    mkdir home hooks many && cp "$top/$hooks" hooks/ && printf 'site {\n    queue desk;\n}\n' >many/site.gcx || exit 1
    git config --global user.email author@example.org && git config --global user.name author
    (cd hooks && git init -q && git add . && git commit -qm hooks) || say "git"
    rev=$(git -C hooks rev-parse HEAD)
    sed "s|repo: .*|repo: $work/hooks|; s|rev: .*|rev: $rev|" "$top/examples/ci/pre-commit-config.yaml" >many/.pre-commit-config.yaml
    for n in 1 2 3 4 5 6 7 8 9; do
        printf 'strategy s%s on voice {\n    route queue desk;\n}\ntest "t%s" {\n    call s%s from "1" to "2";\n    expect routed to queue desk;\n}\n' $n $n $n >many/f$n.gcx
    done
    sed -i 's/ queue desk/ queue dsk/' many/f3.gcx
    cd many && git init -q && pre-commit install >/dev/null && git add . || say "pre-commit install"
    git commit -qm wrong >../said 2>&1 && say "pre-commit: an error is committed"
    [ "$(grep -c "^f3.gcx:2:.*unknown queue 'dsk'" ../said)" = 3 ] || { say "pre-commit: each of three hooks tells an error once"; cat ../said; }
    sed -i 's/ queue dsk/ queue desk/' f3.gcx && git add . && git commit -qm good >../said 2>&1 || { say "pre-commit: a good commit"; cat ../said; }
    cd ..
fi
[ "$failed" = 0 ] && echo "pre-commit, GitHub and GitLab run what they should"
exit "$((failed > 0))"
