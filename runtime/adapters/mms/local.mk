## runtime/adapters/mms: the plugin that receives multimedia messages.
noinst_LTLIBRARIES += libmms.la
libmms_la_FILES = runtime/adapters/mms/limits.def runtime/adapters/mms/mms.h \
	runtime/adapters/mms/content.c runtime/adapters/mms/content.h \
	runtime/adapters/mms/gate.c runtime/adapters/mms/hook.c runtime/adapters/mms/job.c runtime/adapters/mms/keep.c runtime/adapters/mms/take.c \
	runtime/adapters/mms/mended.c runtime/adapters/mms/mended.h \
	runtime/adapters/mms/message.c runtime/adapters/mms/message.h \
	runtime/adapters/mms/mm7.c runtime/adapters/mms/mm7.h \
	runtime/adapters/mms/setting.c runtime/adapters/mms/setting.h runtime/adapters/mms/settings.def \
	runtime/adapters/mms/smil.c runtime/adapters/mms/smil.h
libmms_la_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(TLS_CFLAGS)
libmms_la_LIBADD = libxml.la
MMS_LIBS = libmms.la libpost.la libmail.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libvm.la libbase.la \
	$(GMIME_LIBS) $(EXPAT_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

pkglib_LTLIBRARIES += mms.la
mms_la_SOURCES = runtime/adapters/mms/plugin.c
mms_la_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
## GLib keeps its types for ever: the code stays.
mms_la_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,nodelete -module -avoid-version -shared -export-symbols-regex '^gcx_adapter$$'
mms_la_LIBADD = libmms.la libpost.la libmail.la libweb.la libworker.la libstore.la liblistsbare.la libnet.la libvocabulary.la libbase.la \
	$(GMIME_LIBS) $(EXPAT_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/mms_xml tests/unit/mms_message
tests_unit_mms_xml_SOURCES = tests/unit/mms_xml.c
tests_unit_mms_xml_CFLAGS = $(UNIT_CFLAGS) $(GMIME_CFLAGS)
tests_unit_mms_xml_LDADD = $(MMS_LIBS) $(CRITERION_LIBS)
tests_unit_mms_message_SOURCES = tests/unit/mms_message.c
tests_unit_mms_message_CFLAGS = $(UNIT_CFLAGS) $(GMIME_CFLAGS)
tests_unit_mms_message_LDADD = $(MMS_LIBS) $(CRITERION_LIBS)

SCRIPT_TESTS += tests/flows/mms_wire.sh tests/flows/mms_kills.sh tests/flows/mms_postfix.sh
PLAIN_TESTS += tests/flows/mms_page.sh
