## runtime/console: pages of those who look: the supervisor's pages Now and Change. The desk's plugin serves them.
noinst_LTLIBRARIES += libconsole.la
libconsole_la_FILES = runtime/console/console.c runtime/console/console.h runtime/console/course.c runtime/console/course.h runtime/console/rows.c runtime/console/rows.h runtime/console/soon.c runtime/console/soon.h
libconsole_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)

## A page is a word of this list; what it shares with the desk lies in runtime/web/pages.
CONSOLE_WEB = index.html console.css console.js acts.js agents.js change.js change_prompts.js change_reasons.js change_soon.js chart.js figures.js history.js history_story.js hours.js interactions.js now.js queues.js reports.js strategies.js strategies_diagram.js strategies_past.js strategies_rollout.js strategies_text.js table.js values.js why.js
EXTRA_DIST += runtime/console/pages runtime/console/npm/editor.js runtime/console/npm/marked.js runtime/console/npm/make.sh runtime/console/npm/package.json runtime/console/npm/package-lock.json
## The editor of strategies: `configure --with-editor` has it made by npm, which takes some seconds and the network.
## Without it, and where npm cannot bring its libraries, the page has a plain field.
if EDITOR
CONSOLE_MADE = runtime/console/pages/editor.js
endif
runtime/console/pages/editor.js: runtime/console/npm/editor.js runtime/console/npm/marked.js runtime/console/npm/make.sh runtime/console/npm/package-lock.json
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SHELL) $(srcdir)/runtime/console/npm/make.sh "$$(cd $(srcdir) && pwd)/runtime/console/npm" "$$PWD/$@"
CLEANFILES += runtime/console/pages/editor.js

UNIT_TESTS += tests/unit/console_rows
tests_unit_console_rows_SOURCES = tests/unit/console_rows.c
tests_unit_console_rows_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_console_rows_LDADD = libconsole.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/console
tests_unit_console_SOURCES = tests/unit/console.c
tests_unit_console_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_console_LDADD = libconsole.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS)

UNIT_TESTS += tests/unit/console_soon
tests_unit_console_soon_SOURCES = tests/unit/console_soon.c tests/unit/console_soon_model.c tests/unit/console_soon_model.h
tests_unit_console_soon_CFLAGS = $(UNIT_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_console_soon_LDADD = libconsole.la libbase.la $(GLIB_LIBS) $(JANSSON_LIBS) $(CRITERION_LIBS) -lm

## The page Now, and what it shows on a wall.
CONSOLE_WEB += chosen.js further.js listen.js lines.js targets.js shifts.js today.js wall.js assigned.js bins.js pieces.js

## Parts of the page Strategies.
CONSOLE_WEB += strategies_edit.js strategies_kept.js strategies_play.js strategies_simulate.js strategies_take.js strategies_ways.js strategies_words.js
## The page Quality.
CONSOLE_WEB += quality.js quality_review.js addressed.js people.js report_words.js
