## runtime/quality: reviews of how customers were served: forms of the site, and draws by chance. The desk's plugin and
## gcxrecords link it.
noinst_LTLIBRARIES += libquality.la
libquality_la_FILES = runtime/quality/form.c runtime/quality/form.h runtime/quality/draw.c runtime/quality/draw.h
libquality_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)

UNIT_TESTS += tests/unit/quality
tests_unit_quality_SOURCES = tests/unit/quality.c
tests_unit_quality_CFLAGS = $(UNIT_CFLAGS)
tests_unit_quality_LDADD = libquality.la libbase.la $(SODIUM_LIBS) $(CRITERION_LIBS)
