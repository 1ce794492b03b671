/* compiler/cli/site_rules.h - The rules that a site declares and their levels, for commands that name rules: --rules,
 * --deny, lint --list and explain. */
#pragma once

#include "compiler/cli/command.h"
#include "compiler/compilation.h"
#include "compiler/lint/judge.h"
#include "compiler/lint/own.h"

/* Reads only the site: that of the first named file, that of --site, or that of the current folder. Its judge has the
 * levels that the site and the options give, or without a site the rules' own levels. */
struct compilation *site_rules_open(const struct options *, const struct lint_options *);

/* Are these the names of rules, as --rules and --deny take them? A name that is no rule of gcxc may be a rule of the
 * site. False: the first wrong name was printed, with the nearest right one. */
bool site_rules_good(const struct options *, const char *rules);
