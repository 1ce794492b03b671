#!/bin/sh
# gcx-comment.sh OLD NEW: comments on a pull request of GitHub or a merge request of GitLab what the change of a site's
# strategies means: for callers, for the selection of agents, for tests and lint, and what it would have decided in the
# hours of a journal. OLD and NEW are the folder of the strategies as it was and as it is. The comment of an earlier
# run is written anew; one of somebody else never is.
#
#   GCX_TOKEN      a token that may write comments
#   GCX_REQUEST    the number of the request (else CI_MERGE_REQUEST_IID)
#   GCX_NAME       another comment of the same request, where it has several sites (strategies)
#   GCX_AUTHOR     who the token is, where the host does not tell (github-actions[bot])
#   GCX_CONF, GCX_JOURNAL   a gcxvm.conf and the folder of a journal, for gcxtwin what-if (else it is left out)
# and what the runners of GitHub (GITHUB_API_URL, GITHUB_REPOSITORY) or GitLab (CI_API_V4_URL, CI_PROJECT_ID) set.
# Without a host, --print writes the comment to standard output. It ends with 0: told; 1: told, and tests have failed;
# 2: it is not told, and why stands on standard error.
set -u
most=60000 # bytes of a comment; GitHub takes 65,536 characters

refuse() {
    echo "gcx-comment: $*" >&2
    exit 2
}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

print=no
[ "${1-}" = --print ] && print=yes && shift
[ $# -eq 2 ] || refuse 'usage: gcx-comment.sh [--print] OLD NEW'
old=$1 new=$2
for folder in "$old" "$new"; do [ -d "$folder" ] || refuse "there is no folder $folder"; done
for program in gcxc jq curl iconv; do command -v "$program" >/dev/null || refuse "$program is not installed"; done
case ${GCX_NAME:=strategies} in *[!A-Za-z0-9_.-]*) refuse 'GCX_NAME has other signs than letters, digits, _ . -' ;; esac
marker="<!-- gcx-comment: $GCX_NAME -->"

# ---- the text ----

# fold TITLE FILE: a file as a fold, none of its text as markup.
fold() {
    [ -s "$2" ] || return 0
    printf '\n<details><summary>%s</summary>\n\n<pre>\n' "$1"
    head -c 20000 "$2" | iconv -c -f UTF-8 -t UTF-8 |
        sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/@/\&#64;/g'
    [ "$(wc -c <"$2")" -le 20000 ] || echo '...'
    printf '</pre>\n\n</details>\n'
}
# section NAME COMMAND...: what it says goes to $work/NAME, and how it ends to $ended. More than 1 is trouble.
section() {
    name=$1
    shift
    "$@" >"$work/$name" 2>"$work/$name.why"
    ended=$?
}

tests_failed=no
compose() {
    echo "$marker"
    section callers gcxc diff --format markdown "$old" "$new"
    if [ $ended -le 1 ]; then
        cat "$work/callers"
    else
        printf '### What changes for callers\n\nThe versions cannot be compared.\n'
        fold 'errors' "$work/callers.why"
    fi
    section selection gcxc diff --selection --format markdown "$old" "$new"
    [ $ended -gt 1 ] || { echo; cat "$work/selection"; }
    printf '\n### Checks\n\n'
    section tests gcxc test --coverage "$new"
    [ $ended -eq 0 ] || tests_failed=yes
    grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/tests" | sed 's/^/- tests: /' || true
    [ $ended -eq 0 ] || echo '- **the tests do not pass**'
    cat "$work/tests.why" >>"$work/tests"
    section lint gcxc lint "$new"
    cat "$work/lint.why" >>"$work/lint"
    echo "- lint: $(grep -cE '(error|warning|note): ' "$work/lint") findings"
    fold 'tests and coverage' "$work/tests"
    fold 'lint' "$work/lint"
    [ -n "${GCX_JOURNAL-}" ] || return 0
    printf '\n### What it would have decided\n'
    if section image gcxc build -o "$work/new.gcxb" "$new" && [ $ended -eq 0 ]; then
        section what_if gcxtwin what-if --config "${GCX_CONF-}" --state "$GCX_JOURNAL" "$work/new.gcxb"
        cat "$work/what_if.why" >>"$work/what_if"
        case $ended in
        0) printf '\nThe same as it did.\n' ;;
        1) printf '\nSomething else in some cases.\n' ;;
        3) printf '\nNothing arrived that could be compared.\n' ;;
        *) printf '\nIt could not be compared.\n' ;;
        esac
        # Callers' numbers, what was sent to them and the commands that open their calls are nobody's who reads the request.
        awk '/^Examples:/ {left = 1} left && /^$/ {left = 0} left {next}
             /^      (present|candidate) / {
                 by = match($0, /; after the condition at [^ ]*$/) ? substr($0, RSTART) : ""
                 if (sub(/ [a-z_]+=.*/, by)) cut = 1
             }
             {print}
             END {if (cut) print "\nValues are left out: gcxctl what-if shows them to whoever may read the journal."}' "$work/what_if" |
            sed 's/+\{0,1\}[0-9]\{6,\}/(number)/g' >"$work/figures"
        fold 'figures' "$work/figures"
    else
        printf '\nThe new version does not compile.\n'
    fi
}
compose >"$work/body.md"
if [ "$(wc -c <"$work/body.md")" -gt "$most" ]; then
    # Half a fold would take the rest of the page with it: only what stands before the folds is kept.
    { sed '/^<details>/,/^<\/details>/d' "$work/body.md" | head -c "$((most - 200))" | sed '$d'
      printf '\nThe comment is too long: gcx-comment.sh --print has all of it.\n'; } >"$work/short.md"
    [ $print = yes ] || mv "$work/short.md" "$work/body.md"
