#!/bin/bash
# tests/flows/consult_wire.sh - Consultations, their transfer, and a strategy that follows: under the virtual clock and
# over the wire, with a real gcxvm and its T-Server. Both players must agree.
. "$top_srcdir/tests/flows/enterprise_common.sh"

enterprise=$dir/site; mkdir "$enterprise"
cp "$top_srcdir/tests/flows/consult_acts.gcx" "$enterprise/site.gcx"
cp "$top_srcdir/strategies/enterprise/customers.sql" "$enterprise"
build_flow "$enterprise/site.gcx"
virtual=0; "$gcxc" test --site "$flow/site.gcx" "$flow/site.gcx" >"$dir/virtual" 2>&1 || virtual=1
[ $virtual = 0 ] || { say_failed "gcxc test"; cat "$dir/virtual"; }
for test in 'a survey once the agent has left' 'an agent transfers while an expert is looked for' \
    'the customer is gone before an expert is found'; do
    begin "$test"
    played && echo "$test: passed over the wire"
    case $test in
    'a survey'*) logged 'op=pull_back dn=7001 to=1800' || say_failed "the call was not pulled back" ;;
    'an agent transfers'*) logged 'EventPartyChanged' || say_failed "no party has changed" ;;
    esac
    stop
done
finish
