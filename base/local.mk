## base: what every room uses and nobody owns: errors, memory, texts, files, command lines. Each program and plugin
## links it once.
noinst_LTLIBRARIES += libbase.la
libbase_la_FILES = \
	base/arena.c base/arena.h base/aways.c base/aways.h base/certificate.h base/child.c base/child.h base/csv.c base/csv.h base/dumps.c base/dumps.h base/error.c base/error.h base/file.c \
	base/file.h base/head.c base/head.h base/inside.c base/inside.h base/letters.c base/letters.def base/letters.h base/memory.c base/memory.h base/near.c base/near.h base/out.c base/out.h \
	base/piped.c base/piped.h base/regex.c base/regex.h base/regex_read.c base/regex_tree.h base/shown.c base/shown.h \
	base/span.c base/span.h base/usage.c base/usage.h base/usage_rows.h base/utf8.c base/utf8.h base/why.c base/why.h \
	base/written.c base/written.h base/zone.c base/zone.h
