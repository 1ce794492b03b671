/* runtime/adapters/sip/number.h - The number that a sip: or tel: URI names. */
#pragma once

#include <stddef.h>

#include "runtime/adapters/sip/ua/libre.h"

/* Copies the number, if the URI names a number or a plain name; else "". */
void number_of_uri(const struct uri *, char *number, size_t size);