fi
finish() { [ $tests_failed = no ]; exit $?; }
if [ $print = yes ]; then
    cat "$work/body.md" || exit 2
    finish
fi

# ---- the host ----

[ -n "${GCX_TOKEN-}" ] || refuse 'GCX_TOKEN is not set: it must be a token that may write comments (of a fork there is none)'
if [ -n "${CI_API_V4_URL-}" ]; then
    request=${GCX_REQUEST:-${CI_MERGE_REQUEST_IID-}}
    header="PRIVATE-TOKEN: $GCX_TOKEN" author_key=username author=${GCX_AUTHOR-} change=PUT user=author
    list=$CI_API_V4_URL/projects/${CI_PROJECT_ID-}/merge_requests/$request/notes one=$list who=$CI_API_V4_URL/user
elif [ -n "${GITHUB_API_URL-}" ]; then
    request=${GCX_REQUEST-}
    header="Authorization: Bearer $GCX_TOKEN" author_key=login author=${GCX_AUTHOR-} change=PATCH user=user
    base=$GITHUB_API_URL/repos/${GITHUB_REPOSITORY-}/issues
    list=$base/$request/comments one=$base/comments who=$GITHUB_API_URL/user
else
    refuse 'neither GITHUB_API_URL nor CI_API_V4_URL is set: on which host is the request?'
fi
case $request in '' | *[!0-9]*) refuse "GCX_REQUEST is not the number of a request: '$request'" ;; esac
case $GCX_TOKEN in *[!!-~]*) refuse 'GCX_TOKEN has signs that no token has' ;; esac

# ask METHOD URL [FILE]: the answer goes to $work/answer; prints the status. The token stands in no command line, which
# others on the machine may read.
ask() {
    method=$1 url=$2 file=${3-}
    printf 'header = "%s"\n' "$header" |
        curl -sS --config - --max-time 60 -X "$method" -H 'Content-Type: application/json' -o "$work/answer" \
            -w '%{http_code}' ${file:+--data-binary "@$file"} "$url"
}
told() { jq -r '.message? // .error? // empty | tostring' "$work/answer" 2>/dev/null | head -c 300 | tr '\n' ' '; }
# asked METHOD URL [FILE]: as ask, and anything but success ends this.
asked() {
    status=$(ask "$@") || refuse "$1 $2: no answer"
    case $status in
    2??) ;;
    401 | 403) refuse "$1 $2: $status: the token may not do that: $(told)" ;;
    *) refuse "$1 $2: $status: $(told)" ;;
    esac
}

if [ -z "$author" ]; then
    status=$(ask GET "$who") || refuse "GET $who: no answer"
    [ "$status" != 200 ] || author=$(jq -r ".$author_key // empty" "$work/answer")
    [ -n "$author" ] || [ "$author_key" != login ] || author='github-actions[bot]' # a token of a run has no user
    [ -n "$author" ] || refuse "GET $who: $status: whose token is it? GCX_AUTHOR may say so"
fi
mine='' page=1
while [ -z "$mine" ] && [ $page -le 100 ]; do
    asked GET "$list?per_page=100&page=$page"
    mine=$(jq -r --arg marker "$marker" --arg author "$author" \
        "[.[] | select((.body // \"\" | startswith(\$marker)) and .$user.$author_key == \$author)][0].id // empty" \
        "$work/answer") || refuse "GET $list: the answer is no list of comments"
    [ "$(jq length "$work/answer")" -eq 100 ] || break
    page=$((page + 1))
done
jq -Rs '{body: .}' "$work/body.md" >"$work/body.json"
if [ -n "$mine" ]; then
    asked $change "$one/$mine" "$work/body.json"
    echo "gcx-comment: comment $mine is written anew"
else
    asked POST "$list" "$work/body.json"
    echo "gcx-comment: comment $(jq -r '.id' "$work/answer") is new"
fi
finish
