/* compiler/cli/site_rules.h - The rules that a site declares and their levels, for commands that name rules: --rules,
 * --deny, lint --list and explain. */
#pragma once

#include "compiler/cli/command.h"
#include "compiler/compilation.h"
#include "compiler/lint/judge.h"
#include "compiler/lint/own.h"

/* Reads the site alone of the first file that is named, that of --site, or the one of the current folder. The levels of
 * its judge are those with the options. Without a site they are the rules' own. */
struct compilation *site_rules_open(const struct options *, const struct lint_options *);

/* Are these rules, as --rules and --deny have them? Where one is none of gcxc's, the site is asked. False, with the
 * first wrong one and the nearest right one printed. */
bool site_rules_good(const struct options *, const char *rules);
