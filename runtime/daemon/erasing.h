/* runtime/daemon/erasing.h - gcxvm --erase: what the state folder has of one person becomes unreadable, as far as no
 * start needs it; and what is left is told. */
#pragma once

#include <stdbool.h>

struct conf;

/* `person`: a number, with or without + or a scheme, or an address. Also beside a gcxvm that runs. Prints what was
 * found, what is erased, and what is left until when, and adds a line to STATE/erasures.log. */
bool erasing_run(const struct conf *, const char *person);
