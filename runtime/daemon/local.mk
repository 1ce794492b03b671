## runtime/daemon: gcxvm, gcxctl
noinst_LTLIBRARIES += libdaemon.la
libdaemon_la_SOURCES = runtime/daemon/admin.h \
	runtime/daemon/conf.c runtime/daemon/conf.h runtime/daemon/conf.def \
	runtime/daemon/directory.c runtime/daemon/directory.h \
	runtime/daemon/log.c runtime/daemon/log.h
libdaemon_la_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBDIR='"$(pkglibdir)"'
libdaemon_la_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS) $(SQLITE_CFLAGS)
libdaemon_la_LIBADD = $(CONFUSE_LIBS) $(SQLITE_LIBS)

UNIT_TESTS += tests/unit/daemon_conf tests/unit/daemon_directory tests/unit/daemon_log
tests_unit_daemon_conf_SOURCES = tests/unit/daemon_conf.c
tests_unit_daemon_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_conf_LDADD = libdaemon.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_log_SOURCES = tests/unit/daemon_log.c
tests_unit_daemon_log_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_log_LDADD = libdaemon.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)
tests_unit_daemon_directory_SOURCES = tests/unit/daemon_directory.c
tests_unit_daemon_directory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_daemon_directory_LDADD = libdaemon.la libvocabulary.la libvm.la $(SODIUM_LIBS) $(CRITERION_LIBS)
