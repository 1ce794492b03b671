/* runtime/daemon/check/check.h - Judges a configuration before anything is opened: what each start asks, and the whole
 * of `gcxvm --check`, which goes the way of a call, a mail and a text through the site.
 *
 * Owns nothing beyond a call. Findings go to standard error, a sentence each with file and line. */
#pragma once

#include <stdbool.h>

#include "runtime/daemon/site/conf.h"

/* Would gcxvm and its adapters begin with these settings? `plugins`: the adapters' plugins are asked, too. */
bool check_start(const struct conf *, bool plugins);
/* The same, with strategies and directory, what is on this machine, and how all of it goes together. Says that the
 * configuration is good, or with how many warnings, on standard output. False: something would fail. */
bool check_site(const struct conf *);
