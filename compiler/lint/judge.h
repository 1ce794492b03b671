/* compiler/lint/judge.h - Which rules hold in which file, and how severe their findings are: one judge for every tool.
 *
 * Rules are those of lint (L0101) and the warnings of the checker (W0913). The site's `lint { }` sets their levels, and
 * after it the options --rules and --deny of the command line. check, build, lint, tests and the editor ask the same
 * judge, so that all say the same; only lint and the editor tell of what lint finds and is no error. */
#pragma once

#include "compiler/lint/lint.h"

struct judge;

/* Reads the levels of the site, and reports what is wrong in them. `options` may be NULL: as for check. */
struct judge *judge_new(struct program *, const struct lint_options *options);

/* May a rule of lint find something in any file? The argument is an index as of lint_rule(). */
bool judge_runs(const struct judge *, size_t rule);

/* Is the rule on by itself and by the options, without a site? */
bool judge_preset(const struct lint_options *, size_t rule);

/* Drops what remarks allow, and what is off where it is found; sets the levels of the rest. `linted`: the rules of lint
 * have run, so that a remark that allows nothing is a finding. */
void judge_apply(struct judge *, bool linted);
