/* runtime/sim/provision.h - A test's people and rows, written for the daemon: directory.sql and a database.
 *
 * Also reads the DNs of a directory, for calls and loads that no test describes. */
#pragma once

#include <stdbool.h>

#include "runtime/sim/plan.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/error.h"

/* Why a test of the image cannot be played over the wire, or NULL where it can (virtual_only.c). */
const char *provision_virtual_only(const struct scenario_test *, const struct image *, bool any_date);

/* The one statement of the source that asks for a single value, where a row can have it; else NULL. `of_rows`: such a
 * value comes out of tables only, if at all. */
struct image_statement;
const struct image_statement *provision_value_statement(const struct image *, const char *source, bool *of_rows);

/* The directory as SQL: the tables and the plan's rows. */
bool provision_directory(const struct plan *, const char *path, struct error *);
/* A SQLite database: `schema` (SQL) executed, then the rows that the test's query answers imply. */
bool provision_database(const struct scenario_test *, const struct image *, const char *schema, const char *path,
                        struct error *);

/* Calls `each` for every DN of a directory in SQL. */
bool provision_dns(const char *path, void (*each)(void *self, const char *dn, enum dn_type), void *self,
                   struct error *);
/* And for every queue: its name and DN. */
bool provision_queues(const char *path, void (*each)(void *self, const char *name, const char *dn), void *self,
                      struct error *);
