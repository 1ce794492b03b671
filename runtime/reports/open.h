/* runtime/reports/open.h - Opens the records' database for a report. A report only reads. */
#pragma once

#include "runtime/sql/sql.h"

/* A database that is missing, or has tables of another version, is refused: nothing is made or changed. NULL with the
 * reason. */
struct sql *reports_open(const char *target, struct error *);
