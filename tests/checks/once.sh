#!/bin/sh
# Fails where a source is compiled more than once for what is installed: who shares it links a library (noinst_LTLIBRARIES).
# A test or fuzzer may compile one anew, to reach what the library hides. Two libraries are others for a reason:
# libgcx-plugin.a is installed, for programs that are no shared objects; libvm-checked and libvm-plain have other macros.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
awk '
/^(base|vm|runtime|compiler)\/[^ \t#]*\.l?o: [^ ]+\.c$/ {
    object = $1; sub(/:$/, "", object); all++
    if (object ~ /\/(libgcx_plugin_a|libvm_checked_la|libvm_plain_la|tests_[^\/]*)-[^\/]*$/) next
    objects[$2] = objects[$2] " " object
    if (++count[$2] > 1) twice[$2]
}
END {
    for (source in twice) { print source ": compiled as" objects[source]; bad = 1 }
    if (all < 1000) { print "once: " all + 0 " rules for objects only were read in Makefile.in"; bad = 1 }
    if (!bad) print "once: no source is compiled twice for what is installed"
    exit bad
}' Makefile.in
