/* compiler/lint/judge.h - Which rules hold in which file, and how severe their findings are: one judge for every tool.
 *
 * Rules are those of lint (L0101), the warnings of the checker (W0913), and the site's own. The site's `lint { }` sets
 * their levels, and after it the options --rules and --deny of the command line. check, build, lint, tests and the
 * editor ask the same judge, so that all say the same; only lint and the editor tell of what lint finds and is no
 * error. */
#pragma once

#include "compiler/lint/lint.h"

struct judge;
struct own_rules;

enum judge_level { JUDGE_OFF, JUDGE_NOTE, JUDGE_WARNING, JUDGE_ERROR };
const char *judge_level_word(enum judge_level);

/* Reads the levels of the site, and reports what is wrong in them. `options` may be NULL: as for check. */
struct judge *judge_new(struct program *, const struct lint_options *options);

/* May a rule of lint find something in any file? The argument is an index as of lint_rule(). */
bool judge_runs(const struct judge *, size_t rule);

/* Returns the highest level of a rule in any file: of lint, or of the checker; `own`: of that rule of the site.
 * `places`, if not NULL: set to whether a line with `in` names it. */
enum judge_level judge_level_of(const struct judge *, enum diag_code, const struct diag_own *own, bool *places);

/* Returns the rules that the site declares, except those with a mistake. */
const struct own_rules *judge_own(const struct judge *);

/* Returns the path of a file below the site's folder, or as it was named where it is not below that. */
const char *judge_path(const struct judge *, const char *path);

/* Returns the first item of --rules or --deny that names no rule, neither of gcxc nor of the site; NULL: there is none.
 */
const char *judge_items_wrong(const struct judge *, const char *rules);

/* Drops findings that a remark allows, and findings in files where their rule is off; sets the levels of the others.
 * `linted`: the rules of lint have run, so that a remark that allows nothing is a finding. */
void judge_apply(struct judge *, bool linted);
