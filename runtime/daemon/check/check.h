/* runtime/daemon/check/check.h - Judges a configuration before anything is opened: what each start asks, and the whole
 * of `gcxvm --check`, which goes the way of a call, a mail and a text through the site.
 *
 * Owns nothing beyond a call. Findings go to standard error, a sentence each with file and line. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/site/conf.h"

/* Would gcxvm and its adapters start with these settings? `plugins`: the adapters' plugins are asked, too. */
bool check_start(const struct conf *, bool plugins);
/* Checks as check_start() does, and also strategies, directory, this machine, and whether all of them fit together.
 * Says on standard output that the configuration is good, or how many warnings it has. False: something would fail. */
bool check_site(const struct conf *);
