/* tests/unit/names.h - What this machine's resolver says while a test runs: getaddrinfo() is the test's own where a
 * name is asked for. Numbers are read as ever. */
#pragma once

#include <stdbool.h>

/* From now on every name has these addresses, with commas; NULL: there is no such name. */
void names_are(const char *addresses);
void names_hold(bool hold); /* whoever asks waits until it is false again */
unsigned names_asked(void); /* how many have asked so far */
