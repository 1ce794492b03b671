## compiler: from source text to an image. Includes vm/, and of runtime/vocabulary the tables media.def and enums.def.
noinst_LTLIBRARIES += libcompiler.la
libcompiler_la_SOURCES = \
	compiler/compiler.c compiler/compiler.h compiler/files.c compiler/files.h compiler/mutate.c compiler/mutate.h \
	compiler/base/arena.c compiler/base/arena.h compiler/base/array.h compiler/base/diag.c compiler/base/diag.def \
	compiler/base/diag.h compiler/base/explain.c compiler/base/explain.h compiler/base/fault_text.c \
	compiler/base/fault_text.h compiler/base/near.c compiler/base/near.h compiler/base/report.c \
	compiler/base/report.h compiler/base/source.c compiler/base/source.h \
	compiler/language/attributes_all.def compiler/language/attributes_checked.def compiler/language/limits.h \
	compiler/language/measures.c compiler/language/measures.def compiler/language/measures.h \
	compiler/language/one_of.c compiler/language/one_of.h compiler/language/steps.c compiler/language/steps.h \
	compiler/language/steps_all.def compiler/language/steps_checked.def compiler/language/types.c \
	compiler/language/types.h \
	compiler/text/regex.c compiler/text/regex.h compiler/text/regex_read.c compiler/text/regex_tree.h \
	compiler/syntax/ast.c compiler/syntax/ast.def compiler/syntax/ast.h compiler/syntax/braces.c \
	compiler/syntax/braces.h compiler/syntax/build.c compiler/syntax/build.h compiler/syntax/build_expr.c \
	compiler/syntax/build_site.c compiler/syntax/build_step.c compiler/syntax/build_test.c \
	compiler/syntax/clauses.def compiler/syntax/csv.c compiler/syntax/csv.h compiler/syntax/damage.c \
	compiler/syntax/damage.h compiler/syntax/format.c compiler/syntax/format.h compiler/syntax/format_clauses.c \
	compiler/syntax/format_clauses.h compiler/syntax/format_tree.c compiler/syntax/format_tree.h \
	compiler/syntax/habits.c compiler/syntax/habits.def compiler/syntax/habits.h compiler/syntax/lexer.h \
	compiler/syntax/lexer.l compiler/syntax/lexer_rules.h compiler/syntax/library.c compiler/syntax/library.h \
	compiler/syntax/literal.c compiler/syntax/literal.h compiler/syntax/mend.c compiler/syntax/mend.h \
	compiler/syntax/parse.c compiler/syntax/parse.h compiler/syntax/parser.y compiler/syntax/program.h \
	compiler/syntax/syntax_error.c compiler/syntax/syntax_error.h compiler/syntax/trivia.c \
	compiler/syntax/trivia.h compiler/syntax/words.c compiler/syntax/words.def \
	compiler/sql/postgres.c compiler/sql/pulled.c compiler/sql/pulled.h compiler/sql/schema.h compiler/sql/sql.c \
	compiler/sql/sql.h compiler/sql/sqltext.c compiler/sql/sqltext.h \
	compiler/check/allowed.c compiler/check/allowed.h compiler/check/built_in.c compiler/check/call.c \
	compiler/check/carried.c compiler/check/carried.h compiler/check/check.c compiler/check/check.h \
	compiler/check/checker.h compiler/check/const.c compiler/check/default.c compiler/check/endless.c \
	compiler/check/endless.h compiler/check/endpoint.c compiler/check/expr.c compiler/check/flow.c \
	compiler/check/flow.h compiler/check/fork.c compiler/check/function.c compiler/check/given.c \
	compiler/check/head.c compiler/check/hint.c compiler/check/holidays.c compiler/check/holidays.h \
	compiler/check/locale.c compiler/check/main.c compiler/check/member.c compiler/check/name.c \
	compiler/check/names.c compiler/check/names.h compiler/check/native.c compiler/check/paths.c \
	compiler/check/query.c compiler/check/schedule.c compiler/check/schedule_rows.c \
	compiler/check/schedule_rows.h compiler/check/scope.c compiler/check/scope.h compiler/check/secret.c \
	compiler/check/segment.c compiler/check/select.c compiler/check/set.c compiler/check/site.c \
	compiler/check/split.c compiler/check/statistic.c compiler/check/step.c compiler/check/stmt.c \
	compiler/check/summary.c compiler/check/taken.c compiler/check/taken.h compiler/check/typed.h \
	compiler/check/until.c compiler/check/zone.c compiler/check/zone.h \
	compiler/lower/branch.c compiler/lower/call.c compiler/lower/const.c compiler/lower/counter.c \
	compiler/lower/emit.c compiler/lower/emit.h compiler/lower/expr.c compiler/lower/fork.c compiler/lower/ir.c \
	compiler/lower/ir.h compiler/lower/lower.c compiler/lower/lower.h compiler/lower/lowerer.h \
	compiler/lower/native.c compiler/lower/natives.h compiler/lower/parties.c compiler/lower/regs.c \
	compiler/lower/regs.h compiler/lower/segment.c compiler/lower/selection.c compiler/lower/site.c \
	compiler/lower/step.c compiler/lower/stmt.c compiler/lower/table.c compiler/lower/until.c \
	compiler/scenario/answer.c compiler/scenario/expect.c compiler/scenario/given.c compiler/scenario/limits.c \
	compiler/scenario/maker.h compiler/scenario/names.c compiler/scenario/scenario.c compiler/scenario/scenario.h \
	compiler/scenario/setting.c compiler/scenario/signal.c compiler/scenario/statistic.c \
	compiler/scenario/value.c \
	compiler/lint/add_to_itself.c compiler/lint/all_rows_changed.c compiler/lint/any_row.c \
	compiler/lint/asked_twice.c compiler/lint/attribute_hidden.c compiler/lint/bool_compared.c \
	compiler/lint/constant_condition.c compiler/lint/cut_short.c compiler/lint/digits_shown.c \
	compiler/lint/double_not.c compiler/lint/empty_block.c compiler/lint/impossible_line.c \
	compiler/lint/key_as_user_data.c compiler/lint/late_tries.c compiler/lint/levels.c \
	compiler/lint/line_at_once.c compiler/lint/line_overridden.c compiler/lint/line_too_late.c \
	compiler/lint/lint.c compiler/lint/lint.def compiler/lint/lint.h compiler/lint/long_wait.c \
	compiler/lint/name_style.c compiler/lint/narrowing.c compiler/lint/never_heard.c compiler/lint/never_routed.c \
	compiler/lint/nobody_there.c compiler/lint/nothing_arrives.c compiler/lint/nothing_expected.c \
	compiler/lint/one_choice.c compiler/lint/outlives.c compiler/lint/query_in_loop.c \
	compiler/lint/route_before_dial.c compiler/lint/route_without_answer.c compiler/lint/said_twice.c \
	compiler/lint/same_arms.c compiler/lint/same_branches.c compiler/lint/same_test_name.c \
	compiler/lint/secret_stored.c compiler/lint/segment_without_else.c compiler/lint/select_star.c \
	compiler/lint/self_assignment.c compiler/lint/silent_wait.c compiler/lint/starvation.c \
	compiler/lint/text_of_text.c compiler/lint/tree.c compiler/lint/undocumented.c \
	compiler/lint/untested_strategy.c compiler/lint/unused_constant.c compiler/lint/unused_enum.c \
	compiler/lint/unused_function.c compiler/lint/unused_import.c compiler/lint/unused_key.c \
	compiler/lint/unused_parameter.c compiler/lint/unused_record.c compiler/lint/unused_site_name.c \
	compiler/lint/unused_variable.c
