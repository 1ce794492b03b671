## compiler: from source text to an image. Includes vm/, and of runtime/vocabulary the tables media.def and enums.def.
noinst_LTLIBRARIES += libcompiler.la
libcompiler_la_SOURCES = \
	compiler/arena.c compiler/arena.h \
	compiler/ast.c compiler/ast.h compiler/ast.def compiler/clauses.def \
	compiler/braces.c compiler/braces.h compiler/build.c compiler/build.h compiler/build_site.c compiler/build_step.c compiler/build_test.c \
	compiler/allowed.c compiler/allowed.h compiler/carried.c compiler/carried.h \
	compiler/compiler.c compiler/compiler.h \
	compiler/diag.c compiler/diag.h compiler/diag.def \
	compiler/explain.c compiler/explain.h \
	compiler/files.c compiler/files.h \
	compiler/format.c compiler/format.h compiler/format_clauses.c compiler/format_clauses.h \
	compiler/format_tree.c compiler/format_tree.h \
	compiler/lexer.l compiler/lexer.h compiler/lexer_rules.h \
	compiler/lint/lint.h compiler/lint/lint.def compiler/lint/add_to_itself.c compiler/lint/all_rows_changed.c \
	compiler/lint/any_row.c compiler/lint/asked_twice.c compiler/lint/bool_compared.c \
	compiler/lint/constant_condition.c compiler/lint/cut_short.c compiler/lint/double_not.c \
	compiler/lint/empty_block.c compiler/lint/impossible_line.c compiler/lint/key_as_user_data.c \
	compiler/lint/levels.c compiler/lint/line_at_once.c compiler/lint/line_too_late.c compiler/lint/lint.c compiler/lint/long_wait.c \
	compiler/lint/name_style.c compiler/lint/narrowing.c compiler/lint/never_heard.c compiler/lint/never_routed.c compiler/lint/nobody_there.c \
	compiler/lint/nothing_arrives.c compiler/lint/nothing_expected.c compiler/lint/one_choice.c \
	compiler/lint/query_in_loop.c compiler/lint/route_without_answer.c compiler/lint/said_twice.c \
	compiler/lint/same_arms.c compiler/lint/same_branches.c compiler/lint/same_test_name.c \
	compiler/lint/secret_stored.c compiler/lint/segment_without_else.c compiler/lint/select_star.c \
	compiler/lint/attribute_hidden.c compiler/lint/line_overridden.c compiler/lint/self_assignment.c compiler/lint/silent_wait.c compiler/lint/starvation.c \
	compiler/lint/digits_shown.c compiler/lint/route_before_dial.c compiler/lint/late_tries.c compiler/lint/outlives.c compiler/lint/unused_enum.c \
	compiler/lint/text_of_text.c compiler/lint/tree.c compiler/lint/undocumented.c \
	compiler/lint/untested_strategy.c compiler/lint/unused_constant.c compiler/lint/unused_function.c \
	compiler/lint/unused_import.c compiler/lint/unused_key.c compiler/lint/unused_parameter.c \
	compiler/lint/unused_record.c compiler/lint/unused_site_name.c compiler/lint/unused_variable.c \
	compiler/library.c compiler/library.h \
	compiler/literal.c compiler/literal.h \
	compiler/mend.c compiler/mend.h \
	compiler/names.c compiler/names.h \
	compiler/parse.c compiler/parse.h \
	compiler/parser.y \
	compiler/program.h \
	compiler/mutate.c compiler/mutate.h \
	compiler/scenario.c compiler/scenario.h compiler/scenario_maker.h \
	compiler/scenario_expect.c compiler/scenario_answer.c compiler/scenario_given.c compiler/scenario_limits.c compiler/scenario_names.c compiler/scenario_setting.c \
	compiler/scenario_signal.c compiler/scenario_statistic.c compiler/scenario_value.c \
	compiler/source.c compiler/source.h \
	compiler/sql.c compiler/sql.h compiler/sql_postgres.c compiler/sql_schema.h \
	compiler/sqltext.c compiler/sqltext.h \
	compiler/pulled.c compiler/pulled.h \
	compiler/syntax.c compiler/syntax.h compiler/habits.c compiler/habits.def compiler/habits.h \
	compiler/check_call.c compiler/check_hint.c compiler/check_member.c \
	compiler/regex_read.c compiler/regex_tree.h compiler/build_expr.c compiler/check_function.c \
	compiler/check_query.c compiler/check_select.c \
	compiler/lower_branch.c compiler/lower_selection.c \
	compiler/words.c compiler/words.def \
	compiler/regex.c compiler/regex.h compiler/zone.c compiler/zone.h \
	compiler/array.h \
	compiler/check.c compiler/check.h compiler/checker.h \
	compiler/check_expr.c compiler/check_endpoint.c compiler/check_flow.c compiler/check_fork.c compiler/check_given.c compiler/check_main.c compiler/check_native.c compiler/check_head.c compiler/check_locale.c compiler/check_name.c \
	compiler/check_schedule.c compiler/check_secret.c compiler/check_set.c compiler/check_segment.c compiler/check_split.c compiler/check_const.c compiler/check_default.c compiler/taken.c compiler/taken.h compiler/check_built_in.c compiler/check_site.c compiler/check_step.c \
	compiler/check_stmt.c compiler/check_summary.c \
	compiler/check_statistic.c compiler/measures.c compiler/measures.h compiler/measures.def \
	compiler/csv.c compiler/csv.h compiler/damage.c compiler/damage.h compiler/holidays.c compiler/holidays.h \
	compiler/emit.c compiler/emit.h compiler/endless.c compiler/endless.h \
	compiler/fault_text.c compiler/fault_text.h compiler/flow.c compiler/flow.h \
	compiler/ir.c compiler/ir.h \
	compiler/lower.c compiler/lower.h compiler/lowerer.h \
	compiler/lower_call.c compiler/lower_counter.c compiler/lower_const.c compiler/lower_expr.c compiler/lower_fork.c \
	compiler/lower_native.c compiler/lower_parties.c compiler/lower_site.c \
	compiler/lower_step.c compiler/lower_stmt.c compiler/lower_table.c compiler/lower_until.c compiler/lower_segment.c \
	compiler/regs.c compiler/regs.h \
	compiler/report.c compiler/report.h \
	compiler/schedule.c compiler/schedule.h \
	compiler/one_of.c compiler/one_of.h \
	compiler/scope.c compiler/scope.h \
	compiler/steps.c compiler/steps.h compiler/steps_all.def compiler/steps_checked.def \
	compiler/attributes_all.def compiler/attributes_checked.def \
	compiler/typed.h \
	compiler/trivia.c compiler/trivia.h \
	compiler/types.c compiler/types.h
