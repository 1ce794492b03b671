## runtime/reports: what is asked of the records by people who know no SQL.
noinst_LTLIBRARIES += libreports.la
libreports_la_FILES = runtime/reports/reports.def runtime/reports/report.h runtime/reports/report.c \
	runtime/reports/period.h runtime/reports/period.c runtime/reports/open.h runtime/reports/open.c \
	runtime/reports/show.h runtime/reports/show.c runtime/reports/letter.c runtime/reports/command.h runtime/reports/command.c \
	runtime/reports/outlook.h runtime/reports/outlook.c runtime/reports/staffing.h runtime/reports/staffing.c \
	runtime/reports/forecast_command.c \
	runtime/reports/options.def runtime/reports/exits.def
libreports_la_LIBADD = libsql.la -lm

UNIT_TESTS += tests/unit/reports_staffing
tests_unit_reports_staffing_SOURCES = tests/unit/reports_staffing.c
tests_unit_reports_staffing_CFLAGS = $(UNIT_CFLAGS)
tests_unit_reports_staffing_LDADD = libreports.la libbase.la $(CRITERION_LIBS) -lm
