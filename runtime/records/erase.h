/* runtime/records/erase.h - gcxrecords --erase: a person's rows go. */
#ifndef RECORDS_ERASE_H
#define RECORDS_ERASE_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/error.h"

/* Deletes all rows of the interactions whose caller, called number or party is this, with or without a + in front. Of a
 * database only: a file of lines is refused. In one transaction, also beside a gcxrecords that writes. */
bool records_erase(const char *target, const char *person, uint64_t *interactions, uint64_t *rows, struct error *);

#endif
