## runtime/vocabulary: the tables of events and effects, and their codec.
noinst_LTLIBRARIES += libvocabulary.la
libvocabulary_la_FILES = runtime/vocabulary/vocabulary.h runtime/vocabulary/vocabulary.c \
	runtime/vocabulary/state_files.def runtime/vocabulary/state_files.h runtime/vocabulary/state_files.c \
	runtime/vocabulary/sealed.h runtime/vocabulary/sealed.c \
	runtime/vocabulary/rows.h runtime/vocabulary/bytes.h runtime/vocabulary/bytes.c \
	runtime/vocabulary/kv.h runtime/vocabulary/kv.c runtime/vocabulary/found.h runtime/vocabulary/moment.h \
	runtime/vocabulary/message.h runtime/vocabulary/message.c \
	runtime/vocabulary/hidden.h runtime/vocabulary/hidden.c \
	runtime/vocabulary/compared.h runtime/vocabulary/compared.c runtime/vocabulary/compared.def \
	runtime/vocabulary/authority.h runtime/vocabulary/authority.c runtime/vocabulary/authority.def \
	runtime/vocabulary/writer.c runtime/vocabulary/print.c \
	runtime/vocabulary/campaign_results.def runtime/vocabulary/target.h runtime/vocabulary/target_fault.h \
	runtime/vocabulary/person.h runtime/vocabulary/person.c runtime/vocabulary/ident.h runtime/vocabulary/ident.c \
	runtime/vocabulary/enums.def runtime/vocabulary/envelope.def runtime/vocabulary/events.def \
	runtime/vocabulary/events_link.def runtime/vocabulary/events_host.def runtime/vocabulary/events_call.def runtime/vocabulary/events_agent.def runtime/vocabulary/events_work.def runtime/vocabulary/events_site.def \
	runtime/vocabulary/events_link.h runtime/vocabulary/events_host.h runtime/vocabulary/events_call.h runtime/vocabulary/events_agent.h runtime/vocabulary/events_work.h runtime/vocabulary/events_site.h runtime/vocabulary/controls.h runtime/vocabulary/message_names.def \
	runtime/vocabulary/effects_link.h runtime/vocabulary/effects_call.h runtime/vocabulary/effects_work.h runtime/vocabulary/effects_list.h runtime/vocabulary/effects_host.h \
	runtime/vocabulary/effects_link.def runtime/vocabulary/effects_call.def runtime/vocabulary/effects_work.def runtime/vocabulary/effects_list.def runtime/vocabulary/effects_host.def \
	runtime/vocabulary/effects.def runtime/vocabulary/controls.def runtime/vocabulary/records.def \
	runtime/vocabulary/contract.def runtime/vocabulary/contract.h runtime/vocabulary/contract.c runtime/vocabulary/denied.h runtime/vocabulary/denied.c runtime/vocabulary/media.def runtime/vocabulary/outcomes.def runtime/vocabulary/own_media.def runtime/vocabulary/media.h runtime/vocabulary/media.c runtime/vocabulary/dialled.h runtime/vocabulary/draft.h runtime/vocabulary/wrap_up.h runtime/vocabulary/refused_numbers.def runtime/vocabulary/semantics.h runtime/vocabulary/reserved.def runtime/vocabulary/reserved.h runtime/vocabulary/reserved.c

UNIT_TESTS += tests/unit/vocabulary_codec
tests_unit_vocabulary_codec_SOURCES = tests/unit/vocabulary_codec.c
tests_unit_vocabulary_codec_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vocabulary_codec_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/vocabulary_sealed
tests_unit_vocabulary_sealed_SOURCES = tests/unit/vocabulary_sealed.c
tests_unit_vocabulary_sealed_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vocabulary_sealed_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/base_head
tests_unit_base_head_SOURCES = tests/unit/base_head.c
tests_unit_base_head_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_head_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/base_shown
tests_unit_base_shown_SOURCES = tests/unit/base_shown.c
tests_unit_base_shown_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_shown_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/vocabulary_person
tests_unit_vocabulary_person_SOURCES = tests/unit/vocabulary_person.c
tests_unit_vocabulary_person_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vocabulary_person_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/vocabulary_kv
tests_unit_vocabulary_kv_SOURCES = tests/unit/vocabulary_kv.c
tests_unit_vocabulary_kv_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vocabulary_kv_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/base_dumps
tests_unit_base_dumps_SOURCES = tests/unit/base_dumps.c
tests_unit_base_dumps_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_dumps_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/base_file
tests_unit_base_file_SOURCES = tests/unit/base_file.c
tests_unit_base_file_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_file_LDADD = libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS)

EXTRA_DIST += runtime/vocabulary/phone.awk
runtime/vocabulary/phone_tables.def: stdlib/phone.gcx runtime/vocabulary/phone.awk
	$(AM_V_GEN)$(MKDIR_P) runtime/vocabulary && LC_ALL=C $(AWK) -f $(top_srcdir)/runtime/vocabulary/phone.awk \
		$(top_srcdir)/stdlib/phone.gcx >$@.tmp && mv $@.tmp $@
BUILT_SOURCES += runtime/vocabulary/phone_tables.def
CLEANFILES += runtime/vocabulary/phone_tables.def
$(libvocabulary_la_OBJECTS) $(libgcx_plugin_a_OBJECTS): | runtime/vocabulary/phone_tables.def

