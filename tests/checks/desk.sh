#!/bin/sh
# Fails where the keys of the desk's page and those of gcx-desk(8) differ, where page and programs know other letters, and where a button of the desk or the console stands in no row of
# desk_acts.list, which says of each what a wrong press costs.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
web=runtime/adapters/desk/web shared=runtime/web/pages dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

# A key is a line: its name, what it does, where.
sed -n '/^export const KEYS = \[/,/^\];/s/^    \["\([^"]*\)", "[^"]*", "\([^"]*\)", "\([^"]*\)"\],$/\1|\2|\3/p' "$web/keys.js" >"$dir/page"
awk '
function tell() { if (key != "") { sub(/\.$/, "", text); print key "|" text "|" where }; key = "" }
/^\.Ss The keyboard/ { on = 1 }
!on || over { next }
/^\.El/ { tell(); over = 1; next }
/^\.It Li / { tell(); key = $0; sub(/^\.It Li /, "", key); sub(/^\\&/, "", key); sub(/ No to Li /, " to ", key); text = ""; where = "everywhere"; next }
/^\.Pq / { where = $0; sub(/^\.Pq /, "", where); sub(/ \.$/, "", where); next }
key != "" { text = text (text == "" ? "" : " ") $0 }' man/gcx-desk.8.in >"$dir/manual"
[ "$(wc -l <"$dir/page")" -ge 10 ] || { echo "desk: no table of keys was found in $web/keys.js"; status=1; }
diff "$dir/page" "$dir/manual" >"$dir/differ" || { echo "desk: keys.js (<) and gcx-desk(8) (>) tell other keys:"; cat "$dir/differ"; status=1; }

letters=$(sed -n 's/^LETTER("\(.*\)", ".*", "\(.*\)")$/\1: "\2"/p' base/letters.def | paste -sd, | sed 's/,/, /g')
grep -qF "const LETTERS = { $letters };" "$shared/words.js" || { echo "desk: words.js has other letters than base/letters.def: $letters"; status=1; }

# A button is known by the words of the program that say its text: "Accept", or what chooses between two.
sed -E 's/\bt\(("[^"]*")(, \{[^{}]*\})?\)/\1/g' "$web"/*.js "$shared"/*.js runtime/console/pages/*.js |
    grep -ohE '\b(button|does|towards|give|submit)\((\([^)]*\)|[^,()])+,|type: "submit"[^}]*\}, [^)]*\)|\["[A-Z][^"]*", \(\) =>' |
    sed -E 's/^type: "submit".*\}, (.*)\)$/\1/; s/^[a-z]+\((.*),$/\1/; s/^\[(.*), \(\) =>$/\1/' | grep '[A-Z"×?]' | grep -v '^"[a-z"]' | LC_ALL=C sort -u >"$dir/buttons"
sed '/^#/d; s/^[a-z]* *//' tests/checks/desk_acts.list | LC_ALL=C sort -u >"$dir/known"
grep -vE '^(#.*|(harmless|asks|undo|sends) +.*)$' tests/checks/desk_acts.list && { echo "desk: a row of desk_acts.list begins with harmless, asks, undo or sends"; status=1; }
LC_ALL=C comm -23 "$dir/buttons" "$dir/known" >"$dir/new"
LC_ALL=C comm -13 "$dir/buttons" "$dir/known" >"$dir/gone"
[ ! -s "$dir/new" ] || { echo "desk: buttons without a row in tests/checks/desk_acts.list:"; cat "$dir/new"; status=1; }
[ ! -s "$dir/gone" ] || { echo "desk: rows of desk_acts.list of which the page has no button:"; cat "$dir/gone"; status=1; }

# Every act of an agent is played through kills, or a reason says why not.
! command -v python3 >/dev/null || python3 - tests/promises/desk_kills.list <<'EOF' || status=1
import collections, json, re, sys
api, rows = json.load(open("runtime/adapters/desk/openapi.json")), {}
for line in open(sys.argv[1]):
    if not line.startswith("#"):
        how, act, *why = line.split()
        rows[act] = how in ("killed", "aside") and bool(why)
with open("tests/flows/desk_roles.list") as table:
    lines = [line.split() for line in table if not line.startswith("#")]
roles = {name: dict(zip(("nobody", "agent", "designer", "leader", "rival"), row, strict=True)) for name, *row in lines}
said = api["x-websocket"]["client"]
acts = {f"{type}.{value}" for type, one in said.items() for key in ("how", "op") for value in one["properties"].get(key, {}).get("enum", ())}
acts |= {type for type, one in said.items() if not {"how", "op"} & set(one["properties"])}
done = {one["operationId"] for path in api["paths"].values() for method, one in path.items() if method in ("post", "put", "delete", "patch")}
acts |= {f"{name}.http" if name in said else name for name in done}
wrong = [f"the act {act} has no row in {sys.argv[1]}: say what is true after a kill amid it (and play it in desk_kills.py), or why it is not played" for act in sorted(acts - rows.keys())]
wrong += [f"{sys.argv[1]}: {act} is no act of openapi.json" for act in sorted(rows.keys() - acts) if act.rsplit(".", 1)[0] not in acts]
wrong += [f"{sys.argv[1]}: the row of {act} is killed or aside, an act, and what or why" for act, whole in rows.items() if not whole]
for path in api["paths"].values():
    for row in path.values():
        name, role = row["operationId"], row.get("x-role")
        cells = roles.pop(name, None)
        wrong += [f"{name} has no row in desk_roles.list: say who may do it"] if not cells else []
        wrong += [f"desk_roles.list: {name} is for the role {role}"] if cells and role and cells["agent"] != "403" else []
        wrong += [f"desk_roles.list: {name}: {cell} is none of ok, 401, 403" for cell in (cells or {}).values() if cell not in ("ok", "401", "403")]
with open("runtime/daemon/protocol/commands.def") as table:
    commands = set(re.findall(r'^COMMAND\(\w+, "([^"]+)", \w+, (?:ACT|READ)', table.read(), re.M))
for path in api["paths"].values():
    for method, row in path.items():
        told, name = row.get("x-gcxctl", ""), row["operationId"]
        if method == "get":
            wrong += [f"openapi.json: {name} changes nothing, and has x-gcxctl"] if told else []
        elif not re.fullmatch(r"none: [a-z`].{9,}", told) and not (told and set(told.split(", ")) <= commands):
            wrong.append(f"openapi.json: x-gcxctl of {name}: say by which commands of gcxctl it is done (commands.def), or `none: ` and why")
wrong += [f"desk_roles.list: {name} has two rows" for name, count in collections.Counter(row[0] for row in lines).items() if count > 1]
wrong += [f"desk_roles.list: {name} is no operation of openapi.json" for name in roles]
print(*(f"desk: {one}" for one in wrong), sep="\n", end="\n" if wrong else "")
sys.exit(bool(wrong))
EOF
[ "$status" = 0 ] && echo "desk: $(wc -l <"$dir/page") keys as the manual has them, $(wc -l <"$dir/buttons") buttons that are known"
exit "$status"
