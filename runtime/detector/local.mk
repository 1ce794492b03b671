## runtime/detector: what a call has come to, by its sound; and gcxdetect, which judges files.
noinst_LTLIBRARIES += libdetector.la
libdetector_la_FILES = runtime/detector/detector.h runtime/detector/state.h runtime/detector/hear.h \
	runtime/detector/detector.c runtime/detector/bin.c runtime/detector/tones.c runtime/detector/voice.c \
	runtime/detector/wave.h runtime/detector/wave.c runtime/detector/sounds.def runtime/detector/cadences.def \
	runtime/detector/sit.def runtime/detector/parameters.def
libdetector_la_LIBADD = -lm

bin_PROGRAMS += gcxdetect
gcxdetect_SOURCES = runtime/detector/cli.c runtime/detector/options.def runtime/detector/exits.def
gcxdetect_LDADD = libdetector.la libvocabulary.la libvm.la libbase.la

UNIT_TESTS += tests/unit/detector
tests_unit_detector_SOURCES = tests/unit/detector.c tests/unit/detector_sounds.c tests/unit/detector_sounds.h
tests_unit_detector_CFLAGS = $(UNIT_CFLAGS)
tests_unit_detector_LDADD = libdetector.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) -lm

## Sounds by other programs, and what libspandsp says of them.
SCRIPT_TESTS += tests/flows/detector.sh
if HAVE_SPANDSP
check_PROGRAMS += tests/flows/detector_rival
HELPERS += tests/flows/detector_rival$(EXEEXT)
endif
tests_flows_detector_rival_SOURCES = tests/flows/detector_rival.c tests/unit/detector_rival.c tests/unit/detector_rival.h
tests_flows_detector_rival_CFLAGS = $(AM_CFLAGS) $(SPANDSP_CFLAGS)
tests_flows_detector_rival_LDADD = libdetector.la libvocabulary.la libvm.la libbase.la $(SPANDSP_LIBS) -lm
