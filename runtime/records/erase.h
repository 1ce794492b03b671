/* runtime/records/erase.h - gcxrecords --erase deletes a person's rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Deletes all rows of the interactions whose caller, called number or party is this, in any form (person.h; `country`
 * as there), or in whose data that text is. It works on a database only: a file of lines is refused. In one
 * transaction, also beside a gcxrecords that writes. Then the text is in no free page and no log of SQLite; false where
 * somebody reads for so long that it still is. */
bool records_erase(const char *target, const char *person, const char *country, uint64_t *interactions, uint64_t *rows,
                   struct error *);
