#!/bin/sh
# Fails where dpkg-buildpackage does not make the packages out of what git has, or lintian finds fault with them.
# The tests that a packager's build runs are left out: the plain build has run them all. The compiler optimises nothing
# and writes few debugging data, which takes half of the time; nobody keeps the packages, so they are compressed little.
# Skipped where the tools for it are not installed. `quickstart check` runs it once, beside its tests, since it takes minutes.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs this
for tool in dpkg-buildpackage dh lintian git; do
    command -v $tool >/dev/null || { echo "debian: $tool is not installed"; exit 77; }
done
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
[ -e "$top_srcdir/.git" ] || { echo "debian: no git checkout"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-debian-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/gcx" && (cd "$top_srcdir" && git -c safe.directory='*' ls-files -z | tar -c --exclude=.ci --null -T - -f -) |
    tar -x -C "$dir/gcx" || exit 1
# Compiled and linked with the same words as by libtool, without reading it a thousand times.
export MAKEFLAGS="LIBTOOL=$dir/gcx/tests/quick/libtool.sh" DPKG_DEB_COMPRESSOR_TYPE=gzip DPKG_DEB_COMPRESSOR_LEVEL=1
cd "$dir/gcx" && DEB_BUILD_OPTIONS='nocheck noopt' DEB_BUILD_PROFILES=nocheck DEB_CFLAGS_APPEND=-g1 dpkg-buildpackage -us -uc -b >"$dir/log" 2>&1 || { tail -n 40 "$dir/log"; exit 1; }
lintian --allow-root --fail-on error,warning "$dir"/gcx-routing_*.changes >"$dir/lintian" 2>&1 || { cat "$dir/lintian"; exit 1; }
echo "debian: $(cd "$dir" && ls ./*.deb | tr '\n' ' ')"
