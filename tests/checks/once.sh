#!/bin/sh
# Fails where a source is compiled more than once for what is installed: who shares it links a library (noinst_LTLIBRARIES).
# A test or fuzzer may compile one anew, to reach what the library hides. Two libraries are others for a reason:
# libgcx-plugin.a is installed, for programs that are no shared objects; libvm-checked and libvm-plain have other macros.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
# Each program and library has its objects in a list of Makefile.in: a rule stands there only where flags are its own. What
# units have stands in them.
awk '
FILENAME != "Makefile.in" { if (/^#include/ && included[$2]++) { print $2 ": included by two units"; bad = 1 }; next }
/^@UNITS_TRUE@/ { within = 0; next }
/^(@[A-Z_0-9]+@)*am_[^ ]+_OBJECTS *=|^(@[A-Z_0-9]+@)*am__objects_[0-9]+ *=/ { within = 1; sub(/^[^=]*=/, "") }
!within { next }
{
    for (i = 1; i <= NF; i++) {
        object = $i; sub(/\.(lo|o|\$\(OBJEXT\))$/, "", object)
        if (object == $i) continue
        all++
        if (object !~ /^(base|vm|runtime|compiler)\// || object ~ /\/(libgcx_plugin_a|libvm_checked_la|libvm_plain_la|tests_[^\/]*)-[^\/]*$/) continue
        source = object; name = object
        sub(/.*\//, "", name); sub(/[^\/]*$/, "", source); sub(/^[^-]*-/, "", name); source = source name ".c"
        objects[source] = objects[source] " " object
        if (++count[source] > 1) twice[source]
    }
    within = /\\$/
}
END {
    for (source in twice) { print source ": compiled as" objects[source]; bad = 1 }
    if (all < 1000) { print "once: " all + 0 " objects only were read in Makefile.in"; bad = 1 }
    if (!bad) print "once: no source is compiled twice for what is installed"
    exit bad
}' Makefile.in units/*/*.c
