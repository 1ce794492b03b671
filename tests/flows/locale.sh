#!/bin/bash
# tests/flows/locale.sh - The site's `default locale` goes with the treatments over the wire, to who looks the prompts up;
# until the strategy has written another. The play's own expectations hold as under the virtual clock.
. "$top_srcdir/tests/flows/enterprise_common.sh"
mkdir -p "$flow"
cp "$enterprise"/*.gcx "$enterprise"/*.sql "$flow" || die "cannot copy the strategy"
sed -i 's/skill English/default locale "fr-CA";\n    &/' "$flow/site.gcx"
cat >"$flow/locale.gcx" <<'PLAY'
strategy speaks on voice {
    ivr.play(prompt language) else {};
    locale = "nl-BE";
    ivr.play(prompt account_number) else {};
    stop locale;
}
test "in two languages" {
    call speaks from "+33145550101" to "1800";
    expect locale == "nl-BE";
    expect stopped "nl-BE";
}
PLAY
"$gcxc" test "$flow/locale.gcx" >"$dir/virtual" || { say_failed "gcxc test"; cat "$dir/virtual"; }
image=$dir/flow.gcxb
"$gcxc" build "$flow/locale.gcx" -o "$image" || die "gcxc build"
begin "in two languages"
played
await simulated 'ApplyTreatment .*prompt=language .*language=fr-CA' || say_failed "the site's locale did not go with the treatment"
await simulated 'ApplyTreatment .*prompt=account_number .*language=nl-BE' || say_failed "the written locale did not"
await simulated 'ApplyTreatment .*prompt=account_number .*site_language=fr-CA' || say_failed "nor the site's, behind it"
simulated 'ApplyTreatment .*prompt=language .*site_language=' && say_failed "the site's locale was said twice"
await simulated 'ClearCall why=nl-BE' || say_failed "the word with which it stops did not cross"
stop
finish
