/* tests/fuzz/aside.h - What fuzz_aside.c asks of a site and a strategy in one file. */
#pragma once

struct compilation *aside_compiled(const char *site); /* the caller's */
void aside_built(const char *site);                   /* what it is made into can be loaded, or there is a reason */
