/* runtime/sim/provision.h - Writes a test's agents and rows for the daemon: directory.sql and a database.
 *
 * This file also reads the DNs of a directory, for calls and loads without a test. */
#pragma once

#include <stdbool.h>

#include "runtime/sim/plan.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"

/* Returns why a test of the image cannot be played over the wire; NULL: it can (virtual_only.c). */
const char *provision_virtual_only(const struct scenario_test *, const struct image *, bool any_date);

/* Returns the only statement of the source that reads a single value, if a row can contain that; else NULL. `of_rows`
 * is set to true if the value can only come from rows of tables. */
struct image_statement;
const struct image_statement *provision_value_statement(const struct image *, const char *source, bool *of_rows);

/* Writes the directory as SQL: the tables and the plan's rows. */
bool provision_directory(const struct plan *, const char *path, struct error *);
/* Makes a SQLite database: executes `schema` (SQL), then inserts the rows for the test's query answers. */
bool provision_database(const struct scenario_test *, const struct image *, const char *schema, const char *path,
                        struct error *);

/* Calls `each` for every DN of a directory in SQL. */
bool provision_dns(const char *path, void (*each)(void *self, const char *dn, enum dn_type), void *self,
                   struct error *);
/* Calls `each` for every queue with its name and DN. */
bool provision_queues(const char *path, void (*each)(void *self, const char *name, const char *dn), void *self,
                      struct error *);
