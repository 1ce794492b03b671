## runtime/domains: what domains share in a database.
noinst_LTLIBRARIES += libdomains.la
libdomains_la_SOURCES = runtime/domains/domains.c runtime/domains/domains.h runtime/domains/domains.def

UNIT_TESTS += tests/unit/domains_passage
tests_unit_domains_passage_SOURCES = tests/unit/domains_passage.c
tests_unit_domains_passage_CFLAGS = $(UNIT_CFLAGS)
tests_unit_domains_passage_LDADD = libdomains.la libsql.la libvocabulary.la libvm.la libbase.la $(SQLITE_LIBS) $(PQ_LIBS) $(CRITERION_LIBS)

## Two real cores, and adapters that die between any two steps.
UNIT_TESTS += tests/unit/domains_loan
tests_unit_domains_loan_SOURCES = tests/unit/domains_loan.c
tests_unit_domains_loan_CFLAGS = $(UNIT_CFLAGS)
tests_unit_domains_loan_LDADD = libdomains.la libsql.la $(CORE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS)

UNIT_TESTS += tests/unit/domains_pair
tests_unit_domains_pair_SOURCES = tests/unit/domains_pair.c
tests_unit_domains_pair_CFLAGS = $(UNIT_CFLAGS)
tests_unit_domains_pair_LDADD = libdomains.la libsql.la $(CORE_LIBS) $(SQLITE_LIBS) $(PQ_LIBS)
