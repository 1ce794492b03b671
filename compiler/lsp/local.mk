## compiler/lsp: what an editor asks, over the Language Server Protocol. Includes compiler, vm.
noinst_LTLIBRARIES += liblsp.la
liblsp_la_SOURCES = compiler/lsp/actions.c compiler/lsp/analysis.c compiler/lsp/analysis.h \
	compiler/lsp/complete.c compiler/lsp/documents.c compiler/lsp/documents.h compiler/lsp/frame.c compiler/lsp/frame.h \
	compiler/lsp/hover.c compiler/lsp/before.c compiler/lsp/before.h compiler/lsp/body.c compiler/lsp/body.h compiler/lsp/navigate.c compiler/lsp/symbols.c compiler/lsp/tell.c compiler/lsp/tell.h \
	compiler/lsp/play.c compiler/lsp/play.h \
	compiler/lsp/place.c compiler/lsp/place.h compiler/lsp/publish.c compiler/lsp/server.c compiler/lsp/server.h \
	compiler/lsp/shelf.c compiler/lsp/shelf.h compiler/lsp/signature.c \
	compiler/lsp/words.c compiler/lsp/words.h
liblsp_la_CPPFLAGS = $(AM_CPPFLAGS) -DSTDLIB_FOLDER='"$(pkgdatadir)/stdlib"'
liblsp_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)

SCRIPT_TESTS += tests/language/lsp.sh
PLAIN_TESTS += tests/language/nvim.sh tests/language/ale.sh tests/language/vscode.sh
EXTRA_DIST += editors/vscode
