## runtime/vocabulary: the tables of events and effects, and their codec.
noinst_LTLIBRARIES += libvocabulary.la
libvocabulary_la_SOURCES = runtime/vocabulary/vocabulary.h runtime/vocabulary/message.h runtime/vocabulary/kv.h \
	runtime/vocabulary/enums.def runtime/vocabulary/envelope.def runtime/vocabulary/events.def \
	runtime/vocabulary/effects.def runtime/vocabulary/controls.def runtime/vocabulary/media.def
