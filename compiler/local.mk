## compiler: from source text to an image. Includes vm/ only.
noinst_LTLIBRARIES += libcompiler.la
libcompiler_la_SOURCES = \
	compiler/arena.c compiler/arena.h \
	compiler/ast.c compiler/ast.h compiler/ast.def \
	compiler/compiler.h \
	compiler/diag.c compiler/diag.h compiler/diag.def \
	compiler/program.h \
	compiler/source.c compiler/source.h \
	compiler/sql.h
libcompiler_la_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
libcompiler_la_LIBADD = $(JANSSON_LIBS) $(SQLITE_LIBS)
