#!/bin/sh
# tests/flows/ci_comment.sh - examples/ci/gcx-comment.sh comments on requests of GitHub and of GitLab: a server on loopback
# keeps comments as both hosts do. The comment of an earlier run is written anew, on whichever page it stands; that of
# somebody else never, though it has the same mark. Without a token, or with one that may not write, it says so.
. "$top_srcdir/tests/flows/daemon_common.sh"
for program in python3 curl jq; do command -v "$program" >/dev/null || { echo "$program is not installed"; cleanup 77; }; done
script=$(cd "$top_srcdir" && pwd)/examples/ci/gcx-comment.sh

python3 - "$dir" <<'PY' &
import http.server, json, os, re, sys
dir = sys.argv[1]
comments = {}  # by the path of their list: rows of id, body, author
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, value):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def who(self):
        token = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization", "")[len("Bearer "):]
        return {"good": "robot", "run": "github-actions[bot]", "reader": "reader"}.get(token)
    def row(self, lab, one):
        author = {"username": one["author"]} if lab else {"login": one["author"]}
        return {"id": one["id"], "body": one["body"], "author" if lab else "user": author}
    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        path, _, query = self.path.partition("?")
        who, lab = self.who(), path.startswith("/lab/")
        with open(dir + "/asked", "a") as out:
            out.write(f"{self.command} {self.path}\n")
        if not who:
            return self.answer(401, {"message": "Bad credentials"})
        if path.endswith("/user"):
            return self.answer(403 if who.endswith("[bot]") else 200, {"username": who} if lab else {"login": who})
        listed = re.sub(r"/issues/comments/\d+$", "/issues/7/comments", path)
        listed = re.sub(r"/notes/\d+$", "/notes", listed)
        rows = comments.setdefault(listed, [])
        if self.command == "GET":
            page = int(re.search(r"[?&]page=(\d+)", "?" + query).group(1))
            return self.answer(200, [self.row(lab, one) for one in rows[100 * page - 100 : 100 * page]])
        if who == "reader":
            return self.answer(403, {"message": "Resource not accessible"})
        if len(body["body"]) > 65536:
            return self.answer(422, {"message": "body is too long"})
        if self.command == "POST":
            rows.append({"id": 1000 + len(rows), "body": body["body"], "author": self.headers.get("X-As") or who})
            return self.answer(201, self.row(lab, rows[-1]))
        if self.command != ("PUT" if lab else "PATCH"):
            return self.answer(405, {"message": "another method"})
        one = next(row for row in rows if path.endswith("/" + str(row["id"])))
        one["body"] = body["body"]
        one["written"] = one.get("written", 0) + 1
        with open(dir + "/written", "a") as out:
            out.write(f"{one['id']} {one['author']}\n")
        return self.answer(200, self.row(lab, one))
    do_GET = do_POST = do_PATCH = do_PUT = serve
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(dir + "/port.new", "w") as out:
    out.write(str(server.server_port))
os.rename(dir + "/port.new", dir + "/port")
server.serve_forever()
PY
server=$!
also_end() { kill "$server" 2>/dev/null; }
await test -s "$dir/port"
url=http://127.0.0.1:$(cat "$dir/port")

mkdir "$dir/bin" "$dir/old" "$dir/new" || cleanup 1
ln -s "$(cd "$top_builddir" && pwd)/gcxc" "$dir/bin/gcxc"
cat >"$dir/old/site.gcx" <<'GCX'
site { default timeout 10m; skill Sales; vq service; queue desk; prompt hello; }
strategy calls on voice {
    ivr.play(prompt hello);
    let who = select in vq service { skill Sales >= 1; } timeout 3m else goto desk;
    route who else goto desk;
    desk: route queue desk;
}
test "@all <b>reach</b> the desk" { call calls from "1" to "2"; expect routed to queue desk; }
GCX
sed 's/timeout 3m/timeout 2m/' "$dir/old/site.gcx" >"$dir/new/site.gcx"
# The door to yesterday: what it is asked, and an answer.
cat >"$dir/bin/gcxtwin" <<'SH'
#!/bin/sh
[ "$1 $2 $4" = 'what-if --config --state' ] && [ -s "$6" ] || exit 2
printf '%s\n' "3 of 100 <differ> of $5 by $3" 'routes to "+4930123456"' \
    '      present    a.gcx:7  SendMessage to=eva@example.com text=debt of 400; after the condition at a.gcx:4' 'Examples:' '  1-000000000000000a' '    gcxdb replay' '' 'waits p50 2.0 s'
exit 1
SH
chmod +x "$dir/bin/gcxtwin"

# comment STATUS VARIABLE=VALUE...: the script in an environment of these alone.
comment() {
    wanted=$1
    shift
    env -i PATH="$dir/bin:$PATH" TMPDIR="$dir" ASAN_OPTIONS=detect_leaks=0 LC_ALL=C.UTF-8 "$@" \
        "$script" ${print-} "$dir/old" "$dir/new" >"$dir/said" 2>&1
    got=$?
    [ $got -eq "$wanted" ] || { say_failed "it ended with $got, not $wanted: $*"; cat "$dir/said"; }
}
# says TEXT...: the last output has each of them.
says() { for text; do grep -qF -e "$text" "$dir/said" || { say_failed "it does not say: $text"; cat "$dir/said"; }; done; }
hub() { status=$1; shift; comment "$status" GITHUB_API_URL="$url" GITHUB_REPOSITORY=o/r GCX_REQUEST=7 "$@"; }
lab() { status=$1; shift; comment "$status" CI_API_V4_URL="$url/lab" CI_PROJECT_ID=5 CI_MERGE_REQUEST_IID=9 "$@"; }
comments() { curl -s --noproxy '*' -H 'Authorization: Bearer good' "$url$1?page=${2-1}" >"$dir/listed"; }
post() { curl -s --noproxy '*' -H 'Authorization: Bearer good' -H "X-As: $1" -d "$2" "$url$3" >/dev/null; }

