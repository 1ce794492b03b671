/* runtime/daemon/check/check.h - Checks a configuration before anything is opened: the checks of each start, and the
 * whole of `gcxvm --check`, which follows a call, a mail and a text through the site.
 *
 * Keeps nothing after a call. Findings go to standard error, one sentence each with file and line. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/site/conf.h"

/* True: gcxvm and its adapters would start with these settings. `plugins`: the adapters' plugins are asked, too. */
bool check_start(const struct conf *, bool plugins);
/* Checks as check_start() does, and also strategies, directory, this machine, and whether all of them fit together.
 * Prints that the configuration is good, or how many warnings it has. False: something would fail. */
bool check_site(const struct conf *);
