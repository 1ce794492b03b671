/* runtime/daemon/erasing.h - gcxvm --erase: makes the data of one person in the state folder unreadable, except what
 * a start needs, and prints what is left. */
#pragma once

#include <stdbool.h>

struct conf;

/* `person`: a number, with or without + or a scheme, or an address. Also works while a gcxvm is running. Prints what
 * was found, what is erased, and what is left until when, and adds a line to STATE/erasures.log. */
bool erasing_run(const struct conf *, const char *person);
