#!/bin/sh
# Fails where `make install` puts down other files than tests/checks/install.list names, or `make uninstall` leaves one.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that runs this
dir=$(mktemp -d "${TMPDIR:-/tmp}/gcx-install-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
# Everything below one prefix, wherever this build would put it.
run() {
    make -s --no-print-directory -C "$top_builddir" DESTDIR="$dir/root" prefix=/p exec_prefix=/p bindir=/p/bin \
        sbindir=/p/sbin libdir=/p/lib includedir=/p/include datarootdir=/p/share datadir=/p/share mandir=/p/share/man \
        docdir=/p/share/doc/gcx sysconfdir=/p/etc localstatedir=/p/var "$1" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
}
run install
(cd "$dir/root/p" && find . -type f -o -type l) | sed 's,^\./,,' | LC_ALL=C sort >"$dir/there"
LC_ALL=C sort "$top_srcdir/tests/checks/install.list" | sed '/^#/d; /^$/d' | LC_ALL=C sort >"$dir/wanted"
# The plugin sip is left out where configure was told so, and nowhere else.
grep -qF 'S["WITH_SIP_TRUE"]="#"' "$top_builddir/config.status" && sed -i '/^lib.gcx.sip\./d' "$dir/wanted"
status=0
diff -u "$dir/wanted" "$dir/there" >"$dir/diff" ||
    { echo "install: other files than tests/checks/install.list names (-: missing, +: not named)"; grep '^[-+][^-+]' "$dir/diff"; status=1; }
run uninstall
left=$(cd "$dir/root" && find . -type f -o -type l)
[ -z "$left" ] || { echo "install: make uninstall leaves"; echo "$left"; status=1; }
[ $status = 0 ] && echo "install: $(wc -l <"$dir/wanted") files"
exit $status
