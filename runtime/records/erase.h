/* runtime/records/erase.h - gcxrecords --erase deletes a person's rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Deletes all rows of the interactions whose caller, called number or party is this person, in any form (person.h;
 * `country` as there), or whose data contain that text. Works on a database only: a file of lines is refused. All rows
 * are deleted in one transaction, even while a gcxrecords is writing. Afterwards the text is in no free page and no log
 * of SQLite; false: another reader of the database was active for so long that the log still has the text. */
bool records_erase(const char *target, const char *person, const char *country, uint64_t *interactions, uint64_t *rows,
                   struct error *);
