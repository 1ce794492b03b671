## runtime/adapters/sms: the plugin that receives and sends short messages.
noinst_LTLIBRARIES += libsms.la
libsms_la_SOURCES = \
	runtime/adapters/sms/alphabet.c runtime/adapters/sms/alphabet.h runtime/adapters/sms/alphabet.def \
	runtime/adapters/sms/parts.c runtime/adapters/sms/parts.h \
	runtime/adapters/sms/pdu.c runtime/adapters/sms/pdu.h runtime/adapters/sms/commands.def \
	runtime/adapters/sms/receipt.c runtime/adapters/sms/receipt.h runtime/adapters/sms/receipt_states.def \
	runtime/adapters/sms/words.c runtime/adapters/sms/words.h runtime/adapters/sms/words.def
libsms_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS)
SMS_LIBS = libsms.la libworker.la libstore.la liblists.la libnet.la libvocabulary.la libvm.la \
	$(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) $(PQ_LIBS) $(SODIUM_LIBS) $(TLS_LIBS) $(EVENT_LIBS)
SMS_TEST_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(EVENT_CFLAGS)

UNIT_TESTS += tests/unit/sms_pdu
tests_unit_sms_pdu_SOURCES = tests/unit/sms_pdu.c
tests_unit_sms_pdu_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_sms_pdu_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/sms_text
tests_unit_sms_text_SOURCES = tests/unit/sms_text.c
tests_unit_sms_text_CFLAGS = $(SMS_TEST_CFLAGS)
tests_unit_sms_text_LDADD = $(SMS_LIBS) $(CRITERION_LIBS)
