## compiler/lsp: what an editor asks, over the Language Server Protocol. Includes compiler, vm.
noinst_LTLIBRARIES += liblsp.la
liblsp_la_CPPFLAGS = $(AM_CPPFLAGS) -DSTDLIB_FOLDER='"$(pkgdatadir)/stdlib"'
liblsp_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)

SCRIPT_TESTS += tests/language/lsp.sh tests/language/lsp_asked.sh
PLAIN_TESTS += tests/language/nvim.sh tests/language/ale.sh tests/language/vscode.sh
EXTRA_DIST += editors/README.md editors/vscode