libcompiler_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(XXHASH_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
libcompiler_la_LIBADD = $(JANSSON_LIBS) $(SQLITE_LIBS)

## flex and bison write into the build directory; parser.h must be there before anything that includes it.
AM_YFLAGS = -d -Wno-yacc
compiler/parser.c compiler/lexer.c: | compiler/$(am__dirstamp)
BUILT_SOURCES += compiler/parser.h
CLEANFILES += compiler/parser.c compiler/parser.h compiler/lexer.c
$(libcompiler_la_OBJECTS): compiler/parser.h

## The explanations of codes, an area a file.
EXPLANATIONS = compiler/explain/E00-files.txt compiler/explain/E01-words.txt compiler/explain/E02-syntax.txt \
	compiler/explain/E03-declarations.txt compiler/explain/E04-names.txt compiler/explain/E05-types.txt \
	compiler/explain/E06-flow.txt compiler/explain/E07-sql.txt compiler/explain/E08-tests.txt \
	compiler/explain/W09-warnings.txt compiler/explain/L-lint.txt
EXTRA_DIST += $(EXPLANATIONS) compiler/explain/make.awk
compiler/explain_texts.def: $(EXPLANATIONS) compiler/explain/make.awk
	$(AM_V_GEN)$(MKDIR_P) compiler && cd $(top_srcdir) && \
		$(AWK) -f compiler/explain/make.awk $(EXPLANATIONS) >$(abs_top_builddir)/$@.tmp && \
		mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
BUILT_SOURCES += compiler/explain_texts.def
CLEANFILES += compiler/explain_texts.def
compiler/libcompiler_la-explain.lo \
	compiler/explain_texts.lo: compiler/explain_texts.def

## The standard library, which the compiler carries with it (LIBRARY of stdlib/local.mk, sorted).
EXTRA_DIST += compiler/library.awk
compiler/library_texts.def: $(LIBRARY) compiler/library.awk
	$(AM_V_GEN)$(MKDIR_P) compiler && cd $(top_srcdir) && \
		LC_ALL=C $(AWK) -f compiler/library.awk $(LIBRARY) >$(abs_top_builddir)/$@.tmp && \
		mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
BUILT_SOURCES += compiler/library_texts.def
CLEANFILES += compiler/library_texts.def
compiler/libcompiler_la-library.lo \
	compiler/library_texts.lo: compiler/library_texts.def

## For vim: the syntax file is made from the scanner's words.
vimsyntaxdir = $(datadir)/vim/vimfiles/syntax
vimftdetectdir = $(datadir)/vim/vimfiles/ftdetect
nodist_vimsyntax_DATA = compiler/vim/syntax/gcx.vim
compiler/vim/syntax/gcx.vim: compiler/vim/make.awk compiler/words.def compiler/vim/template.vim
	$(AM_V_GEN)$(MKDIR_P) compiler/vim/syntax && $(AWK) -f $(top_srcdir)/compiler/vim/make.awk \
		$(top_srcdir)/compiler/words.def $(top_srcdir)/compiler/vim/template.vim >$@.tmp && mv $@.tmp $@
CLEANFILES += compiler/vim/syntax/gcx.vim
EXTRA_DIST += compiler/vim/make.awk compiler/vim/template.vim
dist_vimftdetect_DATA = compiler/vim/ftdetect/gcx.vim

## Under the sanitizers the goldens are read by tests/fuzz/replay.sh, formatted.sh formats, fuzz_aside draws.
PLAIN_TESTS += tests/language/vim.sh tests/language/explain.sh tests/language/fmt.sh tests/language/graph.sh
SCRIPT_TESTS += tests/language/library.sh tests/language/natives.sh tests/language/lint.sh \
    tests/language/run.sh tests/language/cli.sh tests/language/formats.sh tests/language/complete.sh tests/language/bytes.sh \
    tests/language/limits.sh tests/language/lint_near.sh tests/language/mutated.sh
EXTRA_DIST += tests/language tests/lint tests/format

UNIT_TESTS += tests/unit/compiler_any_text tests/unit/compiler_literal \
	tests/unit/compiler_scenario tests/unit/compiler_source
tests_unit_compiler_any_text_SOURCES = tests/unit/compiler_any_text.c
tests_unit_compiler_any_text_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_compiler_any_text_LDADD = libcompiler.la libvm.la $(CRITERION_LIBS) $(SODIUM_LIBS)
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
tests_unit_compiler_sqltext_LDADD = libcompiler.la $(CRITERION_LIBS)
UNIT_TESTS += tests/unit/compiler_types tests/unit/compiler_flow tests/unit/compiler_regs tests/unit/compiler_run
tests_unit_compiler_run_SOURCES = tests/unit/compiler_run.c
tests_unit_compiler_run_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_run_LDADD = $(tests_unit_compiler_any_text_LDADD)
tests_unit_compiler_types_SOURCES = tests/unit/compiler_types.c
tests_unit_compiler_types_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_types_LDADD = libcompiler.la $(CRITERION_LIBS)
tests_unit_compiler_flow_SOURCES = tests/unit/compiler_flow.c
tests_unit_compiler_flow_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_flow_LDADD = libcompiler.la $(CRITERION_LIBS)
tests_unit_compiler_regs_SOURCES = tests/unit/compiler_regs.c
tests_unit_compiler_regs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_compiler_regs_LDADD = libcompiler.la $(CRITERION_LIBS)
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
SCRIPT_TESTS += tests/language/uses.sh tests/language/folders.sh tests/language/diff.sh tests/language/doc.sh
