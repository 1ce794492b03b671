## runtime/adapters/domains: the plugin that hands interactions over to other domains, and takes theirs.
pkglib_LTLIBRARIES += domains.la
domains_la_FILES = runtime/adapters/domains/plugin.c runtime/adapters/domains/passing.h runtime/adapters/domains/way.c \
	runtime/adapters/domains/lent.c runtime/adapters/domains/work.c runtime/adapters/domains/setting.c runtime/adapters/domains/setting.h \
	runtime/adapters/domains/settings.def
domains_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS)
## GLib keeps its types for ever: the code stays.
domains_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
domains_la_LIBADD = libsubmits.la libdomains.la libsql.la libworker.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GLIB_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