libcompiler_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(XXHASH_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
libcompiler_la_LIBADD = $(JANSSON_LIBS) $(SQLITE_LIBS)

## flex and bison write into the build directory; parser.h must be there before anything that includes it.
AM_YFLAGS = -d -Wno-yacc
compiler/syntax/parser.c compiler/syntax/lexer.c: | compiler/syntax/$(am__dirstamp)
BUILT_SOURCES += compiler/syntax/parser.h
CLEANFILES += compiler/syntax/parser.c compiler/syntax/parser.h compiler/syntax/lexer.c
$(libcompiler_la_OBJECTS): compiler/syntax/parser.h

## The explanations of codes, an area a file.
EXPLANATIONS = compiler/explain/E00-files.txt compiler/explain/E01-words.txt compiler/explain/E02-syntax.txt \
	compiler/explain/E03-declarations.txt compiler/explain/E04-names.txt compiler/explain/E05-types.txt \
	compiler/explain/E06-flow.txt compiler/explain/E07-sql.txt compiler/explain/E08-tests.txt \
	compiler/explain/W09-warnings.txt compiler/explain/L-lint.txt
EXTRA_DIST += $(EXPLANATIONS) compiler/explain/make.awk
compiler/base/explain_texts.def: $(EXPLANATIONS) compiler/explain/make.awk
	$(AM_V_GEN)$(MKDIR_P) compiler/base && cd $(top_srcdir) && \
		$(AWK) -f compiler/explain/make.awk $(EXPLANATIONS) >$(abs_top_builddir)/$@.tmp && \
		mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
BUILT_SOURCES += compiler/base/explain_texts.def
CLEANFILES += compiler/base/explain_texts.def
compiler/base/libcompiler_la-explain.lo \
	compiler/base/explain_texts.lo: compiler/base/explain_texts.def

## The standard library, which the compiler carries with it (LIBRARY of stdlib/local.mk, sorted).
EXTRA_DIST += compiler/syntax/library.awk
compiler/syntax/library_texts.def: $(LIBRARY) compiler/syntax/library.awk
	$(AM_V_GEN)$(MKDIR_P) compiler/syntax && cd $(top_srcdir) && \
		LC_ALL=C $(AWK) -f compiler/syntax/library.awk $(LIBRARY) >$(abs_top_builddir)/$@.tmp && \
		mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
BUILT_SOURCES += compiler/syntax/library_texts.def
CLEANFILES += compiler/syntax/library_texts.def
compiler/syntax/libcompiler_la-library.lo \
	compiler/syntax/library_texts.lo: compiler/syntax/library_texts.def

## For vim: the syntax file is made from the scanner's words.
vimsyntaxdir = $(datadir)/vim/vimfiles/syntax
vimftdetectdir = $(datadir)/vim/vimfiles/ftdetect
nodist_vimsyntax_DATA = compiler/vim/syntax/gcx.vim
compiler/vim/syntax/gcx.vim: compiler/vim/make.awk compiler/syntax/words.def compiler/vim/template.vim
	$(AM_V_GEN)$(MKDIR_P) compiler/vim/syntax && $(AWK) -f $(top_srcdir)/compiler/vim/make.awk \
		$(top_srcdir)/compiler/syntax/words.def $(top_srcdir)/compiler/vim/template.vim >$@.tmp && mv $@.tmp $@
CLEANFILES += compiler/vim/syntax/gcx.vim
EXTRA_DIST += compiler/vim/make.awk compiler/vim/template.vim
dist_vimftdetect_DATA = compiler/vim/ftdetect/gcx.vim

## Under the sanitizers the goldens are read by tests/fuzz/replay.sh, and formatted.sh formats.
PLAIN_TESTS += tests/language/vim.sh tests/language/fmt.sh
SCRIPT_TESTS += tests/language/library.sh tests/language/natives.sh tests/language/lint.sh \
    tests/language/run.sh tests/language/cli.sh tests/language/formats.sh tests/language/complete.sh tests/language/bytes.sh \
    tests/language/limits.sh tests/language/lint_near.sh tests/language/mutated.sh tests/language/explain.sh tests/language/graph.sh
EXTRA_DIST += tests/language tests/lint tests/format

UNIT_TESTS += tests/unit/compiler_any_text tests/unit/compiler_literal \
	tests/unit/compiler_scenario tests/unit/compiler_source
tests_unit_compiler_any_text_SOURCES = tests/unit/compiler_any_text.c
tests_unit_compiler_any_text_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_compiler_any_text_LDADD = libcompiler.la libvocabulary.la libvm.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_compiler_literal_SOURCES = tests/unit/compiler_literal.c
tests_unit_compiler_literal_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_literal_LDADD = $(tests_unit_compiler_any_text_LDADD)
tests_unit_compiler_source_SOURCES = tests/unit/compiler_source.c
tests_unit_compiler_source_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_source_LDADD = $(tests_unit_compiler_any_text_LDADD)

UNIT_TESTS += tests/unit/compiler_pulled
tests_unit_compiler_pulled_SOURCES = tests/unit/compiler_pulled.c
tests_unit_compiler_pulled_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_pulled_LDADD = $(tests_unit_compiler_any_text_LDADD)
UNIT_TESTS += tests/unit/compiler_sqltext
tests_unit_compiler_sqltext_SOURCES = tests/unit/compiler_sqltext.c
tests_unit_compiler_sqltext_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_sqltext_LDADD = libcompiler.la libvocabulary.la libvm.la $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/compiler_types tests/unit/compiler_flow tests/unit/compiler_regs tests/unit/compiler_run
tests_unit_compiler_run_SOURCES = tests/unit/compiler_run.c
tests_unit_compiler_run_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_run_LDADD = $(tests_unit_compiler_any_text_LDADD)
tests_unit_compiler_types_SOURCES = tests/unit/compiler_types.c
tests_unit_compiler_types_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_types_LDADD = libcompiler.la libvocabulary.la libvm.la $(CRITERION_LIBS)
tests_unit_compiler_flow_SOURCES = tests/unit/compiler_flow.c
tests_unit_compiler_flow_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_flow_LDADD = libcompiler.la libvocabulary.la libvm.la $(CRITERION_LIBS)
tests_unit_compiler_regs_SOURCES = tests/unit/compiler_regs.c
tests_unit_compiler_regs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_regs_LDADD = libcompiler.la libvocabulary.la libvm.la $(CRITERION_LIBS)
tests_unit_compiler_scenario_SOURCES = tests/unit/compiler_scenario.c
tests_unit_compiler_scenario_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_compiler_scenario_LDADD = $(tests_unit_compiler_any_text_LDADD) $(JANSSON_LIBS)

## compiler/view: what is told of programs.
libcompiler_la_SOURCES += \
	compiler/view/differ.c compiler/view/differ.h compiler/view/differ_inline.c compiler/view/differ_order.c \
	compiler/view/differ_site.c compiler/view/differ_steps.c compiler/view/differing.h compiler/view/matched.c compiler/view/matched.h \
	compiler/view/renamed.c compiler/view/renamed.h \
	compiler/view/drawing.h compiler/view/graph.c compiler/view/graph.h compiler/view/graph_step.c \
	compiler/view/graph_write.c \
	compiler/view/phrase.c compiler/view/phrase.h compiler/view/uses.c compiler/view/uses.h
SCRIPT_TESTS += tests/language/uses.sh tests/language/terminal.sh tests/language/folders.sh tests/language/diff.sh tests/language/doc.sh