print=--print
comment 0 GCX_JOURNAL=/journal GCX_CONF=/site.conf
says '<!-- gcx-comment: strategies -->' 'timeout 2m' '**touched**' '- tests: 1 passed, 0 failed' '- lint: 2 findings' \
    '&#64;all &lt;b&gt;' '3 of 100 &lt;differ&gt; of /journal by /site.conf' 'Something else in some cases.' 'routes to "(number)"' 'waits p50 2.0 s' \
    'present    a.gcx:7  SendMessage; after the condition at a.gcx:4' 'Values are left out'
print=
grep -q 'eva@\|debt\|4930123456\|1-000000000000000a' "$dir/said" && say_failed "a caller's number, or call, is in the comment"
grep -qF '@all' "$dir/said" && say_failed 'somebody is called by @'
[ "$(grep -c '<details>' "$dir/said")" -eq "$(grep -c '</details>' "$dir/said")" ] || say_failed 'a fold is not closed'

hub 2
says 'GCX_TOKEN is not set'
hub 2 GCX_TOKEN=wrong
says '401' 'Bad credentials'
hub 2 GCX_TOKEN=reader
says '403: the token may not do that: Resource not accessible'
comment 2 GCX_TOKEN=good
says 'neither GITHUB_API_URL nor CI_API_V4_URL'
comment 2 GITHUB_API_URL="$url" GCX_TOKEN=good GCX_REQUEST=../8
says 'not the number of a request'
comment 2 GITHUB_API_URL=http://127.0.0.1:1 GCX_TOKEN=good GCX_REQUEST=7
says 'no answer'
hub 2 GCX_TOKEN=good GCX_NAME='--> x'
[ ! -e "$dir/written" ] || say_failed 'a comment was written without leave'

# Somebody else's comment has the same mark, and more than a page of others stands before our own.
list=/repos/o/r/issues/7/comments
post mallory '{"body": "<!-- gcx-comment: strategies -->\nmine"}' $list
for n in $(seq 1 101); do echo "url = \"$url$list\""; echo 'data = "{\"body\": \"talk\"}"'; echo 'header = "Authorization: Bearer good"'; echo next; done |
    sed '$d' | curl -s --noproxy '*' -K - >/dev/null
hub 0 GCX_TOKEN=good
says 'comment 1102 is new'
hub 0 GCX_TOKEN=good
says 'comment 1102 is written anew'
hub 0 GCX_TOKEN=run
says 'is new'
hub 0 GCX_TOKEN=run
says 'comment 1103 is written anew'
hub 0 GCX_TOKEN=good GCX_NAME=other
says 'comment 1104 is new'
comments $list 2
jq -e '[.[] | select(.body | startswith("<!-- gcx-comment: "))] | length == 3' "$dir/listed" >/dev/null || say_failed 'other comments than three'
grep -q mallory "$dir/written" && say_failed "somebody else's comment was written anew"

lab 0 GCX_TOKEN=good
says 'comment 1000 is new'
lab 0 GCX_TOKEN=good
says 'comment 1000 is written anew'
grep -q '^PUT /lab/projects/5/merge_requests/9/notes/1000$' "$dir/asked" || say_failed "GitLab's way of changing a note"

# A change too large for a comment is told in short; tests that fail are told, and end it so.
{ grep -v '^}' "$dir/old/site.gcx" | sed '/^test/d'; } >"$dir/head"
for n in $(seq 1 150); do printf 'strategy s_%s_%0100d on chat { chat.send("%s"); route queue desk; }\n' "$n" 0 "$n"; done >"$dir/many"
sed 's/send("/send("other /' "$dir/many" >"$dir/others"
cp "$dir/new/site.gcx" "$dir/kept"
cp "$dir/old/site.gcx" "$dir/kept_old"
cat "$dir/many" >>"$dir/old/site.gcx"
cat "$dir/others" >>"$dir/new/site.gcx"
lab 0 GCX_TOKEN=good
comments /lab/projects/5/merge_requests/9/notes
jq -e '.[0].body | length < 65000 and (test("too long")) and startswith("<!-- gcx-comment: strategies -->")' "$dir/listed" >/dev/null ||
    say_failed 'a long comment'
mv "$dir/kept_old" "$dir/old/site.gcx"
sed 's/expect routed to queue desk/expect stopped "never"/' "$dir/kept" >"$dir/new/site.gcx"
lab 1 GCX_TOKEN=good
comments /lab/projects/5/merge_requests/9/notes
jq -e '.[0].body | test("the tests do not pass")' "$dir/listed" >/dev/null || say_failed 'tests that fail'
echo 'strategy broken' >"$dir/new/site.gcx"
lab 1 GCX_TOKEN=good
comments /lab/projects/5/merge_requests/9/notes
jq -e '.[0].body | test("cannot be compared")' "$dir/listed" >/dev/null || say_failed 'a version that is not right'
[ ! -x "$top_builddir/gcxtwin" ] || "$top_builddir/gcxtwin" what-if --help | grep -q -e --state || say_failed 'gcxtwin has no --state'
ls -d "$dir"/tmp.* 2>/dev/null && say_failed 'something is left behind'

echo "$failures failures"
cleanup $((failures > 0))
