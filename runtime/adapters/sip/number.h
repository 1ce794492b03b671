/* runtime/adapters/sip/number.h - The number that a sip: or tel: URI names. */
#ifndef SIP_NUMBER_H
#define SIP_NUMBER_H

#include <stddef.h>

#include "runtime/adapters/sip/ua/libre.h"

/* The number, as far as it is a number or a plain name; "" where it is none. */
void number_of_uri(const struct uri *, char *number, size_t size);

#endif
