## tests/proving: the proving ground, real cores and journals in a world that breaks. Memory, too, is refused there.
STARVED_WRAPS = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=aligned_alloc,--wrap=strdup,--wrap=strndup,--wrap=open_memstream
check_LTLIBRARIES += libstarved.la
libstarved_la_SOURCES = tests/proving/starved.h tests/proving/starved.c
libstarved_la_CFLAGS = $(AM_CFLAGS)
check_LTLIBRARIES += libproving.la
libproving_la_FILES = tests/proving/proving.h tests/proving/proving_state.h tests/proving/proving_state.c tests/proving/proving_story.def \
	tests/proving/proving_story.h tests/proving/proving_story.c tests/proving/proving_site.c tests/proving/proving_store.c \
	tests/proving/proving_node.c tests/proving/proving_wire.c tests/proving/proving_switch.c tests/proving/proving_mail.c \
	tests/proving/proving_passage.c tests/proving/proving_loan.c tests/proving/proving_far.c tests/proving/proving_source.c \
	tests/proving/proving_jobs.c tests/proving/proving_ledger.c tests/proving/proving_close.c tests/proving/proving.c
libproving_la_CFLAGS = $(AM_CFLAGS)
PROVING_LIBS = libproving.la libstarved.la libsim.la libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la \
	$(JANSSON_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS)

check_PROGRAMS += tests/proving/gcxproving
tests_proving_gcxproving_SOURCES = tests/proving/gcxproving.c tests/proving/options.def tests/proving/exits.def
tests_proving_gcxproving_LDFLAGS = $(AM_LDFLAGS) $(STARVED_WRAPS)
tests_proving_gcxproving_LDADD = $(PROVING_LIBS)
SCRIPT_TESTS += tests/proving/cli.sh
## What looks at its objects as at those of the rooms.
tests/proving/cli.log tests/checks/arrows.log tests/checks/tables.log: tests/proving/gcxproving$(EXEEXT)

UNIT_TESTS += tests/unit/sim_proving
tests_unit_sim_proving_SOURCES = tests/unit/sim_proving.c
tests_unit_sim_proving_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sim_proving_LDFLAGS = $(AM_LDFLAGS) $(STARVED_WRAPS)
tests_unit_sim_proving_LDADD = $(PROVING_LIBS) $(CRITERION_LIBS)

if !SANITIZED
UNIT_TESTS += tests/unit/sim_lies
SHIPPED_TESTS += tests/unit/sim_lies
endif
tests_unit_sim_lies_SOURCES = tests/unit/sim_lies.c
tests_unit_sim_lies_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sim_lies_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=session_claim_deadline,--wrap=step_send_again,--wrap=session_resync_ended,--wrap=submitted_before,--wrap=agent_set_claimed,--wrap=session_hold,--wrap=reply_warns $(STARVED_WRAPS)
tests_unit_sim_lies_LDADD = $(tests_unit_sim_proving_LDADD)
