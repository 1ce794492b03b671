/* runtime/adapters/sip/number.h - The number that a sip: or tel: URI names. */
#pragma once

#include <stddef.h>

#include "runtime/adapters/sip/ua/libre.h"

/* The number, as far as it is a number or a plain name; "" where it is none. */
void number_of_uri(const struct uri *, char *number, size_t size);
