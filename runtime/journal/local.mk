## runtime/journal: batches, stores, recovery, and the partition that joins ring, core and host.
noinst_LTLIBRARIES += libjournal.la
libjournal_la_FILES = runtime/journal/batch.h runtime/journal/batch.c \
	runtime/journal/keys.h runtime/journal/keys.c runtime/journal/secrets.h runtime/journal/secrets.c \
	runtime/journal/batches.h runtime/journal/batches_kind.h runtime/journal/batches.c runtime/journal/batches_memory.c \
	runtime/journal/batches_sqlite.c runtime/journal/folder.h runtime/journal/folder.c runtime/journal/end_mark.h runtime/journal/end_mark.c \
	runtime/journal/copy_mark.h runtime/journal/copy_mark.c \
	runtime/journal/reserve.h runtime/journal/reserve.c runtime/journal/ring.h runtime/journal/ring.c runtime/journal/reach.h runtime/journal/reach.c \
	runtime/journal/readers.h runtime/journal/readers.c runtime/journal/images.h runtime/journal/images.c \
	runtime/journal/follower.h runtime/journal/follower.c runtime/journal/replay.h runtime/journal/replay.c runtime/journal/crashes.h runtime/journal/crashes.c runtime/journal/recovery.h runtime/journal/recovery.c \
	runtime/journal/snapshot_file.h runtime/journal/snapshot_file.c runtime/journal/snapshots.h \
	runtime/journal/snapshots.c runtime/journal/partition.h runtime/journal/partition.c
## The place of the batches; a program that links it needs libpq, which gcxc and the simulators do without.
noinst_LTLIBRARIES += libplace.la
libplace_la_FILES = runtime/journal/place.h runtime/journal/place.c runtime/journal/place_move.c runtime/journal/batches_postgres.h \
	runtime/journal/batches_postgres.c runtime/journal/postgres_files.c runtime/journal/postgres_keys.c runtime/journal/postgres_rows.h runtime/journal/postgres_standby.c \
	runtime/journal/postgres_line.h runtime/journal/postgres_line.c runtime/journal/postgres_statements.def runtime/journal/postgres_aside.c
libplace_la_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(SODIUM_CFLAGS)
libjournal_la_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS) $(SODIUM_CFLAGS)

UNIT_TESTS += tests/unit/journal_batch
tests_unit_journal_batch_SOURCES = tests/unit/journal_batch.c
tests_unit_journal_batch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_journal_batch_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/journal_keys
tests_unit_journal_keys_SOURCES = tests/unit/journal_keys.c tests/unit/disk_faults.h tests/unit/disk_faults.c \
	tests/unit/disk_power.h tests/unit/disk_power.c
tests_unit_journal_keys_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_journal_keys_LDADD = $(ROOM_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/journal_store
tests_unit_journal_store_SOURCES = tests/unit/journal_store.c tests/unit/disk_faults.h tests/unit/disk_faults.c \
	tests/unit/disk_power.h tests/unit/disk_power.c
tests_unit_journal_store_CFLAGS = $(UNIT_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_journal_store_LDADD = libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS) \
	$(SQLITE_LIBS)

## Needs a server for half of it: a script starts one, and runs it.
if HAVE_CRITERION
check_PROGRAMS += tests/unit/journal_follow tests/unit/journal_kinds tests/unit/journal_leads
endif
LONG_TESTS += tests/flows/journals.tap
JOURNAL_KEPT = tests/unit/journal_kept.c tests/unit/journal_kept.h tests/unit/relay.h tests/unit/relay.c
tests_unit_journal_follow_SOURCES = tests/unit/journal_follow.c $(JOURNAL_KEPT)
tests_unit_journal_follow_CFLAGS = $(UNIT_CFLAGS) $(PQ_CFLAGS)
tests_unit_journal_follow_LDADD = libplace.la libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) \
	$(SODIUM_LIBS) $(SQLITE_LIBS) $(PQ_LIBS)
tests_unit_journal_kinds_SOURCES = tests/unit/journal_kinds.c $(JOURNAL_KEPT)
tests_unit_journal_kinds_CFLAGS = $(tests_unit_journal_follow_CFLAGS)
tests_unit_journal_kinds_LDADD = $(tests_unit_journal_follow_LDADD)
tests_unit_journal_leads_SOURCES = tests/unit/journal_leads.c $(JOURNAL_KEPT)
tests_unit_journal_leads_CFLAGS = $(tests_unit_journal_follow_CFLAGS)
tests_unit_journal_leads_LDADD = $(tests_unit_journal_follow_LDADD)

## With a core of its own, that only counts: what must hold of batches holds of any core.
UNIT_TESTS += tests/unit/journal_partition tests/unit/journal_follower
tests_unit_journal_partition_SOURCES = tests/unit/journal_partition.c tests/unit/journal_bench.c tests/unit/journal_bench.h
tests_unit_journal_partition_CFLAGS = $(UNIT_CFLAGS)
tests_unit_journal_partition_LDADD = libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) \
	$(SODIUM_LIBS) $(SQLITE_LIBS)
tests_unit_journal_follower_SOURCES = tests/unit/journal_follower.c tests/unit/journal_bench.c tests/unit/journal_bench.h
tests_unit_journal_follower_CFLAGS = $(UNIT_CFLAGS)
tests_unit_journal_follower_LDADD = $(tests_unit_journal_partition_LDADD)

UNIT_TESTS += tests/unit/journal_snapshot
tests_unit_journal_snapshot_SOURCES = tests/unit/journal_snapshot.c tests/unit/disk_faults.h \
	tests/unit/disk_faults.c tests/unit/disk_power.h tests/unit/disk_power.c
tests_unit_journal_snapshot_CFLAGS = $(UNIT_CFLAGS)
tests_unit_journal_snapshot_LDADD = libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS) \
	$(SQLITE_LIBS)

## The real core, a strategy as gcxc makes it, and a small random world.
UNIT_TESTS += tests/unit/journal_determinism
tests_unit_journal_determinism_SOURCES = tests/unit/journal_determinism.c
tests_unit_journal_determinism_CFLAGS = $(UNIT_CFLAGS)
tests_unit_journal_determinism_LDADD = libjournal.la libhost.la libcore.la libvocabulary.la libvm.la libbase.la \
	$(CRITERION_LIBS) $(SODIUM_LIBS) $(SQLITE_LIBS)
EXTRA_tests_unit_journal_determinism_DEPENDENCIES = gcxc$(EXEEXT)
