## runtime/adapters/work: the plugin by which applications submit work and faxes.
pkglib_LTLIBRARIES += work.la
work_la_FILES = runtime/adapters/work/plugin.c runtime/adapters/work/work.h runtime/adapters/work/application.c \
	runtime/adapters/work/setting.c runtime/adapters/work/setting.h runtime/adapters/work/settings.def
work_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS)
## GLib keeps its types for ever: the code stays.
work_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
work_la_LIBADD = libsubmits.la libjsonkv.la libweb.la libworker.la libnet.la libvocabulary.la libvm.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

SCRIPT_TESTS += tests/flows/medium_gone.sh
