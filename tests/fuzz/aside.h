/* tests/fuzz/aside.h - What fuzz_aside.c asks of a site and a strategy in one file. */
#ifndef TESTS_FUZZ_ASIDE_H
#define TESTS_FUZZ_ASIDE_H

struct compilation *aside_compiled(const char *site); /* the caller's */
void aside_built(const char *site);                   /* what it is made into can be loaded, or there is a reason */

#endif
