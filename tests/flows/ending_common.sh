# tests/flows/ending_common.sh - How the scripts of daemon_common.sh and enterprise_common.sh end: 77 is a skip, another
# end without a verdict a failure; either way what was started is ended. A script that sources this has `cleanup CODE`, which
# calls also_end; a script that starts more than its common file knows of defines also_end anew.
also_end() { :; }
end_without_verdict() { [ "$1" = 77 ] || set -- 1; cleanup "$1"; }
watch_end() { trap 'end_without_verdict $?' EXIT; trap 'cleanup 1' INT TERM; }
