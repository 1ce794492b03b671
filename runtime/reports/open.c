/* runtime/reports/open.c - Opens the records' database, and makes sure that it has the views of this program. */
#include "runtime/reports/open.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/sql/schema.h"
#include "runtime/vocabulary/target.h"

static bool reports_version(struct sql *sql, struct error *error)
{
    int64_t version;
    bool there;
    if (!sql_table_there(sql, "gcx_records", &there, error)) return false;
    if (!there) return error_set(error, ERROR_STATE, "the database has no records: gcxrecords writes them");
    if (!sql_find(sql, error, &version, &there, "SELECT version FROM gcx_records", SQL_NONE)) return false;
    if (there && version == VERSION_gcx_records) return true;
    if (there && version < VERSION_gcx_records)
        return error_set(error, ERROR_VERSION,
                         "the records are of version %" PRId64
                         ", and reports are made from version %d: start the gcxrecords of this version, which brings "
                         "them forward",
                         version, VERSION_gcx_records);
    return error_set(error, ERROR_VERSION,
                     "the records are of version %" PRId64 ", and this gcxrecords knows version %d: use a later one",
                     version, VERSION_gcx_records);
}

/* SQLite would make a missing file. */
struct sql *reports_open(const char *target, struct error *error)
{
    struct stat info;
    const char *file = target_file(target);
    if (file && (stat(file, &info) != 0 || !S_ISREG(info.st_mode))) {
        error_set(error, ERROR_UNKNOWN, "there is no file %.200s", file);
        return NULL;
    }
    if (file && access(file, W_OK) != 0) {
        error_set(error, ERROR_DENIED,
                  "%.150s: this user may not write it, and who reads a SQLite file takes part in its log: run this as "
                  "the user of gcxrecords",
                  file);
        return NULL;
    }
    struct sql *sql = sql_open(target, "the records' database", error);
    if (sql && reports_version(sql, error)) return sql;
    sql_close(sql);
    return NULL;
}
